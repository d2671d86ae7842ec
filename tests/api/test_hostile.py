"""The API under attack, and under integrators who took its description at its word."""

import base64
import json

import pytest
from django.utils.module_loading import autodiscover_modules

from madoguchi.api.models import IdempotentAnswer, WebhookDelivery
from madoguchi.foundation import jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.events import fan_out
from madoguchi.staff import actions as staff
from madoguchi.tickets.models import Ticket

pytestmark = pytest.mark.django_db
API = "/api/v1/"
NEW = {"customer": {"email": "neu@customer.example"}, "subject": "x", "text": "x"}


@pytest.fixture
def call(client, cast):
    token = staff.create_token(agent=cast.admin, name="test", by=SYSTEM)

    def send(method, path, body=b"", *, query=None, kind="application/json", **headers):
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        head = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return client.generic(method, API + path, data, content_type=kind, headers=head, query_params=query)

    return send


def refused(answer, *status):
    assert answer.status_code in status, (answer.status_code, answer.content[:300])
    assert answer["Content-Type"] == "application/problem+json"
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b"\x00", b"[" * 200_000, b'{"a":' * 100_000, b"NaN", b"1" * 50_000,
        b'{"customer": {"email": "a@b.example"}, "subject": "x", "text": NaN}', b'{"customer": 1, "subject": [], "text": {}}',
        b'{"customer": {"email": "a@b.example"}, "subject": "x", "text": "\\ud800"}',
        b'{"customer": {"email": "a@b.example"}, "subject": "\\u0000", "text": "x"}',
        b'{"customer": {"email": "a@b.example\\r\\nBcc: c@d.example"}, "subject": "x", "text": "x"}',
        b'{"customer": {"email": "a@b.example"}, "subject": "x", "text": "x", "acknowledge": "yes"}',
        b'{"customer": {"email": "a@b.example"}, "subject": "x", "text": "x", "status": "closed"}',
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)  # fmt: skip
def test_a_body_that_is_none_is_refused(call, body):
    refused(call("POST", "tickets", body), 400, 422)
    assert not Ticket.objects.exists()


def test_a_body_that_is_too_large_is_refused_unread(call):
    refused(call("POST", "tickets", NEW | {"text": "x" * (2 * 2**20)}), 413)
    refused(call("POST", "webhooks", b" " * (13 * 2**20)), 413)


CURSORS = [
    "AAAA", "....", "=", "%00", "🙂", "a" * 500, "aWQ6LTE", "-1.-1", "0.0", "999999999999999999.1", "1.999999999999999999",
    "٣.٣", "9" * 18 + "." + "9" * 18,
    *(base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in (
        "0001-01-01T00:00:00+23:59 1", "9999-12-31T23:59:59-23:59 1", "2026-11-25T00:00:00 1", "2026-11-25T00:00:00+00:00 -1", "id:1.5",
        "id:99999999999999999999", "2026-11-25T00:00:00+00:00 1 OR 1=1", "x 1", "id:1;DROP TABLE",
    )),
]  # fmt: skip


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize(
    "path", ["tickets", "tickets?q=late", "tickets?q=status:new", "search?q=late", "search?q=status:new", "customers", "events", "webhooks"]
)
def test_a_cursor_that_was_made_up_leads_nowhere(call, cast, path, cursor):
    cast.ticket()
    path, _, q = path.partition("?q=")
    answer = call("GET", path, query={"cursor": cursor} | ({"q": q} if q else {}))
    if answer.status_code != 200:
        refused(answer, 404, 422)


@pytest.mark.parametrize("q", ["\x00", "a\x00b", "'", '"', "%", "\\", "before:0001-01-01", "after:9999-12-31", "on:9999-12-31", "on:0001-01-01", "before:x", "team:99999999999999999999", "assignee:99999999999999999999", "tag:\x00", "team:\x00", "(" * 300, "NEAR(a b)", "a* OR b", "9" * 300, "#999999999999", "status:", "-x"])  # fmt: skip
@pytest.mark.parametrize("path", ["tickets", "search", "customers"])
def test_any_words_can_be_looked_for(call, cast, path, q):
    cast.ticket()
    answer = call("GET", path, query={"q": q})
    if answer.status_code != 200:
        refused(answer, 422)


@pytest.mark.parametrize("field", ["team", "assignee", "subject", "tags", "kind"])
@pytest.mark.parametrize("value", ["\x00", "a\x00", "\ud800x", "x" * 600, "\r\nBcc: a@b.example"])
def test_any_text_in_a_change_is_kept_or_refused(call, cast, field, value):
    ticket = cast.ticket()
    answer = call("PATCH", f"tickets/{ticket.pk}", {field: [value] if field == "tags" else value})
    if answer.status_code != 200:
        refused(answer, 404, 409, 422)


@pytest.mark.parametrize("key", ["x" * 201, "a\tb", "\x7f", "ünï"])
def test_a_key_that_is_none(call, key):
    answer = call("POST", "tickets", NEW, Idempotency_Key=key)
    if answer.status_code != 201:
        refused(answer, 422)


def test_a_line_break_in_a_subject_or_name_is_no_header(call, cast):
    answer = call(
        "POST",
        "tickets",
        NEW | {"subject": "x\r\nBcc: victim@x.example", "customer": {"email": "n@customer.example", "name": "N\r\nCc: victim@x.example"}},
    )
    assert answer.status_code == 201
    ticket = Ticket.objects.get()
    assert "\n" not in ticket.subject
    assert "\n" not in ticket.customer.name
    call("PATCH", f"tickets/{ticket.pk}", {"subject": "y\nBcc: victim@x.example"})
    ticket.refresh_from_db()
    assert "\n" not in ticket.subject


def test_a_key_belongs_to_one_request(call, cast):
    ticket = cast.ticket()
    assert call("POST", "tickets", NEW, Idempotency_Key="k").status_code == 201
    refused(call("POST", "tickets", NEW | {"subject": "y"}, Idempotency_Key="k"), 422)
    refused(call("POST", f"tickets/{ticket.pk}/messages", {"text": "x"}, Idempotency_Key="k"), 422)
    refused(call("POST", "tickets?x=1", NEW, Idempotency_Key="k"), 422)


def test_a_secret_is_not_kept_in_the_clear_for_repeated_answers(call, cast):
    first = call("POST", "webhooks", {"url": "https://hooks.example.com/x"}, Idempotency_Key="k").json()
    again = call("POST", "webhooks", {"url": "https://hooks.example.com/x"}, Idempotency_Key="k").json()
    assert first["secret"].startswith("whsec_")
    assert again == first
    assert first["secret"] not in str(IdempotentAnswer.objects.values().get())


def test_texts_do_not_travel_to_webhooks(call, cast):
    ticket = cast.ticket()
    call("POST", "webhooks", {"url": "https://hooks.example.com/x"})
    call("PATCH", f"tickets/{ticket.pk}", {"subject": "Diagnose: geheim", "priority": "high"})
    autodiscover_modules("jobs")
    fan_out()
    jobs.run_until_empty(queues=("default",))
    bodies = [json.loads(body)["data"] for body in WebhookDelivery.objects.values_list("body", flat=True)]
    assert {body.get("field") for body in bodies} == {"subject", "priority"}
    assert "geheim" not in str(bodies)
    assert "Where is my order" not in str(bodies)


def test_a_status_and_words_both_narrow(call, cast):
    cast.ticket(subject="late one", status="solved", unsolved=False)
    open_one = cast.ticket(subject="late two")
    for q in ("late", 'late "', '"late', "late status:solved"):
        found = call("GET", "tickets", query={"q": q, "status": "new"}).json()["items"]
        assert [row["id"] for row in found] in ([open_one.pk], []), q


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com:10443/x", "https://hooks.example.com:65535/", "https://hooks.example.com/a?b=c"]
)
def test_any_port_may_be_called(call, url):
    assert call("POST", "webhooks", {"url": url}).status_code == 201


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com:65536/",
        "https://a@hooks.example.com/",
        "https://127.1/",
        "https://0x7f000001/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "http://localhost/",
        "file:///etc/passwd",
        "https://hooks.example.com/\r\nX: y",
        "https://hooks.example.com/ x",
    ],
)
def test_other_addresses_are_refused(call, url):
    refused(call("POST", "webhooks", {"url": url}), 403, 422)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "PROPFIND"])
def test_other_methods_are_told(call, method):
    answer = call(method, "tickets")
    assert answer.status_code in {200, 405}


def test_an_address_of_many_lines_is_a_problem_too(call):
    for path in ("deliveries/%0Ax/replay", "x%0Ay", "%0A", "tickets/1%0A"):
        refused(call("POST", path), 404, 405)


def test_a_body_of_unknown_length_is_asked_for_its_length(call):
    refused(call("POST", "tickets", NEW, Transfer_Encoding="chunked", Content_Length=""), 411)
