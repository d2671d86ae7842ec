"""Erasing what was said with a customer: words, addresses and files go, numbers and times stay for the figures."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from madoguchi.channels.models import Envelope
from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import SYSTEM

from .. import index
from .. import status as moves
from ..models import REDACTED, Attachment, Change, Draft, Message, Participant, Task, Ticket
from .changing import lock, set_status


@transaction.atomic
def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:
    """Empty the tickets of these customers and close them. `kept`: messages that must stay as they are (evidence). Cannot be undone."""
    for ticket_id in Ticket.objects.filter(customer__in=customer_ids).order_by("id").values_list("id", flat=True):
        _end(ticket_id)
        _empty(Ticket.objects.get(pk=ticket_id), kept)


def _end(ticket_id: int) -> None:
    """Nobody is left to answer."""
    ticket = lock(ticket_id)
    if ticket.status not in {moves.SOLVED, moves.CLOSED}:
        set_status(ticket_id=ticket_id, status=moves.SOLVED, by=SYSTEM, must_be_complete=False)
    if ticket.status != moves.CLOSED:
        set_status(ticket_id=ticket_id, status=moves.CLOSED, by=SYSTEM)


def _empty(ticket: Ticket, kept: Collection[int]) -> None:
    gone = list(Message.objects.filter(ticket=ticket).exclude(pk__in=list(kept)).values_list("id", "envelope_id"))
    ids = [pk for pk, _ in gone]
    Attachment.objects.filter(message__in=ids).update(
        name=REDACTED, content_type="", size=0, data=None, part=None, content_id="", inline=False
    )  # fmt: skip
    Attachment.objects.filter(ticket=ticket, message=None).delete()
    Message.objects.filter(pk__in=ids).update(
        subject=REDACTED, text=REDACTED, html="", reply_text="", quoted_text="", signature="", from_address="", to=[], cc=[], bcc=[],
        reply_to=[], in_reply_to="", references=[], auth={}, redacted_at=clock.now(),
    )  # fmt: skip
    Message.objects.filter(pk__in=ids, direction=Message.Direction.IN).update(from_name="", message_id=None)
    _empty_envelopes([envelope for _, envelope in gone if envelope])
    Ticket.objects.filter(pk=ticket.pk).update(subject=REDACTED, preview=REDACTED, custom={})
    Participant.objects.filter(ticket=ticket).delete()
    Draft.objects.filter(ticket=ticket).delete()
    Task.objects.filter(ticket=ticket).update(title=REDACTED)
    Change.objects.filter(ticket=ticket, actor_kind="customer").update(actor_name="")
    Change.objects.filter(ticket=ticket, field__in=["subject", "custom"]).update(old=None, new=None)
    events.rewrite_payloads(ticket_id=ticket.pk, name="tickets.TicketChanged", rewrite=_without_words)
    index.put_messages(ids)


def _empty_envelopes(ids: list[int]) -> None:
    """The raw mails, and those that came by another way and were kept as duplicates."""
    known = Envelope.objects.filter(pk__in=ids)
    same = Q(fingerprint__in=list(known.exclude(fingerprint="").values_list("fingerprint", flat=True)))
    same |= Q(message_id__in=list(known.exclude(message_id="").values_list("message_id", flat=True)))
    Envelope.objects.filter(Q(pk__in=ids) | Q(stage=Envelope.Stage.DUPLICATE) & same).update(
        raw=b"", size=0, sender="", recipients=[], client_address="", helo="", message_id="", auth={}
    )  # fmt: skip


def _without_words(payload: dict) -> dict:
    return payload | {"old": None, "new": None} if payload.get("field") in {"subject", "custom"} else payload
