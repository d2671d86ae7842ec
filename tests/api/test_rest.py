"""The REST API through HTTP: what a token may do, errors as problems, writes done once, pages by cursor."""

import json

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.staff import actions as staff
from madoguchi.tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def call(client, cast):
    tokens = {}

    def send(method, path, body=None, *, by="admin", **headers):
        agent = getattr(cast, by)
        if by not in tokens:
            tokens[by] = staff.create_token(agent=agent, name="test", by=SYSTEM)
        head = {"Authorization": f"Bearer {tokens[by]}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        data = json.dumps(body) if body is not None else ""
        answer = client.generic(method, API + path, data, content_type="application/json", headers=head)
        return answer.status_code, answer.json()

    return send


NEW = {
    "customer": {"email": "Neu@Customer.example", "name": "王 晓岚"},
    "subject": "退款",
    "text": "退款什么时候到账？",
    "tags": ["refund"],
}


def test_without_a_token_everything_is_a_problem(client, cast):
    answer = client.get(API + "tickets")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorized"


def test_a_ticket_is_made_listed_read_and_answered(call, cast):
    status, ticket = call("POST", "tickets", NEW)
    assert (status, ticket["subject"], ticket["tags"], ticket["customer"]["name"]) == (201, "退款", ["refund"], "王 晓岚")
    status, page = call("GET", "tickets")
    assert [row["id"] for row in page["items"]] == [ticket["id"]]
    status, message = call("POST", f"tickets/{ticket['id']}/messages", {"text": "已退款"})
    assert (status, message["direction"], message["delivery"]) == (201, "out", "waiting")
    status, messages = call("GET", f"tickets/{ticket['id']}/messages")
    assert [m["direction"] for m in messages["items"]] == ["in", "out"]
    assert messages["items"][0]["reply_text"] == NEW["text"]
    assert messages["items"][0]["from"] == "王 晓岚 <neu@customer.example>"
    assert call("GET", f"tickets/{ticket['id']}")[1]["status"] == "waiting_customer"


def test_search_finds_one_character(call, cast):
    cast.ticket(customer=cast.chinatsu, subject="返品について", text="返品送料はいくらですか。")
    status, found = call("GET", "search?q=返")
    assert (status, len(found["items"])) == (200, 1)
    assert "返品" in found["items"][0]["snippet"] or "返品" in found["items"][0]["ticket"]["subject"]


def test_a_ticket_is_changed_in_one_go_or_not_at_all(call, cast):
    ticket = cast.ticket()
    status, body = call(
        "PATCH", f"tickets/{ticket.pk}", {"priority": "high", "assignee": "hana@hoshizora.example", "team": "Orders", "tags": ["a"]}
    )
    assert (status, body["priority"], body["assignee"]["name"], body["team"]["name"], body["tags"]) == (
        200,
        "high",
        "Hana Mori",
        "Orders",
        ["a"],
    )
    status, body = call("PATCH", f"tickets/{ticket.pk}", {"priority": "low", "assignee": "nobody@x.example"})
    assert (status, body["code"]) == (404, "not_found")
    ticket.refresh_from_db()
    assert ticket.priority == 3
    assert call("PATCH", f"tickets/{ticket.pk}", {"status": "closed"})[0] == 409


def test_a_ticket_that_is_given_away_is_answered_once_more(call, cast):
    ticket = cast.ticket(team=cast.orders)
    status, body = call("PATCH", f"tickets/{ticket.pk}", {"team": "Repairs"}, by="hana")
    assert (status, body["team"]["name"]) == (200, "Repairs")
    assert call("GET", f"tickets/{ticket.pk}", by="hana")[0] == 404


def test_another_teams_agent_sees_nothing_of_it(call, cast):
    ticket = cast.ticket(team=cast.repairs)
    assert call("GET", f"tickets/{ticket.pk}", by="hana")[0] == 404
    assert call("GET", f"tickets/{ticket.pk}/messages", by="hana")[0] == 404
    assert call("POST", f"tickets/{ticket.pk}/messages", {"text": "x"}, by="hana")[0] == 404
    assert call("GET", "tickets", by="hana")[1]["items"] == []


def test_a_role_without_the_permission_is_refused(call, cast):
    ticket = cast.ticket(team=cast.orders)
    assert call("POST", "tickets", NEW, by="observer")[0] == 403
    assert call("POST", f"tickets/{ticket.pk}/messages", {"text": "x"}, by="observer")[0] == 403
    assert call("GET", "events", by="hana")[0] == 403
    assert call("GET", "webhooks", by="supervisor")[0] == 403
    assert not Message.objects.filter(direction="out").exists()


def test_notes_are_not_told_to_roles_that_may_not_read_them(call, cast):
    ticket = cast.ticket(team=cast.orders)
    call("POST", f"tickets/{ticket.pk}/messages", {"text": "intern", "kind": "note"})
    assert len(call("GET", f"tickets/{ticket.pk}/messages", by="hana")[1]["items"]) == 2
    assert len(call("GET", f"tickets/{ticket.pk}/messages", by="observer")[1]["items"]) == 1


def test_the_same_write_with_the_same_key_is_done_once(call, cast):
    first = call("POST", "tickets", NEW, Idempotency_Key="abc")
    assert call("POST", "tickets", NEW, Idempotency_Key="abc") == first
    assert Ticket.objects.count() == 1
    status, body = call("POST", "tickets", NEW | {"subject": "other"}, Idempotency_Key="abc")
    assert (status, body["code"]) == (422, "invalid")
    assert call("POST", "tickets", NEW, Idempotency_Key="def")[0] == 201
    assert Ticket.objects.count() == 2


def test_a_refused_write_does_not_use_up_its_key(call, cast):
    assert call("POST", "tickets", NEW | {"mailbox": "no@such.example"}, Idempotency_Key="k")[0] == 404
    assert call("POST", "tickets", NEW, Idempotency_Key="k")[0] == 201


def test_pages_follow_each_other_by_cursor_without_gaps(call, cast):
    numbers = {cast.ticket(subject=f"T{n}").pk for n in range(7)}
    seen, cursor = [], ""
    while True:
        _status, page = call("GET", f"tickets?limit=3&cursor={cursor}")
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(seen) == 7
    assert set(seen) == numbers
    assert call("GET", "tickets?cursor=rubbish")[0] == 404
    assert call("GET", "customers?cursor=rubbish")[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nothing/here", None, 404),
        ("GET", "tickets/999999", None, 404),
        ("GET", "tickets/99999999999999999999", None, 404),
        ("DELETE", "tickets", None, 405),
        ("POST", "tickets", {"subject": "x"}, 422),
        ("POST", "tickets", NEW | {"customer": {"email": "no address"}}, 422),
        ("GET", "tickets?limit=0", None, 422),
        ("GET", "tickets?stauts=open", None, 422),
        ("POST", "tickets?dry_run=1", NEW, 422),
        ("GET", "search?q=", None, 422),
        ("POST", "webhooks", {"url": "http://169.254.169.254/latest"}, 403),
        ("POST", "webhooks", {"url": "https://hooks.example/x", "events": ["no.such"]}, 422),
    ],
)
def test_bad_input_is_a_problem_and_changes_nothing(call, cast, method, path, body, status):
    code, answer = call(method, path, body)
    assert code == status, answer
    assert answer["status"] == status
    assert answer["title"]
    assert not Ticket.objects.exists()


def test_too_many_calls_are_told_when_to_come_back(call, cast, settings, client):
    settings.API_CALLS_PER_MINUTE = 3
    with clock.frozen(clock.now()):
        codes = [call("GET", "tickets")[0] for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]


def test_customers_are_made_found_and_changed(call, cast):
    status, customer = call("POST", "customers", {"name": "Jürgen Müller", "email": "jm@customer.example"})
    assert status == 201
    assert call("GET", "customers?q=Mueller")[1]["items"][0]["id"] == customer["id"]
    assert call("PATCH", f"customers/{customer['id']}", {"language": "de"})[1]["language"] == "de"
    assert call("POST", "customers", {"email": "jm@customer.example"})[0] == 409


def test_the_description_is_openapi_3_1(client, cast):
    described = client.get(API + "openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert "/api/v1/tickets/{ticket_id}/messages" in described["paths"]
