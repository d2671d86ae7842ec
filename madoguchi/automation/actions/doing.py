"""Carrying out the actions of a macro or a trigger, each through the record's own verbs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid
from madoguchi.sla.queries import supervisors
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Ticket

from .. import queries, variables
from ..models import Do

FIELDS = {Do.PRIORITY: "priority", Do.KIND: "kind", Do.CAUSE: "cause", Do.LANGUAGE: "language"}
AUTOMATIC = "trigger"


@dataclass(frozen=True)
class Doer:
    """Who acts. agent: the person behind a macro; None for a trigger, whose `title` then stands in notices. key: for notices once."""

    by: Actor
    agent: Agent | None = None
    title: str = ""
    key: str = ""


def carry_out(action: Mapping[str, Any], *, ticket_id: int, doer: Doer) -> None:
    """One action. Raises the record's errors (Conflict, Invalid); the caller owns the transaction."""
    do, by = Do(action["do"]), doer.by
    value: Any = action.get("value")
    if do in FIELDS:
        tickets.set_field(ticket_id=ticket_id, field=FIELDS[do], value=value, by=by)
        return
    match do:
        case Do.REPLY:
            _reply(value, ticket_id=ticket_id, doer=doer)
        case Do.STATUS:
            tickets.set_status(ticket_id=ticket_id, status=value, by=by)
        case Do.ADD_TAGS | Do.REMOVE_TAGS:
            change = tickets.tag if do == Do.ADD_TAGS else tickets.untag
            change(ticket_id=ticket_id, names=value, by=by)
        case Do.ASSIGN_AGENT:
            tickets.assign(ticket_id=ticket_id, assignee=None if value is None else _agent(value), by=by)
        case Do.ASSIGN_TEAM:
            tickets.assign(ticket_id=ticket_id, assignee=tickets.KEEP, team=_team(value), by=by)
        case Do.NOTE:
            ticket = _ticket(ticket_id)
            values = queries.values_for(ticket, language=ticket.language, agent_name=doer.agent.name if doer.agent else "")
            tickets.add_note(ticket_id=ticket_id, text=variables.fill_unseen(value, values) or value, by=by)
        case Do.WATCH:
            tickets.watch(ticket_id=ticket_id, agent=_agent(value))
        case Do.NOTIFY | Do.NOTIFY_LEAD:
            _notify(value if do == Do.NOTIFY else None, ticket_id=ticket_id, doer=doer)


def _ticket(ticket_id: int) -> Ticket:
    return Ticket.objects.select_related("customer", "brand", "mailbox", "team", "assignee").get(pk=ticket_id)


def _agent(pk: int) -> Agent:
    agent = Agent.objects.filter(pk=pk, is_active=True).first()
    if agent is None:
        raise Invalid(_("The agent is not active any more. Choose another one."))
    return agent


def _team(pk: int) -> Team:
    team = Team.objects.filter(pk=pk).first()
    if team is None:
        raise Invalid(_("This team does not exist any more. Choose another one."))
    return team


def _reply(texts: dict[str, str], *, ticket_id: int, doer: Doer) -> None:
    """A person's reply waits for the customer, as every reply does; a trigger's is marked as automatic and leaves the status alone."""
    ticket = _ticket(ticket_id)
    text, language = queries.text_in(texts, ticket.language)
    if doer.agent is None:
        values = queries.values_for(ticket, language=language, agent_name=ticket.assignee.name if ticket.assignee else "")
        filled = variables.fill_unseen(text, values)
    else:
        values = queries.values_for(ticket, language=language, agent_name=doer.agent.name)
        filled, missing = variables.fill(text, values)
        if missing:
            message = _("The reply needs a value for {name}, and this ticket has none. Write the reply by hand.")
            raise Invalid(message.format(name=f"{{{missing[0]}}}"))
    tickets.reply(
        ticket_id=ticket_id, text=filled, by=doer.by, language=language, automatic="" if doer.agent else AUTOMATIC
    )  # fmt: skip


def _notify(agent_ids: list[int] | None, *, ticket_id: int, doer: Doer) -> None:
    """Agents, or the lead of the ticket's team; a team without a lead has its supervisors."""
    ticket = _ticket(ticket_id)
    if agent_ids is None:
        agent_ids = [ticket.team.lead_id] if ticket.team is not None and ticket.team.lead_id is not None else supervisors()
    active = Agent.objects.filter(pk__in=agent_ids, is_active=True).order_by("id").values_list("id", flat=True)
    staff.notify(agent_ids=list(active), kind="trigger", ticket_id=ticket_id, key=doer.key, subject=ticket.subject, by=doer.title)
