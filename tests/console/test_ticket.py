"""The ticket's page through its door: reading, answering, drafts, files."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.automation.models import Macro
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.models import Notice
from madoguchi.tickets import actions as tickets
from madoguchi.tickets import search
from madoguchi.tickets.models import Attachment, Delivery, Draft, Message, Ticket, Viewing


@pytest.fixture
def ticket(cast):
    return cast.ticket(team=cast.orders, assignee=cast.hana)


@pytest.fixture
def hana(cast, sign_in):
    return sign_in(cast.hana, script=True)


def reply(client, ticket, **fields):
    return client.post(f"/tickets/{ticket.pk}/reply", {"text": "It is on its way.", "to": "Ruth <ruth@customer.example>", **fields})


def test_the_ticket_page_costs_at_most_twenty_five_statements(cast, ticket, sign_in):
    by = agent_actor(cast.hana)
    for number in range(10):
        tickets.reply(ticket_id=ticket.pk, text=f"Reply {number}", by=by)
        tickets.add_note(ticket_id=ticket.pk, text="Note", by=by)
    tickets.tag(ticket_id=ticket.pk, names=["late"], by=by)
    other = cast.ticket(team=cast.orders)
    tickets.link(ticket_id=ticket.pk, other_id=other.pk, by=by)
    tickets.add_task(ticket_id=ticket.pk, title="Call", by=by, assignee=cast.hana)
    client = sign_in(cast.hana)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(f"/tickets/{ticket.pk}")
    assert response.status_code == 200
    assert len(asked) <= 25, "\n".join(query["sql"][:120] for query in asked.captured_queries)


def test_a_reply_is_kept_with_its_delivery_and_moves_the_ticket(cast, ticket, hana):
    response = reply(hana, ticket, cc="Partner <p@partner.example>", then="solved", language="de")
    assert response.status_code == 204
    message = Message.objects.get(direction="out")
    assert (message.to, message.cc, message.language) == ([["Ruth", "ruth@customer.example"]], [["Partner", "p@partner.example"]], "de")
    assert Delivery.objects.get().state == "held"
    assert Ticket.objects.get().status == "solved"


def test_a_sent_reply_can_be_taken_back_and_becomes_the_draft_again(ticket, hana):
    toast = json.loads(reply(hana, ticket).headers["HX-Trigger"])["toast"]
    hana.post(toast["undo"])
    assert Delivery.objects.get().state == "cancelled"
    assert Draft.objects.get().body == "It is on its way."


def test_a_reply_can_be_scheduled_but_not_into_the_past(ticket, hana):
    assert reply(hana, ticket, send_at="2099-01-01T09:00").status_code == 204
    assert Delivery.objects.get().send_at.year == 2099 or Delivery.objects.get().send_at.year == 2098
    assert reply(hana, ticket, send_at="2001-01-01T09:00").status_code == 422
    assert reply(hana, ticket, send_at="tomorrow").status_code == 422


@pytest.mark.parametrize("to", ["nobody", "a@b", "Ruth <ruth@customer.example>, broken@"])
def test_a_wrong_address_is_named(ticket, hana, to):
    response = reply(hana, ticket, to=to)
    assert response.status_code == 422
    assert "is not an email address" in response.content.decode()
    assert not Message.objects.filter(direction="out").exists()


def test_header_injection_in_recipients_is_refused(ticket, hana):
    reply(hana, ticket, to="Ruth <ruth@customer.example>\r\nBcc: all@evil.example")
    for message in Message.objects.filter(direction="out"):
        assert "evil" not in json.dumps(message.bcc)
        assert "\n" not in json.dumps(message.to, ensure_ascii=False)


def test_the_second_writer_is_warned_before_sending(cast, ticket, hana):
    seen = ticket.last_message_id
    tickets.reply(ticket_id=ticket.pk, text="Mine is quicker", by=agent_actor(cast.supervisor))
    response = reply(hana, ticket, seen=seen)
    assert response.status_code == 409
    assert "Sora Supervisor answered" in response.content.decode()
    assert reply(hana, ticket, seen=seen, anyway="yes").status_code == 204
    assert Message.objects.filter(direction="out").count() == 2


def test_a_note_tells_whom_it_mentions(cast, ticket, hana):
    hana.post(f"/tickets/{ticket.pk}/note", {"text": "Ask @Kenji or @kenji@hoshizora.example, not @Sorafoo"})
    assert list(Notice.objects.filter(kind="mentioned").values_list("agent__name", flat=True)) == ["Kenji Abe"]
    assert not Message.objects.filter(direction="out").exists()


def test_what_was_typed_comes_back(ticket, hana):
    saved = hana.post(
        f"/tickets/{ticket.pk}/draft", {"kind": "reply", "body": "Dear Ruth", "fields": '{"cc": "x@y.example"}', "version": "0"}
    ).json()
    assert saved["version"] == 1
    page = hana.get(f"/tickets/{ticket.pk}/pane").content.decode()
    assert ">Dear Ruth</textarea>" in page
    assert 'value="x@y.example"' in page


def test_a_draft_of_another_device_is_handed_back_instead_of_lost(ticket, hana):
    address = f"/tickets/{ticket.pk}/draft"
    hana.post(address, {"kind": "reply", "body": "desk", "version": "0"})
    second = hana.post(address, {"kind": "reply", "body": "phone", "version": "0"})
    assert (second.status_code, second.json()["newer"]) == (409, "desk")
    assert hana.post(address, {"kind": "reply", "body": "desk\n\nphone", "version": second.json()["version"]}).status_code == 200


def test_files_are_kept_while_writing_and_go_with_the_reply(ticket, hana):
    kept = hana.post(f"/tickets/{ticket.pk}/upload", {"file": SimpleUploadedFile("a.txt", b"hello")}).json()
    reply(hana, ticket, files=kept["id"])
    assert Attachment.objects.get().message == Message.objects.get(direction="out")
    served = hana.get(f"/files/{kept['id']}")
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert "default-src 'none'" in served.headers["Content-Security-Policy"]


def test_files_of_hidden_tickets_are_not_there(cast, sign_in):
    theirs = cast.ticket(team=cast.repairs)
    file = Attachment.objects.create(
        message=theirs.messages.get(), name="x.txt", content_type="text/plain", size=1, data=b"x", created_at=clock.now()
    )
    assert sign_in(cast.hana).get(f"/files/{file.pk}").status_code == 404
    assert sign_in(cast.hana).get(f"/messages/{theirs.messages.get().pk}/raw").status_code in {403, 404}
    assert sign_in(cast.hana).get(f"/messages/{theirs.messages.get().pk}/html").status_code == 404


def test_a_formatted_mail_can_run_and_load_nothing(ticket, hana):
    message = ticket.messages.get()
    Message.objects.filter(pk=message.pk).update(
        html='<p onclick="a()" style="color:red;background:url(http://evil.example)">Hi<script>alert(1)</script>'
        '<img src="http://evil.example/pixel"><a href="javascript:x()">x</a><svg onload=alert(1)></svg><form action=/x><input></form></p>'
    )
    page = hana.get(f"/messages/{message.pk}/html")
    text = page.content.decode()
    for bad in ("onclick", "script", "evil.example", "javascript:", "<svg", "<form", "<input"):
        assert bad not in text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


def test_markdown_of_ours_is_formatted_and_inert(cast, ticket, hana):
    tickets.add_note(
        ticket_id=ticket.pk, text="**bold** <img src=x onerror=alert(1)> [x](javascript:alert(1)) @hana", by=agent_actor(cast.hana)
    )
    page = hana.get(f"/tickets/{ticket.pk}/pane").content.decode()
    assert "<strong>bold</strong>" in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert '<span class="mention">@hana</span>' in page


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"priority": "4"}, {"priority": 4}),
        ({"status": "waiting_others"}, {"status": "waiting_others"}),
        ({"kind": "complaint"}, {"kind": "complaint"}),
        ({"subject": "  New   name "}, {"subject": "New name"}),
        ({"assign": ""}, {"assignee_id": None}),
        ({"action": "priority:1"}, {"priority": 1}),
    ],
)
def test_fields_are_set_from_the_header(ticket, hana, fields, expected):
    assert hana.post(f"/tickets/{ticket.pk}/change", fields).status_code == 204
    ticket.refresh_from_db()
    assert {name: getattr(ticket, name) for name in expected} == expected


@pytest.mark.parametrize(
    "fields", [{"status": "asleep"}, {"priority": "9"}, {"kind": "rage"}, {"status": "new"}, {}, {"evil": "1"}, {"assign": "99999"}]
)
def test_wrong_values_are_refused_in_words(ticket, hana, fields):
    Ticket.objects.update(status="open")
    response = hana.post(f"/tickets/{ticket.pk}/change", fields)
    assert response.status_code in {404, 409, 422}
    assert "data-error" in response.content.decode()


def test_others_are_seen_while_they_have_the_ticket_open(cast, ticket, hana, sign_in):
    sign_in(cast.supervisor, script=True).post(f"/tickets/{ticket.pk}/present", {"state": "typing"})
    assert "Sora Supervisor is also writing" in hana.post(f"/tickets/{ticket.pk}/present", {"state": "viewing"}).content.decode()
    hana.post(f"/tickets/{ticket.pk}/present", {"state": "gone"})
    assert list(Viewing.objects.values_list("agent__name", flat=True)) == ["Sora Supervisor"]


def test_split_merge_and_unmerge(cast, ticket, hana):
    Message.objects.create(
        ticket=ticket,
        direction="in",
        customer=cast.ruth,
        text="Another matter",
        from_address="ruth@customer.example",
        created_at=clock.now(),
    )
    second = ticket.messages.order_by("-id").first()
    hana.post(f"/tickets/{ticket.pk}/split", {"messages": second.pk})
    new = Ticket.objects.order_by("-id").first()
    assert list(new.messages.values_list("id", flat=True)) == [second.pk]
    hana.post(f"/tickets/{ticket.pk}/merge", {"other": f"#{new.pk}"})
    new.refresh_from_db()
    assert new.merged_into_id == ticket.pk
    hana.post(f"/tickets/{ticket.pk}/unmerge", {"other": new.pk})
    new.refresh_from_db()
    assert new.merged_into_id is None


def test_tasks_are_added_and_ticked_off(ticket, hana):
    hana.post(f"/tickets/{ticket.pk}/task", {"do": "add", "title": "Call the carrier"})
    task = ticket.tasks.get()
    hana.post(f"/tickets/{ticket.pk}/task", {"do": "done", "task": task.pk})
    task.refresh_from_db()
    assert task.done_at is not None


def test_search_and_palette_find_what_the_agent_may_see(cast, sign_in):
    cast.ticket(team=cast.repairs, subject="Kaputter Toaster", text="Toaster")
    client = sign_in(cast.hana)
    assert client.get("/search?q=%22%22%22").status_code == 200
    assert client.get("/palette").json()["places"][0]["view"] == "mine"
    assert client.get("/palette?q=Toaster").json()["hits"] == []


def test_a_page_of_hidden_matches_leads_on_to_older_ones(cast, sign_in, monkeypatch):
    monkeypatch.setattr(search, "WINDOW", 2)
    monkeypatch.setattr(search, "FURTHER", (1,))
    cast.ticket(team=cast.orders, subject="Visible toaster")
    for _ in range(4):
        cast.ticket(team=cast.repairs, subject="Hidden toaster")
    client = sign_in(cast.hana)
    page = client.get("/search", {"q": "toaster"})
    assert not page.context["hits"]
    assert "Nothing found yet" in page.content.decode()
    page = client.get(f"/search{page.context['next_url']}")
    assert "Visible" in page.content.decode()
    assert "Nothing found" in client.get("/search", {"q": "nowhere"}).content.decode()


def test_the_palette_offers_macros_to_who_may_change_tickets(cast, sign_in):
    Macro.objects.create(name="Shared", actions=[])
    Macro.objects.create(name="Kenji's", owner=cast.kenji, actions=[])
    assert [one["label"] for one in sign_in(cast.hana).get("/palette").json()["macros"]] == ["Shared"]
    assert sign_in(cast.observer).get("/palette").json()["macros"] == []
