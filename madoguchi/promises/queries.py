"""Reads about promises."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from madoguchi.foundation import clock
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Ticket
from madoguchi.tickets.queries import visible_condition
from madoguchi.workplace import queries as workplace

from .models import Promise

SHOWN = 200


def promises_visible_to(agent: Agent) -> QuerySet[Promise]:
    condition = visible_condition(agent, "ticket__")
    return Promise.objects.all() if condition is None else Promise.objects.filter(condition)


def promise_for(agent: Agent, promise_id: int) -> Promise:
    """Raises NotFound, whether the agent may not see it or it does not exist."""
    found = promises_visible_to(agent).select_related("ticket", "owner").filter(pk=promise_id).first()
    if found is None:
        raise NotFound
    return found


def of_ticket(ticket: Ticket) -> QuerySet[Promise]:
    """What stands beside a ticket, those of tickets merged into it included. `ticket` comes from `ticket_for`."""
    mine = Promise.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket))
    return mine.exclude(state=Promise.State.DECLINED).select_related("owner").order_by(F("due_at").asc(nulls_last=True), "id")


def open_for_customer(ticket: Ticket) -> list[tuple[str, datetime]]:
    """(our words, due) of what the customer may wait for; found ones that nobody has confirmed are not among them."""
    mine = of_ticket(ticket).filter(state=Promise.State.OPEN)
    return [(text, due) for text, due in mine.values_list("text", "due_at") if due]


def waiting(agent: Agent, *, mine: bool) -> list[Promise]:
    """Open promises, most urgent first."""
    rows = promises_visible_to(agent).filter(state=Promise.State.OPEN)
    if mine:
        rows = rows.filter(owner=agent)
    return list(rows.select_related("ticket__customer", "owner").order_by("due_at", "id")[:SHOWN])


@dataclass(frozen=True)
class Tally:
    """Of the promises that were due in a period: kept in time, kept late, broken (not kept so far); withdrawn ones apart."""

    in_time: int
    late: int
    broken: int
    withdrawn: int

    @property
    def share(self) -> float | None:
        """Kept in time, of all that counted; None when none did."""
        total = self.in_time + self.late + self.broken
        return self.in_time / total if total else None


def tally(agent: Agent, *, days: int) -> Tally:
    now = clock.now()
    rows = promises_visible_to(agent).filter(due_at__lte=now, due_at__gt=now - timedelta(days=days))
    kept, in_time = Q(state=Promise.State.KEPT), Q(settled_at__lte=F("due_at"))
    counts = rows.aggregate(
        in_time=Count("id", filter=kept & in_time), late=Count("id", filter=kept & ~in_time),
        broken=Count("id", filter=Q(state=Promise.State.OPEN)), withdrawn=Count("id", filter=Q(state=Promise.State.WITHDRAWN)),
    )  # fmt: skip
    return Tally(**counts)


def work_days(ticket: Ticket) -> tuple[Callable[[date], bool] | None, str]:
    """Which days the ticket's brand works, and its time zone; (None, zone) before there is a calendar."""
    company = workplace.workplace()
    zone = company.time_zone if company else "UTC"
    version = workplace.current_versions().choose(calendar_id=None, brand_id=ticket.brand_id)
    if version is None:
        return None, zone
    hours = workplace.hours(version)
    return (lambda day: bool(hours.shifts_on(day))), zone
