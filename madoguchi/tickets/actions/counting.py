"""The columns of a ticket that follow from its messages, worked out anew after messages moved."""

from django.db.models import Count, Max, Q

from ..models import Message, Ticket
from .writing import preview_of

FOLLOWING = ("message_count", "last_message_id", "last_inbound_at", "last_outbound_at", "preview")


def recount(ticket: Ticket) -> None:
    """Set the columns of FOLLOWING from the messages that the ticket has now; the caller saves."""
    spoken = Q(automatic="")
    found = Message.objects.filter(ticket=ticket).aggregate(
        count=Count("id"), last=Max("id"),
        inbound=Max("created_at", filter=spoken & Q(direction=Message.Direction.IN)),
        outbound=Max("created_at", filter=spoken & Q(direction=Message.Direction.OUT)),
    )  # fmt: skip
    ticket.message_count, ticket.last_message_id = found["count"], found["last"] or 0
    ticket.last_inbound_at, ticket.last_outbound_at = found["inbound"], found["outbound"]
    said = Message.objects.filter(ticket=ticket).exclude(direction=Message.Direction.NOTE).order_by("-id")
    newest = said.filter(automatic="").first() or said.first()
    if newest is not None:
        ticket.preview = preview_of(newest.reply_text or newest.text)
