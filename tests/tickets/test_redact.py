"""Redaction destroys the passage everywhere it was kept."""

import pytest

from madoguchi.channels import actions as channels
from madoguchi.channels.mail.parse import parse
from madoguchi.channels.models import Envelope
from madoguchi.foundation import clock, search
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.foundation.models import AuditEntry, Event
from madoguchi.foundation.search_query import query_terms
from madoguchi.tickets import actions, index
from madoguchi.tickets.downloads import file_of
from madoguchi.tickets.models import Attachment, Change, Draft, Message, Ticket
from madoguchi.tickets.reading import open_ticket

pytestmark = pytest.mark.django_db
SECRET = "4111 1111 1111 1111"
RAW = (
    b"From: Ruth <ruth@customer.example>\r\nSubject: My card\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nMy card is 4111 1111 1111 1111, please.\r\n"
    b"--x\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgoxMTE=\r\n"
    b"--x\r\nContent-Type: text/plain; name=b.txt\r\nContent-Disposition: attachment; filename=b.txt\r\n\r\nharmless\r\n--x--\r\n"
)


@pytest.fixture
def message(cast):
    """A mail with the number in text, HTML, subject, preview, draft, history and search index, and two files inside the raw mail."""
    text = f"My card is {SECRET}, please."
    ticket = cast.ticket(subject=f"Card {SECRET}", text=text, team=cast.orders)
    message = ticket.messages.get()
    envelope = channels.store_envelope(raw=RAW, source="test")
    parsed = parse(RAW)
    Message.objects.filter(pk=message.pk).update(envelope=envelope, html=f"<p>My card is {SECRET}, please.</p>")
    for file in parsed.attachments:
        Attachment.objects.create(
            message=message, name=file.name, content_type=file.type, size=file.size, part=file.part, created_at=clock.now()
        )
    by = agent_actor(cast.hana)
    actions.set_subject(ticket_id=ticket.pk, subject=f"Card number {SECRET}", by=by)
    Draft.objects.create(ticket=ticket, agent=cast.kenji, body=f"You wrote: {SECRET}", updated_at=clock.now())
    index.put_messages([message.pk])
    message.refresh_from_db()
    return message


def everything_kept(ticket):
    kept = [repr(list(model.objects.values_list())) for model in (Ticket, Message, Change, Draft, AuditEntry, Event)]
    kept += [bytes(envelope.raw).decode() for envelope in Envelope.objects.all()]
    return "\n".join(kept)


def test_a_passage_is_gone_from_every_copy(cast, message):
    assert SECRET in everything_kept(message.ticket)
    actions.redact_text(message_id=message.pk, passage="4111 1111  1111\n1111", by=agent_actor(cast.supervisor), reason="Card number")
    assert SECRET not in everything_kept(message.ticket)
    message.refresh_from_db()
    assert message.text == "My card is ████████, please."
    assert message.redacted_at is not None
    assert search.search_ids("messages", query_terms("4111"), limit=5) == []
    assert search.search_ids("messages", query_terms("please"), limit=5) == [message.pk]


def test_files_of_a_redacted_mail_can_still_be_opened(cast, message):
    actions.redact_text(message_id=message.pk, passage=SECRET, by=agent_actor(cast.supervisor), reason="Card number")
    files = {file.name: file_of(cast.hana, file.pk).data for file in message.attachments.all()}
    assert files["a.png"].startswith(b"\x89PNG")
    assert files["b.txt"].strip() == b"harmless"


def test_a_file_is_destroyed_and_the_others_stay(cast, message):
    picture, text = message.attachments.order_by("id")
    actions.redact_attachment(attachment_id=picture.pk, by=agent_actor(cast.supervisor), reason="A passport")
    picture.refresh_from_db()
    assert picture.is_redacted
    with pytest.raises(NotFound):
        file_of(cast.hana, picture.pk)
    assert file_of(cast.hana, text.pk).data.strip() == b"harmless"
    assert b"iVBOR" not in bytes(Envelope.objects.get().raw)
    with pytest.raises(NotFound):
        actions.redact_attachment(attachment_id=picture.pk, by=agent_actor(cast.supervisor), reason="Again")


def test_who_and_why_stay(cast, message):
    actions.redact_text(message_id=message.pk, passage=SECRET, by=agent_actor(cast.supervisor), reason=" Card   number ")
    line = open_ticket(cast.supervisor, message.ticket_id).history[-1]
    assert (line.who, line.text) == ("Sora Supervisor", "Part of a message was redacted: Card number")
    entry = AuditEntry.objects.get(action="tickets.redact")
    assert (entry.actor_name, entry.subject, entry.detail["reason"]) == ("Sora Supervisor", f"message:{message.pk}", "Card number")


def test_html_whose_tags_cut_the_passage_is_dropped(cast, message):
    Message.objects.filter(pk=message.pk).update(html="<p>My card is 4111 <b>1111</b> 1111 1111</p>")
    actions.redact_text(message_id=message.pk, passage=SECRET, by=agent_actor(cast.supervisor), reason="Card number")
    message.refresh_from_db()
    assert message.html == ""


def test_other_messages_that_quote_it_are_named(cast, message):
    note = actions.add_note(ticket_id=message.ticket_id, text=f"> {SECRET}", by=agent_actor(cast.hana))
    done = actions.redact_text(message_id=message.pk, passage=SECRET, by=agent_actor(cast.supervisor), reason="Card number")
    assert done.also_in == [note.pk]


def test_a_reason_and_a_passage_are_needed(cast, message):
    by = agent_actor(cast.supervisor)
    for passage, reason in ((SECRET, " "), ("", "Card"), ("not in there", "Card"), ("x" * 6000, "Card")):
        with pytest.raises(Invalid):
            actions.redact_text(message_id=message.pk, passage=passage, by=by, reason=reason)


def test_a_file_is_gone_from_a_duplicate_of_the_mail_too(cast, message):
    Envelope.objects.filter(pk=message.envelope_id).update(stage="kept", fingerprint="f" * 64)
    Envelope.objects.create(source="imap", raw=RAW, size=len(RAW), received_at=clock.now(), stage="duplicate", fingerprint="f" * 64)
    other = channels.store_envelope(raw=RAW, source="test")  # not known to be the same mail yet
    picture = message.attachments.order_by("id")[0]
    actions.redact_attachment(attachment_id=picture.pk, by=agent_actor(cast.supervisor), reason="A passport")
    holding = [one.pk for one in Envelope.objects.all() if b"iVBOR" in bytes(one.raw)]
    assert holding == [other.pk]


def test_other_messages_with_the_same_file_are_named(cast, message):
    picture = message.attachments.order_by("id")[0]
    note = actions.add_note(ticket_id=message.ticket_id, text="See the picture", by=agent_actor(cast.hana))
    data = file_of(cast.hana, picture.pk).data
    for name, content in (("copy.png", data), ("again.png", data), ("else.png", b"x" * len(data))):
        Attachment.objects.create(message=note, name=name, content_type="image/png", size=len(data), data=content, created_at=clock.now())
    Attachment.objects.filter(pk=picture.pk).update(size=len(data))
    done = actions.redact_attachment(attachment_id=picture.pk, by=agent_actor(cast.supervisor), reason="A passport")
    assert done.also_in == [note.pk]


def test_the_history_says_that_a_file_was_destroyed(cast, message):
    picture = message.attachments.order_by("id")[0]
    actions.redact_attachment(attachment_id=picture.pk, by=agent_actor(cast.supervisor), reason="A passport")
    assert open_ticket(cast.supervisor, message.ticket_id).history[-1].text == "A file was destroyed: A passport"
