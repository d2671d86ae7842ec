"""Reads about follow-ups and case records."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Message, Ticket
from madoguchi.tickets.queries import visible_condition
from madoguchi.workplace import queries as workplace

from .matching import Condition, Facts, folded
from .models import CaseRecord, FollowUp, Rule
from .planning import every_day

OPEN_FOR = timedelta(days=30)  # after the mail, its links answer
SHOWN = 200
DIGITS = 18  # of an id in an address


def facts_of(ticket: Ticket) -> Facts:
    customer = ticket.customer
    tiers = folded([*customer.tags, customer.company.name if customer.company else ""])
    return Facts(ticket.kind, ticket.cause, ticket.channel, ticket.priority, tiers)


def rule_for(ticket: Ticket) -> Rule | None:
    """The first active rule that fits."""
    facts = facts_of(ticket)
    for rule in Rule.objects.filter(is_active=True):
        if Condition(rule.kinds, rule.causes, rule.channels, rule.tiers, rule.from_priority).fits(facts):
            return rule
    return None


def visible_to(agent: Agent) -> QuerySet[FollowUp]:
    condition = visible_condition(agent, "ticket__")
    return FollowUp.objects.all() if condition is None else FollowUp.objects.filter(condition)


def followup_for(agent: Agent, followup_id: int) -> FollowUp:
    """Raises NotFound, whether the agent may not see it or it does not exist."""
    found = visible_to(agent).select_related("ticket").filter(pk=followup_id).first()
    if found is None:
        raise NotFound
    return found


def of_ticket(ticket: Ticket) -> list[FollowUp]:
    """What stands beside a ticket, those of tickets merged into it included. `ticket` comes from `ticket_for`."""
    mine = FollowUp.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket))
    return list(mine.exclude(state=FollowUp.State.CANCELLED).order_by("planned_for", "id"))


def listing(agent: Agent, *, planned: bool) -> list[FollowUp]:
    """What is to come, soonest first; or what came of it, newest first."""
    rows = visible_to(agent).select_related("ticket__customer", "ticket__assignee", "rule")
    if planned:
        return list(rows.filter(state=FollowUp.State.PLANNED).order_by("due_at", "id")[:SHOWN])
    return list(rows.exclude(state=FollowUp.State.PLANNED).order_by("-due_at", "-id")[:SHOWN])


def tally(agent: Agent, *, days: int) -> dict[str, int]:
    """Of those asked in the last days: how many, and what came of it."""
    rows = visible_to(agent).filter(asked_at__gt=clock.now() - timedelta(days=days))
    outcomes = {value: Count("id", filter=Q(outcome=value)) for value in FollowUp.Outcome.values}
    return rows.aggregate(asked=Count("id"), **outcomes)


def near(customer_id: int, *, at: datetime, apart: timedelta) -> list[datetime]:
    """When mails that ask this customer how it went were sent or are planned, within `apart` of a moment. For whoever else asks."""
    rows = FollowUp.objects.filter(ticket__customer=customer_id, means="mail")
    close = Q(state=FollowUp.State.PLANNED, due_at__gt=at - apart, due_at__lt=at + apart)
    close |= Q(asked_at__gt=at - apart, asked_at__lt=at + apart)
    return [asked or due for asked, due in rows.filter(close).values_list("asked_at", "due_at")]


def wrote_since(ticket: Ticket, since: datetime) -> bool:
    said = Message.objects.filter(ticket=ticket, direction=Message.Direction.IN, automatic="", created_at__gt=since)
    return said.exists()


def record_of(ticket: Ticket) -> CaseRecord | None:
    return CaseRecord.objects.select_related("written_by").filter(ticket=ticket).first()


def token(followup_id: int) -> str:
    """What stands in the customer's links: it cannot be guessed, needs no account, and opens this one follow-up."""
    return f"{followup_id}-{crypto.sign(str(followup_id), purpose='followup', length=32)}"


def followup_of_token(given: str) -> FollowUp:
    """Raises NotFound for what we did not sign, and for one that was not sent."""
    number = given.split("-", 1)[0]
    if not (number.isascii() and number.isdecimal()) or len(number) > DIGITS or not crypto.same(given, token(int(number))):
        raise NotFound
    rows = FollowUp.objects.select_related("ticket__customer", "ticket__brand").filter(pk=int(number), means="mail")
    found = rows.exclude(asked_at=None).first()
    if found is None:
        raise NotFound
    return found


def is_open(followup: FollowUp) -> bool:
    return followup.asked_at is not None and clock.now() < followup.asked_at + OPEN_FOR


def work_days(ticket: Ticket) -> Callable[[date], bool]:
    """Which days the ticket's brand works; all before there is a calendar."""
    version = workplace.current_versions().choose(calendar_id=None, brand_id=ticket.brand_id)
    if version is None:
        return every_day
    hours = workplace.hours(version)
    return lambda day: bool(hours.shifts_on(day))
