"""Coming from another help desk: complete, silent, repeatable, differential, and in words when the other side fails."""

import json

import httpx
import pytest

from madoguchi.customers.models import Customer, Identity
from madoguchi.foundation.errors import Upstream
from madoguchi.foundation.models import Event, Job
from madoguchi.intake.imports import actions
from madoguchi.intake.imports.commands import adapter, connect
from madoguchi.intake.imports.web import Web
from madoguchi.intake.models import ImportSource
from madoguchi.tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db


class Twin:
    """The other system on loopback: answers by path; `calls` lists what was asked."""

    def __init__(self, answers: dict) -> None:
        self.answers, self.calls, self.failures = answers, [], []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls.append((path, dict(request.url.params)))
        if self.failures:
            return self.failures.pop(0)
        answer = self.answers.get(path)
        if callable(answer):
            answer = answer(dict(request.url.params))
        if answer is None:
            return httpx.Response(404)
        return httpx.Response(200, content=answer) if isinstance(answer, bytes) else httpx.Response(200, text=json.dumps(answer))

    def web(self) -> Web:
        return Web("https://old.example", transport=httpx.MockTransport(self), sleep=lambda seconds: None)


def run(system: str, twin: Twin, **options):
    web = twin.web()
    return actions.run(adapter(system, web, account="7"), account="old", fetch=web.file, problems=lambda line: None, **options)


def zendesk(updated: str = "2026-10-02T09:00:00Z", status: str = "open", comments: int = 2) -> Twin:
    people = [
        {"id": 5, "name": "王 晓岚", "email": "Xiao@customer.example", "role": "end-user", "locale": "zh-CN", "phone": "+81312345678"},
        {"id": 9, "name": "Hana Mori", "email": "hana@hoshizora.example", "role": "agent"},
    ]
    said = [
        {"id": 71, "author_id": 5, "public": True, "plain_body": "退款还没有到账", "created_at": "2026-10-01T08:00:00Z",
         "attachments": [{"file_name": "receipt.pdf", "content_type": "application/pdf", "size": 4, "content_url": "https://old.example/files/1"}]},
        {"id": 72, "author_id": 9, "public": False, "plain_body": "Checked with billing", "created_at": "2026-10-01T09:00:00Z"},
        {"id": 73, "author_id": 9, "public": True, "html_body": "<p>已退款</p>", "plain_body": "", "body": "", "created_at": "2026-10-02T09:00:00Z"},
    ]  # fmt: skip
    ticket = {
        "id": 48213, "subject": "退款什么时候到账", "status": status, "priority": "high", "type": "question", "requester_id": 5, "assignee_id": 9,
        "group_id": 3, "tags": ["refund", "vip"], "created_at": "2026-10-01T08:00:00Z", "updated_at": updated, "via": {"channel": "email"},
    }  # fmt: skip
    return Twin({
        "/api/v2/incremental/tickets/cursor.json": lambda params: {
            "tickets": [ticket], "users": people, "groups": [{"id": 3, "name": "Billing"}], "after_cursor": "abc", "end_of_stream": True},
        "/api/v2/tickets/48213/comments.json": {"comments": said[:comments], "users": people, "meta": {"has_more": False}},
        "/files/1": b"%PDF",
    })  # fmt: skip


def test_a_zendesk_ticket_arrives_whole_and_silently(cast):
    Event.objects.all().delete()
    report = run("zendesk", zendesk())
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.status, ticket.priority, ticket.kind) == ("退款什么时候到账", "open", 3, "question")
    assert (ticket.assignee, ticket.team.name, ticket.customer.name, ticket.language) == (cast.hana, "Billing", "王 晓岚", "zh-hans")
    assert sorted(ticket.tags.values_list("name", flat=True)) == ["refund", "vip"]
    assert list(ticket.messages.order_by("id").values_list("direction", flat=True)) == ["in", "note"]
    assert Identity.objects.get(kind="mail", value="xiao@customer.example").customer == ticket.customer
    assert bytes(Attachment.objects.get().data) == b"%PDF"
    assert (report.tickets, report.messages, report.customers, report.files, report.failed) == (1, 2, 1, 1, 0)
    assert not Event.objects.exists()
    assert not Job.objects.exists()


def test_importing_again_changes_nothing(cast):
    run("zendesk", zendesk())
    report = run("zendesk", zendesk())
    assert (report.tickets, report.updated, report.unchanged) == (0, 0, 1)
    assert Message.objects.count() == 2
    assert ImportSource.objects.get().cursor == "abc"


def test_what_changed_there_since_is_taken_over(cast):
    run("zendesk", zendesk())
    report = run("zendesk", zendesk(updated="2026-10-03T10:00:00Z", status="solved", comments=3))
    ticket = Ticket.objects.get()
    assert (report.updated, report.messages) == (1, 1)
    assert (ticket.status, ticket.unsolved, ticket.message_count) == ("solved", False, 3)
    assert ticket.messages.order_by("-id").first().text.strip() == "已退款"


def test_a_known_customer_is_recognised_by_address(cast):
    twin = zendesk()
    Identity.objects.create(customer=cast.ruth, kind="mail", value="xiao@customer.example")
    run("zendesk", twin)
    assert Ticket.objects.get().customer == cast.ruth
    assert Customer.objects.count() == 2


def test_it_waits_when_told_to_and_goes_on(cast):
    twin = zendesk()
    twin.failures = [httpx.Response(429, headers={"Retry-After": "3"}), httpx.Response(503)]
    assert run("zendesk", twin).tickets == 1


def test_wrong_credentials_are_said_in_words(cast):
    twin = zendesk()
    twin.failures = [httpx.Response(401)]
    with pytest.raises(Upstream, match="refuses the credentials"):
        run("zendesk", twin)
    assert not Ticket.objects.exists()


def test_a_ticket_that_cannot_be_read_is_named_and_tried_again_next_time(cast):
    twin = zendesk()
    del twin.answers["/api/v2/tickets/48213/comments.json"]
    report = run("zendesk", twin)
    assert (report.failed, Ticket.objects.count()) == (1, 0)
    assert run("zendesk", zendesk()).tickets == 1


def test_freshdesk(cast):
    row = {
        "id": 12, "subject": "Rechnung", "status": 3, "priority": 4, "source": 1, "type": "Question", "requester_id": 4, "responder_id": 2, "group_id": 8,
        "requester": {"id": 4, "name": "Helga Braunsfeld", "email": "helga@customer.example"}, "tags": ["invoice"],
        "created_at": "2026-09-01T08:00:00Z", "updated_at": "2026-09-02T08:00:00Z",
    }  # fmt: skip
    twin = Twin({
        "/api/v2/tickets": [row], "/api/v2/agents": [{"id": 2, "contact": {"name": "Kenji Abe", "email": "kenji@hoshizora.example"}}],
        "/api/v2/groups": [{"id": 8, "name": "Billing"}],
        "/api/v2/tickets/12": row | {"description_text": "Die Rechnung fehlt.", "description": "<div>Die Rechnung fehlt.</div>"},
        "/api/v2/tickets/12/conversations": lambda params: [
            {"id": 90, "incoming": False, "private": False, "user_id": 2, "body_text": "Anbei.", "created_at": "2026-09-02T08:00:00Z"}
        ] if params["page"] == "1" else [],
    })  # fmt: skip
    assert run("freshdesk", twin).tickets == 1
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.priority, ticket.assignee, ticket.team.name) == ("waiting_customer", 4, cast.kenji, "Billing")
    assert list(ticket.messages.order_by("id").values_list("direction", "text")) == [("in", "Die Rechnung fehlt."), ("out", "Anbei.")]


def test_zammad(cast):
    row = {
        "id": 3, "title": "返品について", "state": "pending reminder", "priority": "3 high", "group": "Users", "owner_id": 6, "customer_id": 5,
        "created_at": "2026-08-01T08:00:00.000Z", "updated_at": "2026-08-02T08:00:00.000Z", "create_article_type": "email",
    }  # fmt: skip
    twin = Twin({
        "/api/v1/tickets": lambda params: [row] if params["page"] == "1" else [],
        "/api/v1/users/5": {"firstname": "千夏", "lastname": "藤代", "email": "chinatsu@customer.example", "organization": "みなと設計"},
        "/api/v1/users/6": {"firstname": "Hana", "lastname": "Mori", "email": "hana@hoshizora.example"},
        "/api/v1/ticket_articles/by_ticket/3": [
            {"id": 1, "sender": "Customer", "internal": False, "content_type": "text/html", "body": "<p>返品したいです</p>",
             "created_at": "2026-08-01T08:00:00Z", "message_id": "<z1@customer.example>"},
            {"id": 2, "sender": "Agent", "internal": True, "content_type": "text/plain", "body": "確認中", "created_at": "2026-08-02T08:00:00Z"},
        ],
    })  # fmt: skip
    assert run("zammad", twin).tickets == 1
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.priority, ticket.customer, ticket.assignee) == ("waiting_customer", 3, cast.chinatsu, cast.hana)
    assert ticket.customer.company.name == "みなと設計"
    assert Message.objects.get(message_id="<z1@customer.example>").text.strip() == "返品したいです"
    assert run("zammad", twin).unchanged == 1


def test_chatwoot_with_older_pages_of_messages(cast):
    conversation = {
        "id": 2, "status": "resolved", "priority": "urgent", "labels": ["vip"], "created_at": 1760000000, "last_activity_at": 1760000900,
        "meta": {"sender": {"id": 8, "name": "Ruth", "email": "ruth@customer.example"}, "assignee": {"id": 1, "email": "hana@hoshizora.example"},
                 "channel": "Channel::WebWidget"},
    }  # fmt: skip
    messages = [
        {"id": n, "message_type": n % 2, "private": False, "content": f"said {n}", "created_at": 1760000000 + n, "sender": {"name": "Ruth"}}
        for n in range(1, 31)
    ] + [{"id": 31, "message_type": 2, "content": "assigned", "created_at": 1760000031}]

    def page(params):
        older = [m for m in messages if m["id"] < int(params.get("before", 10**9))]
        return {"payload": older[-20:]}

    twin = Twin({
        "/api/v1/accounts/7/conversations": lambda params: {"data": {"payload": [conversation] if params["page"] == "1" else []}},
        "/api/v1/accounts/7/conversations/2/messages": page,
    })  # fmt: skip
    assert run("chatwoot", twin).messages == 30
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.channel, ticket.customer, ticket.priority) == ("solved", "webchat", cast.ruth, 4)
    assert ticket.messages.order_by("id").first().text == "said 1"


def test_credentials_never_leave_for_another_host():
    asked = []
    web = connect("zammad", "https://old.example", token="s3cret")
    web.client = httpx.Client(base_url="https://old.example", headers=web.client.headers, transport=httpx.MockTransport(asked.append))
    assert web.file("ftp://elsewhere.example/x") is None
    assert asked == []
