"""What the clocks do when something happens to a ticket. Times are those of the events, so a late handler changes nothing."""

from datetime import timedelta

from madoguchi.foundation import jobs
from madoguchi.foundation.models import Event
from madoguchi.tickets.models import Message, Ticket

from . import actions
from .actions.clocks import REAL_REPLIES
from .models import Deadline

SENT_LATER = timedelta(minutes=10)  # a reply held back longer counts when it is sent, not when it is written
CHOOSING_FIELDS = {"priority", "kind", "team", "language", "brand_id", "tags", "customer"}
TAKEN_BACK = {"cancelled", "failed"}


def ticket_created(event: Event) -> None:
    """The intake starts clocks itself; tickets made by hand or over the API get theirs here."""
    ticket = Ticket.objects.filter(pk=event.payload["ticket_id"]).first()
    if ticket is not None and not Deadline.objects.filter(ticket=ticket).exists():
        actions.start_clocks([ticket])


def message_received(event: Event) -> None:
    if event.payload["automatic"] or event.payload["first"]:
        return
    message = Message.objects.filter(pk=event.payload["message_id"]).only("created_at").first()
    actions.start_next_reply(ticket_id=event.payload["ticket_id"], at=message.created_at if message else event.at)


def replied(event: Event) -> None:
    message = Message.objects.select_related("delivery").filter(pk=event.payload["message_id"]).first()
    if message is None or message.automatic not in REAL_REPLIES:
        return
    delivery = getattr(message, "delivery", None)
    if delivery is not None and delivery.send_at > message.created_at + SENT_LATER:
        return
    actions.meet_reply(ticket_id=message.ticket_id, written_at=message.created_at, at=message.created_at)


def delivery_changed(event: Event) -> None:
    """A reply that was scheduled counts when it goes out; one that was taken back or could not be sent does not count."""
    message = Message.objects.filter(pk=event.payload["message_id"], direction=Message.Direction.OUT).first()
    if message is None or message.automatic not in REAL_REPLIES:
        return
    if event.payload["state"] == "sent":
        actions.meet_reply(ticket_id=message.ticket_id, written_at=message.created_at, at=event.at)
    elif event.payload["state"] in TAKEN_BACK:
        actions.reopen_reply(ticket_id=message.ticket_id, written_at=message.created_at, at=event.at)


def ticket_changed(event: Event) -> None:
    ticket_id, field, new = event.payload["ticket_id"], event.payload["field"], event.payload["new"]
    if field == "status":
        actions.status_changed(ticket_id=ticket_id, old=event.payload["old"], new=new, at=event.at)
    elif field == "is_spam":
        (actions.withdraw if new else actions.restore)(ticket_id=ticket_id, at=event.at, reason="spam")
    elif field in CHOOSING_FIELDS:
        actions.retarget(ticket_ids=[ticket_id], at=event.at)


def tickets_merged(event: Event) -> None:
    actions.carry_over(kept_id=event.payload["ticket_id"], merged_id=event.payload["merged_id"], at=event.at)


def tickets_unmerged(event: Event) -> None:
    actions.restore(ticket_id=event.payload["merged_id"], at=event.at, reason="merged")


def ticket_split(event: Event) -> None:
    """What was to be answered may have gone into the new ticket."""
    actions.end_needless_replies(ticket_id=event.payload["ticket_id"], at=event.at)


def rules_changed(event: Event) -> None:
    """A policy or the hours of a calendar changed. Changes in quick succession share one walk over the tickets."""
    jobs.enqueue("sla.retarget_all", key=f"sla.retarget_all:{event.at:%Y%m%d%H%M%S}", at=event.at.isoformat())
