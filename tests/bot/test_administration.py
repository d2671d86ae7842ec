"""Switching the assistant on, connectors that cannot do harm, and the report through their doors."""

import json
import sqlite3

import pytest

from madoguchi.bot import actions, selecting
from madoguchi.bot.connectors import look_up
from madoguchi.bot.models import Assistant, Connector, Dialogue, Turn
from madoguchi.foundation import clock, outgoing
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Invalid, Upstream
from madoguchi.foundation.models import AuditEntry
from madoguchi.tickets.models import Message
from madoguchi.workplace.models import Brand

SAVE = {"is_active": "on", "name": "Hoshi", "languages": ["ja", "de"], "hours": "closed", "quiet_days": "5"}


@pytest.fixture
def admin(cast, sign_in):
    return sign_in(cast.admin)


def test_an_assistant_is_switched_on_and_the_audit_log_knows(admin):
    brand = Brand.objects.get(is_default=True)
    assert "Switched off" in admin.get("/settings/assistant/").content.decode()
    assert admin.post(f"/settings/assistant/brands/{brand.pk}/", SAVE).status_code == 302
    row = Assistant.objects.get()
    assert (row.is_active, row.name, row.languages, row.hours, row.quiet_days) == (True, "Hoshi", ["de", "ja"], "closed", 5)
    assert "Switched on" in admin.get("/settings/assistant/").content.decode()
    assert AuditEntry.objects.filter(action="bot.assistant_saved").exists()


def test_an_agent_may_not(cast, sign_in):
    assert sign_in(cast.hana).get("/settings/assistant/").status_code == 403


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/orders/{order}", "http://169.254.169.254/", "file:///etc/passwd", "http://localhost:8000/", "nonsense"]
)
def test_a_service_inside_the_house_is_refused(admin, url):
    response = admin.post("/settings/assistant/connectors/order/", {"kind": "rest", "url": url, "is_active": "on"})
    assert response.status_code in {200, 422}
    assert not Connector.objects.exists()


def test_a_connectors_secret_is_ciphertext_and_kept_when_the_field_stays_empty(admin):
    fields = {"kind": "rest", "url": "https://shop.example.com/o/{order}", "is_active": "on"}
    admin.post("/settings/assistant/connectors/order/", {**fields, "secret": "top-secret-token"})
    row = Connector.objects.get()
    assert "top-secret-token" not in row.secret
    assert "top-secret-token" not in admin.get("/settings/assistant/connectors/order/").content.decode()
    admin.post("/settings/assistant/connectors/order/", fields)
    assert Connector.objects.get().secret == row.secret
    assert "top-secret-token" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    "query", ["DELETE FROM orders", "SELECT 1; DROP TABLE orders", "UPDATE x SET a=1", "", "SELECT :password", "PRAGMA writable_schema=1"]
)
def test_only_one_select_with_known_names_is_taken(db, query, tmp_path):
    with pytest.raises(Invalid):
        actions.save_connector(by=SYSTEM, operation="order", kind="sql", is_active=True, query=query, secret=f"sqlite:///{tmp_path}/shop")


@pytest.fixture
def shop_file(tmp_path):
    path = tmp_path / "shop.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id TEXT, status TEXT, mail TEXT, detail TEXT)")
        connection.execute("INSERT INTO orders VALUES ('A1234', 'shipped', 'Ruth@Customer.example', 'Parcel 7')")
    connection.close()
    return path


def test_an_order_from_a_database_is_given_only_to_its_owner(cast, shop_file):
    query = "SELECT status, mail, detail FROM orders WHERE id = :order"
    actions.save_connector(by=SYSTEM, operation="order", kind="sql", is_active=True, query=query, secret=f"sqlite:///{shop_file}")
    ticket = cast.ticket()

    def ask(**slots):
        return look_up("order", slots, ticket=ticket, language="en")

    assert ask(order="A1234", contact="ruth@customer.example") == {"status": "shipped", "detail": "Parcel 7"}
    assert ask(order="A1234", contact="eve@customer.example") is None
    assert ask(order="A1234", contact="") is None
    assert ask(order="' OR 1=1 --", contact="ruth@customer.example") is None


def test_a_database_cannot_be_written_and_a_slow_query_ends(shop_file, monkeypatch):
    with pytest.raises(Upstream):
        selecting.first_row(f"sqlite:///{shop_file}", "WITH x AS (SELECT 1) INSERT INTO orders SELECT 'B','x','y','z' FROM x", {})
    monkeypatch.setattr(selecting, "SECONDS", 0.2)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(Upstream):
        selecting.first_row(f"sqlite:///{shop_file}", endless, {})


def test_a_service_gets_quoted_values_and_what_it_says_is_bounded(cast, monkeypatch):
    actions.save_connector(by=SYSTEM, operation="order", kind="rest", is_active=True, url="https://shop.example.com/o/{order}", secret="t")
    called = []

    def request(method, url, *, timeout, headers):
        called.append((method, url, headers["Authorization"]))
        body = {"status": "shipped", "mail": "ruth@customer.example", "detail": "x" * 5000, "card": "4111111111111111"}
        return outgoing.Answer(200, {}, json.dumps(body).encode(), 0.1)

    monkeypatch.setattr(outgoing, "request", request)
    slots = {"order": "../admin?x=1", "contact": "ruth@customer.example"}
    found = look_up("order", slots, ticket=cast.ticket(), language="en")
    assert called == [("GET", "https://shop.example.com/o/..%2Fadmin%3Fx%3D1", "Bearer t")]
    assert set(found) == {"status", "detail"}
    assert len(found["detail"]) == 300


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (200, b"[]"), (200, b"<html>"), (302, b"")])
def test_a_service_that_answers_nonsense_is_away_and_not_empty(cast, monkeypatch, status, body):
    actions.save_connector(by=SYSTEM, operation="product", kind="rest", is_active=True, url="https://shop.example.com/p/{product}")
    monkeypatch.setattr(outgoing, "request", lambda *_args, **_more: outgoing.Answer(status, {}, body, 0.1))
    with pytest.raises(Upstream):
        look_up("product", {"product": "x"}, ticket=cast.ticket(), language="en")


def test_the_report_counts_and_a_person_marks_what_was_wrong(cast, admin, sign_in, write):
    write("parcels", en=("Where is my parcel?", "Two days."))
    ticket = cast.ticket(team=cast.orders)
    now = clock.now()
    dialogue = Dialogue.objects.create(ticket=ticket, language="en", state="resolved", started_at=now, last_at=now)
    message = Message.objects.get(ticket=ticket)
    turn = Turn.objects.create(dialogue=dialogue, message=message, kind="answer", slug="parcels", at=now)
    page = admin.get("/settings/assistant/report/").content.decode()
    assert "100 %" in page
    hana = sign_in(cast.hana, script=True)
    assert "Told by the assistant" in hana.get(f"/tickets/{ticket.pk}/suggestion").content.decode()
    assert sign_in(cast.kenji, script=True).post(f"/suggestions/turns/{turn.pk}/wrong", {"wrong": "yes"}).status_code == 404
    assert hana.post(f"/suggestions/turns/{turn.pk}/wrong", {"wrong": "yes"}).status_code == 204
    turn.refresh_from_db()
    assert turn.wrong_by == cast.hana
    assert "chip--danger" in admin.get("/settings/assistant/report/").content.decode()
    hana.post(f"/suggestions/turns/{turn.pk}/wrong", {"wrong": "no"})
    turn.refresh_from_db()
    assert turn.wrong_at is None
