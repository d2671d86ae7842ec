"""Reads of the record. The way to fetch is the permission check: views get tickets only from here."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from madoguchi.customers.models import Identity
from madoguchi.foundation import clock
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission, Scope

from .models import CustomField, Delivery, Message, SavedView, Tag, Ticket


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


def message_for(agent: Agent, message_id: int) -> Message:
    """The message if this agent may see it. Raises NotFound, whether it is hidden or does not exist."""
    found = Message.objects.filter(pk=message_id).only("id", "ticket_id").first()
    message = found and messages_visible_to(agent, ticket_for(agent, found.ticket_id)).filter(pk=message_id).first()
    if not message:
        raise NotFound
    return message


def said_between(ticket: Ticket, *, customers: Iterable[int]) -> list[Message]:
    """What was said between us and these customers (one person) in a ticket, in order, with its files at hand.

    Never notes, reports of mail servers, what waits to be sent or was cancelled, nor what went between us and somebody else.
    """
    people = set(customers)
    theirs = set(Identity.objects.filter(customer__in=people, kind="mail").values_list("value", flat=True))
    rows = Message.objects.filter(ticket=ticket).exclude(direction=Message.Direction.NOTE)
    rows = rows.exclude(delivery__state__in=[Delivery.State.HELD, Delivery.State.CANCELLED]).exclude(automatic__in=["bounce", "auto_reply"])
    return [row for row in rows.select_related("agent").prefetch_related("attachments").order_by("id") if _concerns(row, people, theirs)]


def _concerns(message: Message, people: set[int], theirs: set[str]) -> bool:
    if message.direction == Message.Direction.IN:
        return message.customer_id in people or message.from_address.lower() in theirs
    if message.channel == "chat":
        return True
    return any(address.lower() in theirs for _, address in (*message.to, *message.cc, *message.bcc))


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


def messages_of_visible_tickets(agent: Agent) -> QuerySet[Message]:
    """Messages of all tickets that the agent may see; notes only for roles that may read them."""
    condition = visible_condition(agent, "ticket__")
    messages = Message.objects.all() if condition is None else Message.objects.filter(condition)
    return messages if agent.may(Permission.TICKET_NOTE) else messages.exclude(direction=Message.Direction.NOTE)


def saved_views(agent: Agent) -> list[SavedView]:
    """The agent's own views and those shared with everybody or with one of their teams, in order."""
    mine = Q(owner=agent) | Q(shared=True, team=None) | Q(shared=True, team__in=agent.teams.values("id"))
    return list(SavedView.objects.filter(mine).select_related("team"))


def saved_view_for(agent: Agent, view_id: int) -> SavedView:
    """One of `saved_views`. Raises NotFound."""
    view = next((view for view in saved_views(agent) if view.pk == view_id), None)
    if view is None:
        raise NotFound
    return view


def custom_fields(target: str = "ticket", *, kind: str | None = None, retired: bool = False) -> list[CustomField]:
    """The company's own fields in order; for a ticket kind only those that belong to it."""
    fields = CustomField.objects.filter(target=target) if retired else CustomField.objects.filter(target=target, is_active=True)
    return [field for field in fields if kind is None or not field.kinds or kind in field.kinds]


def missing_fields(ticket: Ticket) -> list[CustomField]:
    """Required fields of the ticket's kind that are still empty; shown before solving."""
    return [field for field in custom_fields(kind=ticket.kind) if field.required and ticket.custom.get(field.key) is None]


def tag_names(beginning: str = "", *, limit: int = 20) -> list[str]:
    """Tags that begin with what was typed, for completion."""
    return list(Tag.objects.filter(name__istartswith=beginning).order_by("name").values_list("name", flat=True)[:limit])
