"""Reads of the record. The way to fetch is the permission check: views get tickets only from here."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from madoguchi.foundation import clock
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission, Scope

from .models import Delivery, Message, Ticket


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


def due_deliveries(*, limit: int, without: Iterable[int | None] = ()) -> list[tuple[int, int | None]]:
    """Deliveries whose time has come, oldest first: (id, mailbox id). `without`: mailboxes that are busy."""
    due = Delivery.objects.filter(state__in=Delivery.NOT_YET, send_at__lte=clock.now())
    busy = list(without)
    if None in busy:
        due = due.exclude(mailbox=None)
    if busy := [mailbox for mailbox in busy if mailbox is not None]:
        due = due.filter(Q(mailbox=None) | ~Q(mailbox__in=busy))
    return list(due.order_by("send_at", "id").values_list("id", "mailbox_id")[:limit])


def delivery_of_attempt(token: str) -> Delivery | None:
    """The delivery that is being sent under this attempt."""
    return Delivery.objects.select_related("message__ticket").filter(state=Delivery.State.SENDING, attempt=token).first()


def deliveries_being_sent() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("message__ticket").filter(state=Delivery.State.SENDING)
