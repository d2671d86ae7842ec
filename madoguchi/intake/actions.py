"""What people do with arrivals that were set aside, with mail that was forwarded to us, and with the words of the acknowledgement."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.channels import actions as channels
from madoguchi.channels.models import Envelope
from madoguchi.customers import actions as customers
from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.sla import actions as sla
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.index import put_new_messages
from madoguchi.tickets.models import Message, Ticket
from madoguchi.understanding.readers.language import detect_language
from madoguchi.workplace.models import Brand

from .acknowledgement_wording import check, shipped, wording
from .models import AcknowledgementText
from .queries import forwarded_in, ticket_of_forwarded
from .wording import LANGUAGES


@transaction.atomic
def retry_envelope(*, envelope_id: int, by: Actor) -> None:
    """Read an arrival again that was set aside; the worker does so within a second."""
    _exists(envelope_id)
    if not channels.receive_again(envelope_id=envelope_id):
        raise Conflict
    audit.record("intake.retry_envelope", by=by, subject=f"envelope:{envelope_id}")


@transaction.atomic
def discard_envelope(*, envelope_id: int, by: Actor) -> None:
    """Mark a quarantined arrival as dealt with. Its raw form stays and it can be retried."""
    _exists(envelope_id)
    if not channels.discard(envelope_id=envelope_id):
        raise Conflict
    audit.record("intake.discard_envelope", by=by, subject=f"envelope:{envelope_id}")


@transaction.atomic
def split_forwarded(*, message_id: int, by: Actor) -> Ticket:
    """Open the ticket of the person whose mail was forwarded to us, linked to the one that it was forwarded in.

    The files go along, inside the same raw mail. Times count from the arrival here. Raises Invalid when the message holds no
    forwarded mail of somebody else, Conflict when the ticket exists already.
    """
    message = Message.objects.select_for_update(of=("self",)).select_related("ticket", "ticket__mailbox").filter(pk=message_id).first()
    if message is None:
        raise NotFound
    original = forwarded_in(message)
    if original is None:
        raise Invalid(_("No forwarded mail with a sender was found in this message."))
    there = ticket_of_forwarded(message, original)
    if there is not None:
        raise Conflict(_("Ticket #{number} is already that of the original sender.").format(number=there))
    address = original.address.lower()
    language = detect_language(original.text, fallback=message.ticket.language)
    stranger = customers.Stranger(address, original.name, language if language in LANGUAGES else "")
    customer = customers.recognise_many([stranger])[address]
    ticket = tickets.new_ticket(
        customer=customer, subject=original.subject or message.subject, channel=message.channel, mailbox=message.ticket.mailbox,
        at=message.created_at, language=language[:10],
    )  # fmt: skip
    kept = tickets.keep_messages([
        tickets.Inbound(
            ticket=ticket, customer=customer, from_name=original.name, from_address=original.address, subject=original.subject,
            text=original.text, reply_text=original.text, at=message.created_at, sent_at=original.date, language=language[:10],
            linked_to=message.ticket_id, may_auto_answer=False, envelope=message.envelope,
            files=[
                tickets.File(file.part, file.name, file.content_type, file.size, file.content_id, file.inline, file.protected)
                for file in message.attachments.all()
                if file.part is not None
            ],
        )
    ])  # fmt: skip
    sla.start_clocks([ticket])
    put_new_messages(kept, files={kept[0].pk: [file.name for file in kept[0].attachments.all()]})
    audit.record("intake.split_forwarded", by=by, subject=f"ticket:{ticket.pk}", detail={"from_ticket": message.ticket_id})
    return ticket


def _exists(envelope_id: int) -> None:
    if not Envelope.objects.filter(pk=envelope_id).exists():
        raise NotFound


@transaction.atomic
def save_acknowledgement(*, brand_id: int | None, language: str, texts: dict[str, str], by: Actor) -> None:
    """Keep the company's own words; parts that are empty or as for all brands, or as shipped, are not kept and so follow those."""
    standing = wording(language, None) if brand_id else shipped(language)
    changed = {part: text.strip() for part, text in texts.items() if part in standing and text.strip() not in {"", standing[part]}}
    check(changed, _("{variable} has no value here. These have one: {known}"))
    brand = Brand.objects.get(pk=brand_id) if brand_id else None
    AcknowledgementText.objects.update_or_create(brand=brand, language=language, defaults={"texts": changed, "updated_at": clock.now()})
    audit.record("intake.save_acknowledgement", by=by, subject=f"brand:{brand_id or 0}", detail={"language": language})


@transaction.atomic
def reset_acknowledgement(*, brand_id: int | None, language: str, by: Actor) -> None:
    """Back to the shipped words."""
    rows = AcknowledgementText.objects.filter(language=language)
    (rows.filter(brand_id=brand_id) if brand_id else rows.filter(brand=None)).delete()
    audit.record("intake.reset_acknowledgement", by=by, subject=f"brand:{brand_id or 0}", detail={"language": language})
