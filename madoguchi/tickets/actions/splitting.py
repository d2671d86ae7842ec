"""Splitting: messages about another matter get a ticket of their own."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid

from .. import index
from ..events import TicketCreated, TicketSplit
from ..models import Link, Message, Participant, Status, Ticket
from .changing import lock, note_in_history, refresh_unsolved
from .counting import FOLLOWING, recount


@transaction.atomic
def split(*, ticket_id: int, message_ids: list[int], by: Actor, subject: str = "") -> Ticket:
    """Move the chosen messages to a new, linked ticket and return it. `subject`: the first moved message's by default.

    Raises Invalid when nothing was chosen, when nothing would stay, or when a message is not in the ticket.
    """
    ticket = lock(ticket_id)
    if ticket.merged_into_id:
        raise Conflict(_("One of these tickets was merged already. Open the ticket it went into."))
    chosen = list(Message.objects.filter(ticket=ticket, pk__in=message_ids).select_related("customer").order_by("id"))
    if not chosen or len(chosen) != len(set(message_ids)):
        raise Invalid(_("Choose the messages that belong to the new ticket."))
    if len(chosen) == Message.objects.filter(ticket=ticket).count():
        raise Invalid(_("At least one message must stay. To give the ticket another name, change its subject."))
    now = clock.now()
    first = next((message for message in chosen if message.direction == Message.Direction.IN), None)
    new = Ticket(
        subject=(" ".join(subject.split()) or chosen[0].subject or ticket.subject)[:500], status=Status.OPEN, priority=ticket.priority,
        channel=ticket.channel, language=ticket.language, customer=(first and first.customer) or ticket.customer,
        mailbox=ticket.mailbox, brand=ticket.brand, team=ticket.team, assignee=ticket.assignee,
        created_at=min(now, chosen[0].created_at), updated_at=now,
    )  # fmt: skip
    refresh_unsolved(new)
    new.save(force_insert=True)
    Message.objects.filter(pk__in=[message.pk for message in chosen]).update(ticket=new)
    Participant.objects.bulk_create(
        [Participant(ticket=new, name=p.name, address=p.address, role=p.role) for p in Participant.objects.filter(ticket=ticket)]
    )
    for one in (ticket, new):
        recount(one)
        one.updated_at = now
        one.save(update_fields=[*FOLLOWING, "updated_at"])
        index.put_ticket(one.pk)
    Link.objects.create(ticket=ticket, other=new, created_at=now)
    note_in_history(ticket, by=by, field="split_to", new=new.pk)
    note_in_history(new, by=by, field="split_from", new=ticket.pk)
    events.emit(TicketCreated(new.pk, new.team_id, new.channel), by=by)
    events.emit(TicketSplit(ticket.pk, ticket.team_id, new.pk), by=by)
    return new
