"""Reads of the record. The way to fetch is the permission check: views get tickets only from here."""

from django.db.models import Q, QuerySet

from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission, Scope

from .models import Message, Ticket


def visible_condition(agent: Agent, prefix: str = "") -> Q | None:
    """The filter on tickets that the agent's role sees; None means no restriction, an empty Q never means that.

    `prefix`: path from the queried model to the ticket, such as `ticket__`.
    """
    if not agent.may(Permission.TICKET_VIEW):
        return Q(**{f"{prefix}pk__in": []})
    if agent.role.scope == Scope.ALL:
        return None
    if agent.role.scope == Scope.TEAMS:
        teams = agent.teams.values_list("id", flat=True)
        return Q(**{f"{prefix}team__in": list(teams)}) | Q(**{f"{prefix}team": None}) | Q(**{f"{prefix}assignee": agent})
    return Q(**{f"{prefix}assignee": agent})


def tickets_visible_to(agent: Agent) -> QuerySet[Ticket]:
    condition = visible_condition(agent)
    return Ticket.objects.all() if condition is None else Ticket.objects.filter(condition)


def ticket_for(agent: Agent, ticket_id: int) -> Ticket:
    """The ticket if this agent may see it. Raises NotFound, whether it is hidden or does not exist."""
    ticket = (
        tickets_visible_to(agent)
        .select_related("customer", "customer__company", "team", "assignee", "mailbox", "brand")
        .filter(pk=ticket_id)
        .first()
    )
    if ticket is None:
        raise NotFound
    return ticket


def messages_visible_to(agent: Agent, ticket: Ticket) -> QuerySet[Message]:
    """The ticket's messages in order; notes only for roles that may read them. `ticket` comes from `ticket_for`."""
    messages = Message.objects.filter(ticket=ticket).order_by("id")
    if not agent.may(Permission.TICKET_NOTE):
        messages = messages.exclude(direction=Message.Direction.NOTE)
    return messages
