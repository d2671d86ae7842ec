"""An agent asks for help at a ticket; somebody comes."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, Presence
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Ticket

from .. import ladder, queries
from ..models import HelpRequest, Measure

BREAK = timedelta(minutes=15)


@transaction.atomic
def ask_for_help(*, ticket: Ticket, kind: str, agent: Agent) -> HelpRequest:
    """Ask for a second person, a change of handler, or take a break (then nothing new is given to the agent). Asked twice is once."""
    if kind not in HelpRequest.Kind.values:
        raise Invalid
    now = clock.now()
    done = kind == HelpRequest.Kind.BREAK
    try:
        with transaction.atomic():
            row = HelpRequest.objects.create(
                ticket=ticket, agent=agent, kind=kind, at=now, until=now + BREAK if done else None, answered_at=now if done else None
            )
    except IntegrityError:
        return HelpRequest.objects.get(ticket=ticket, agent=agent, kind=kind, answered_at=None)
    if done:
        staff.set_presence(agent=agent, presence=Presence.AWAY, by=agent_actor(agent))
    else:
        people = [pk for pk in queries.deciders() if pk != agent.pk]
        staff.notify(agent_ids=people, kind=f"protection_{kind}", ticket_id=ticket.pk, key=f"help:{row.pk}", by=agent.name)
    return row


@transaction.atomic
def answer_help(*, request_id: int, agent: Agent) -> HelpRequest:
    """Come: take the ticket over, or stand by as the second person, which is kept as a step. Raises NotAllowed, Conflict."""
    if queries.doer_of(agent) is None:
        raise NotAllowed
    row = HelpRequest.objects.select_for_update(of=("self",)).select_related("ticket", "agent").get(pk=request_id)
    if row.answered_at is not None:
        raise Conflict(_("Somebody has come already."))
    if row.agent_id == agent.pk:
        raise NotAllowed(_("Somebody else must come."))
    now, by = clock.now(), agent_actor(agent)
    row.answered_by, row.answered_at = agent, now
    row.save(update_fields=["answered_by", "answered_at"])
    if row.kind == HelpRequest.Kind.CHANGE:
        tickets.assign(ticket_id=row.ticket_id, assignee=agent, by=by)
    else:
        tickets.watch(ticket_id=row.ticket_id, agent=agent)
        Measure.objects.create(
            customer_id=row.ticket.customer_id, ticket=row.ticket, step=ladder.Step.SECOND_PERSON, reason=_("Asked for by a colleague"),
            severity=queries.standing_of(row.ticket).severity, by_kind=by.kind, by_id=by.id, by_name=by.name, starts_at=now, created_at=now,
        )  # fmt: skip
    staff.notify(agent_ids=[row.agent_id], kind="protection_coming", ticket_id=row.ticket_id, key=f"help-answer:{row.pk}", by=agent.name)
    return row
