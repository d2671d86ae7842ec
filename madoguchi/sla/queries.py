"""Reads of the promises: the rules in force, the clocks of tickets, and why a clock is due when it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madoguchi.customers.models import Customer
from madoguchi.foundation import clock
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.conditions import Traits, fields_used
from madoguchi.tickets.models import Ticket
from madoguchi.tickets.queries import visible_condition
from madoguchi.workplace import queries as workplace
from madoguchi.workplace.queries import CurrentVersions

from . import clockwork
from .choosing import REPLIES, PolicyValue, choose
from .models import Deadline, Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """All active policies in order, and the calendars in force: what is needed to start or retarget any number of clocks."""

    policies: Sequence[PolicyValue]
    versions: CurrentVersions

    @property
    def conditions(self) -> list[Mapping[str, Sequence[Any]]]:
        return [policy.conditions for policy in self.policies]

    def policy_for(self, traits: Traits) -> PolicyValue | None:
        return choose(self.policies, traits)

    def calendar_for(self, policy: PolicyValue, ticket: Ticket) -> int | None:
        """The calendar version by which the ticket's clocks count; None before any calendar exists."""
        return self.versions.choose(calendar_id=policy.calendar_id, brand_id=ticket.brand_id)


def rules() -> Rules:
    """In four statements."""
    policies = [
        PolicyValue(
            policy.pk, policy.name, policy.conditions, policy.calendar_id, policy.warn_percent, policy.pause_waiting_others,
            {(target.metric, target.priority): 60 * target.minutes for target in policy.targets.all()},
        )
        for policy in Policy.objects.filter(is_active=True).prefetch_related("targets")
    ]  # fmt: skip
    return Rules(policies, workplace.current_versions())


def traits_of(tickets: Iterable[Ticket], conditions: Iterable[Mapping[str, Sequence[Any]]]) -> dict[int, Traits]:
    """The traits of tickets by id. Customers and tags are loaded, in one statement each, only if a condition asks for them."""
    tickets = list(tickets)
    used = fields_used(conditions)
    customers: dict[int, tuple[int | None, frozenset[str]]] = {}
    tags: dict[int, set[str]] = {}
    if used & {"company", "customer_tags"}:
        rows = Customer.objects.filter(pk__in={ticket.customer_id for ticket in tickets}).values_list("pk", "company_id", "tags")
        customers = {pk: (company, frozenset(names)) for pk, company, names in rows}
    if "tags" in used:
        pairs = Ticket.tags.through.objects.filter(ticket_id__in=[ticket.pk for ticket in tickets])
        for ticket_id, name in pairs.values_list("ticket_id", "tag__name"):
            tags.setdefault(ticket_id, set()).add(name)
    nobody = (None, frozenset[str]())
    return {
        ticket.pk: Traits(
            priority=ticket.priority, kind=ticket.kind, channel=ticket.channel, language=ticket.language, brand=ticket.brand_id,
            team=ticket.team_id, mailbox=ticket.mailbox_id, company=customers.get(ticket.customer_id, nobody)[0],
            customer_tags=customers.get(ticket.customer_id, nobody)[1], tags=frozenset(tags.get(ticket.pk, ())),
            status=ticket.status, cause=ticket.cause,
        )
        for ticket in tickets
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock as screens show it. share: of the budget that is left, 0 to 1; seconds: working time left, negative when over."""

    deadline_id: int
    metric: str
    state: str
    due_at: datetime | None
    share: float
    seconds: int

    @property
    def percent(self) -> int:
        """For the ring: the arc that is left, full when overdue."""
        return 100 if self.state == "over" else round(100 * self.share)


def view_of(deadline: Deadline, now: datetime | None = None) -> ClockView:
    """state: met | cancelled | paused | over | soon | running | never (the calendar never opens)."""
    now = now or clock.now()
    calendar = workplace.hours(deadline.calendar_version_id)
    counts = deadline.is_open and deadline.paused_at is None
    used = deadline.used + (calendar.seconds_between(deadline.counted_at, now) if counts else 0)
    left = deadline.budget - used
    if not deadline.is_open:
        state = "met" if deadline.met_at else "cancelled"
    elif deadline.due_at is not None and deadline.due_at < now:
        state = "over"
    elif deadline.paused_at is not None:
        state = "paused"
    elif deadline.due_at is None:
        state = "never"
    else:
        state = "soon" if deadline.warn_at is not None and deadline.warn_at <= now else "running"
    return ClockView(deadline.pk, deadline.metric, state, deadline.due_at, min(1.0, max(0.0, left / deadline.budget)), left)


def clocks_of(ticket_ids: Iterable[int]) -> dict[int, ClockView]:
    """The clock that matters most of each ticket that has an open one: the nearest due, else a paused one. One statement."""
    nearest: dict[int, Deadline] = {}
    far = datetime.max.replace(tzinfo=clock.now().tzinfo)
    for deadline in Deadline.objects.filter(ticket_id__in=list(ticket_ids), is_open=True).order_by("id"):
        best = nearest.get(deadline.ticket_id)
        if best is None or (deadline.due_at or far) < (best.due_at or far):
            nearest[deadline.ticket_id] = deadline
    now = clock.now()
    return {ticket_id: view_of(deadline, now) for ticket_id, deadline in nearest.items()}


def open_deadlines(ticket: Ticket) -> list[Deadline]:
    """The ticket's running and paused clocks, nearest due first; `ticket` comes from `ticket_for`."""
    far = datetime.max.replace(tzinfo=clock.now().tzinfo)
    return sorted(Deadline.objects.filter(ticket=ticket, is_open=True), key=lambda deadline: deadline.due_at or far)


def deadline_for(agent: Agent, deadline_id: int) -> Deadline | None:
    """The clock if the agent may see its ticket."""
    condition = visible_condition(agent, "ticket__")
    found = Deadline.objects.select_related("ticket").filter(pk=deadline_id)
    return (found if condition is None else found.filter(condition)).first()


def expectation(ticket: Ticket) -> datetime | None:
    """By when the customer may expect our reply: what the acknowledgement says. None when nothing is promised or it has passed."""
    now = clock.now()
    dues = Deadline.objects.filter(ticket=ticket, metric__in=REPLIES, is_open=True, due_at__gt=now).values_list("due_at", flat=True)
    return min((due for due in dues if due is not None), default=None)


def reply_is_late(ticket: Ticket) -> bool:
    """A reply that was promised by an SLA policy is overdue and still open."""
    return Deadline.objects.filter(ticket=ticket, metric__in=REPLIES, is_open=True, due_at__lte=clock.now()).exists()


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is needed to tell in words why a clock is due when it is."""

    deadline: Deadline
    state: clockwork.ClockState
    steps: list[clockwork.Step]
    facts: list[clockwork.Fact]
    now: datetime


def story_of(deadline: Deadline, *, language: str = "", now: datetime | None = None) -> Story:
    """The clock's life, replayed from its facts in two statements; holidays named in `language`."""
    now = now or clock.now()
    rows = list(deadline.facts.order_by("at", "id")) or [deadline.as_started()]
    facts = [row.as_fact() for row in rows]
    named = {fact.calendar for fact in facts if fact.calendar is not None}
    calendars = {version: workplace.hours(version, language) for version in named}
    state = clockwork.replay(facts, calendars, until=now)
    if state is None:
        message = f"deadline {deadline.pk} has no start among its facts"
        raise LookupError(message)
    return Story(deadline, state, clockwork.explain(facts, calendars, now), facts, now)


def supervisors() -> list[int]:
    """Ids of the active agents who answer for the promises: their role may change them."""
    active = Agent.objects.filter(is_active=True).select_related("role").order_by("id")
    return [agent.pk for agent in active if agent.may(Permission.MANAGE_SLA)]
