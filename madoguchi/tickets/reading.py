"""Everything that the page of one ticket shows, gathered in few statements."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from madoguchi.foundation import clock
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent

from .duplicates import Duplicate, likely_duplicates
from .history import HistoryLine, in_words, label_of
from .models import (
    Attachment,
    Change,
    CustomField,
    Draft,
    Message,
    Participant,
    Reading,
    Task,
    Ticket,
    Viewing,
)
from .queries import messages_visible_to, tickets_visible_to

MESSAGES_SHOWN = 100  # the newest; earlier ones come by `earlier_messages`
CHANGES_SHOWN = 200
OTHERS_SHOWN = 20
VIEWER_FRESH = timedelta(seconds=60)


@dataclass(frozen=True)
class Person:
    """An agent beside the ticket: a watcher, or somebody who has it open (`typing`: and writes)."""

    id: int
    name: str
    typing: bool = False


@dataclass(frozen=True)
class LinkedTicket:
    """`kind`: related | causes | caused_by | duplicate."""

    link_id: int
    kind: str
    ticket: Ticket


@dataclass(frozen=True)
class CustomValue:
    """A custom field of this ticket with its value (None when empty)."""

    key: str
    label: str
    type: str
    choices: list
    required: bool
    value: object


@dataclass(frozen=True)
class Entry:
    """One step of the timeline: exactly one of `message` and `change` is set."""

    at: datetime
    message: Message | None = None
    change: HistoryLine | None = None


@dataclass
class TicketPage:
    """`first_unread_id`: the oldest message the agent has not read, None when all are read. `has_earlier`: more messages exist before the
    first one here. `drafts`: by kind (reply, note). `merged_into`: where the ticket went, as the agent may see it.
    """

    ticket: Ticket
    messages: list[Message]
    has_earlier: bool
    history: list[HistoryLine]
    first_unread_id: int | None
    tags: list[str] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    links: list[LinkedTicket] = field(default_factory=list)
    merged: list[Ticket] = field(default_factory=list)
    merged_into: Ticket | None = None
    watchers: list[Person] = field(default_factory=list)
    viewers: list[Person] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    custom: list[CustomValue] = field(default_factory=list)

    @property
    def last_message_id(self) -> int:
        """What the composer sends along as `seen_message_id`."""
        return self.messages[-1].pk if self.messages else 0

    @property
    def timeline(self) -> list[Entry]:
        """Messages and changes in the order they happened."""
        steps = [Entry(message.created_at, message=message) for message in self.messages]
        steps += [Entry(line.at, change=line) for line in self.history if not self.has_earlier or line.at >= self.messages[0].created_at]
        return sorted(steps, key=lambda step: step.at)


def open_ticket(agent: Agent, ticket_id: int) -> TicketPage:
    """All about one ticket. Raises NotFound when the agent may not see it, whether or not it exists.

    Each message has `attachments.all()` (without their data) and `delivery`; see `Entry` for the order on the page.
    Thirteen statements for a plain ticket, at most nineteen.
    """
    visible = tickets_visible_to(agent)
    ticket, read_to = _ticket(visible, agent, ticket_id)
    messages, has_earlier = _messages(agent, ticket)
    fields = list(CustomField.objects.filter(target="ticket", is_active=True))
    changes = list(Change.objects.filter(ticket=ticket).order_by("-id")[:CHANGES_SHOWN])[::-1]
    page = TicketPage(
        ticket, messages, has_earlier, in_words(changes, fields), _first_unread(messages, read_to, agent),
        custom=list(_custom_values(ticket, fields)),
    )  # fmt: skip
    _add_around(page, agent)
    _add_related(page, visible)
    return page


def related_tickets(agent: Agent, ticket_id: int) -> tuple[Ticket, list[Ticket], list[Duplicate]]:
    """A ticket, its customer's other tickets, newest first, and those that are likely the same matter. Raises NotFound as `open_ticket`.

    Three statements, up to eight when an order number is named.
    """
    visible = tickets_visible_to(agent)
    ticket = visible.filter(pk=ticket_id).select_related("customer").first()
    if ticket is None:
        raise NotFound
    theirs = _others(visible, ticket)
    said = messages_visible_to(agent, ticket).filter(direction=Message.Direction.IN).order_by("id").only("id", "text").first()
    return ticket, theirs, likely_duplicates(agent, ticket, theirs=theirs, text=said.text if said else "")


def earlier_messages(agent: Agent, ticket: Ticket, *, before_id: int) -> tuple[list[Message], bool]:
    """The messages before one, oldest first, and whether there are still earlier ones. `ticket` comes from `ticket_for`."""
    return _messages(agent, ticket, before_id)


def viewers_of(ticket_id: int, *, now: datetime, besides: Agent | None = None) -> list[Person]:
    """Who has the ticket open at `now`, longest first."""
    rows = Viewing.objects.filter(ticket=ticket_id, seen_at__gt=now - VIEWER_FRESH, agent__is_active=True)
    return [
        Person(pk, name, typing)
        for pk, name, typing in rows.order_by("id").values_list("agent_id", "agent__name", "typing")
        if besides is None or pk != besides.pk
    ]


def _ticket(visible: QuerySet[Ticket], agent: Agent, ticket_id: int) -> tuple[Ticket, int]:
    read = Reading.objects.filter(agent=agent, ticket=OuterRef("pk")).values("last_message_id")[:1]
    ticket = (
        visible.filter(pk=ticket_id)
        .select_related("customer", "customer__company", "team", "assignee", "mailbox", "brand")
        .annotate(read_to=Subquery(read))
        .first()
    )
    if ticket is None:
        raise NotFound
    return ticket, ticket.read_to or 0


def _messages(agent: Agent, ticket: Ticket, before_id: int | None = None) -> tuple[list[Message], bool]:
    found = messages_visible_to(agent, ticket).select_related("agent", "delivery").order_by("-id")
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    files = Prefetch("attachments", Attachment.objects.defer("data").order_by("id"))
    newest = list(found.prefetch_related(files)[: MESSAGES_SHOWN + 1])
    return newest[:MESSAGES_SHOWN][::-1], len(newest) > MESSAGES_SHOWN


def _first_unread(messages: list[Message], read_to: int, agent: Agent) -> int | None:
    return next((message.pk for message in messages if message.pk > read_to and message.agent_id != agent.pk), None)


def _others(visible: QuerySet[Ticket], ticket: Ticket) -> list[Ticket]:
    others = visible.filter(customer=ticket.customer_id).exclude(pk=ticket.pk).select_related("customer", "assignee")
    return list(others.order_by("-id")[:OTHERS_SHOWN])


def _custom_values(ticket: Ticket, fields: list[CustomField]) -> Iterator[CustomValue]:
    """The fields that belong to the ticket's kind, and any other that holds a value."""
    for one in fields:
        value = ticket.custom.get(one.key)
        if value is not None or not one.kinds or ticket.kind in one.kinds:
            yield CustomValue(one.key, label_of(one), one.type, one.choices, one.required, value)


_AROUND = """
    SELECT 'watcher' AS what, w.agent_id AS id, a.name AS name, '' AS detail, '' AS role
      FROM tickets_watcher w JOIN staff_agent a ON a.id = w.agent_id WHERE w.ticket_id = %s
    UNION ALL
    SELECT 'viewer', v.agent_id, a.name, CASE WHEN v.typing THEN 'typing' ELSE '' END, ''
      FROM tickets_viewing v JOIN staff_agent a ON a.id = v.agent_id WHERE v.ticket_id = %s AND v.seen_at > %s AND v.agent_id <> %s
    UNION ALL
    SELECT 'participant', p.id, p.name, p.address, p.role FROM tickets_participant p WHERE p.ticket_id = %s
    UNION ALL
    SELECT 'tag', t.id, t.name, '', ''
      FROM tickets_tag t JOIN tickets_ticket_tags tt ON tt.tag_id = t.id WHERE tt.ticket_id = %s
    UNION ALL
    SELECT 'tasks', 0, '', '', '' WHERE EXISTS (SELECT 1 FROM tickets_task WHERE ticket_id = %s)
    UNION ALL
    SELECT 'drafts', 0, '', '', '' WHERE EXISTS (SELECT 1 FROM tickets_draft WHERE ticket_id = %s AND agent_id = %s)
    ORDER BY 1, 3
"""


def _add_around(page: TicketPage, agent: Agent) -> None:
    """Watchers, viewers, participants and tags by one statement, in SQL: composing it would cost more than running it.

    It also says whether there are tasks and drafts, which most tickets lack.
    """
    ticket, fresh = page.ticket, connection.ops.adapt_datetimefield_value(clock.now() - VIEWER_FRESH)
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [ticket.pk, ticket.pk, fresh, agent.pk, *[ticket.pk] * 4, agent.pk])
        rows = cursor.fetchall()
    for what, number, name, detail, role in rows:
        match what:
            case "watcher":
                page.watchers.append(Person(number, name))
            case "viewer":
                page.viewers.append(Person(number, name, typing=bool(detail)))
            case "participant":
                page.participants.append(Participant(id=number, ticket=ticket, name=name, address=detail, role=role))
            case "tag":
                page.tags.append(name)
            case "tasks":
                tasks = Task.objects.filter(ticket=ticket).select_related("assignee").order_by("done_at", "due_at", "id")
                page.tasks.extend(tasks)
            case "drafts":
                page.drafts |= {draft.kind: draft for draft in Draft.objects.filter(ticket=ticket, agent=agent)}


RELATED = """
    SELECT id, kind, ticket_id, other_id FROM tickets_link WHERE ticket_id = %s
    UNION ALL
    SELECT id, kind, ticket_id, other_id FROM tickets_link WHERE other_id = %s
    UNION ALL
    SELECT id, 'merged', merged_into_id, id FROM tickets_ticket WHERE merged_into_id = %s
"""


def _add_related(page: TicketPage, visible: QuerySet[Ticket]) -> None:
    """Linked and merged tickets: one statement for the numbers, one more when there are any."""
    ticket = page.ticket
    with connection.cursor() as cursor:
        cursor.execute(RELATED, [ticket.pk] * 3)
        rows = cursor.fetchall()
    wanted: set[int] = {row[2] for row in rows} | {row[3] for row in rows}
    if ticket.merged_into_id:
        wanted.add(ticket.merged_into_id)
    wanted.discard(ticket.pk)
    if not wanted:
        return
    known = {one.pk: one for one in visible.filter(pk__in=wanted).select_related("customer", "assignee")}
    page.merged_into = known.get(ticket.merged_into_id or 0)
    for link_id, kind, left, right in sorted(rows):
        other = known.get(right if left == ticket.pk else left)
        if other is None:
            continue
        if kind == "merged":
            page.merged.append(other)
        else:
            page.links.append(LinkedTicket(link_id, "caused_by" if kind == "causes" and left != ticket.pk else kind, other))
