"""A customer as the desk knows them: figures, and one timeline over all channels."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from madoguchi.customers.models import Company, Customer, CustomerNote
from madoguchi.customers.queries import company_for, customer_for
from madoguchi.foundation import clock
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent

from .models import Message, Ticket
from .queries import messages_of_visible_tickets, tickets_visible_to


@dataclass(frozen=True)
class Figures:
    """Of the tickets that the agent may see; spam and merged ones do not count. `last_30_days`: tickets made since then."""

    tickets: int
    open: int
    complaints: int
    last_30_days: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True)
class Step:
    """One thing that happened: exactly one of `message` and `note` is set."""

    at: datetime
    message: Message | None = None
    note: CustomerNote | None = None


@dataclass
class Profile:
    customer: Customer
    figures: Figures
    open_tickets: list[Ticket]
    timeline: list[Step]
    next_before: str


@dataclass
class CompanyPage:
    company: Company
    customers: list[Customer]
    figures: Figures
    tickets: list[Ticket]


def profile(agent: Agent, customer_id: int, *, limit: int = 30) -> Profile:
    """The customer's page. Raises NotFound when the role may not see customers. About ten statements."""
    customer = customer_for(agent, customer_id)
    mine = Q(customer=customer)
    steps, following = timeline(agent, customer, limit=limit)
    unsolved = tickets_visible_to(agent).filter(mine, unsolved__in=[True]).select_related("assignee", "team").order_by("due_at", "id")
    return Profile(customer, figures(agent, mine), list(unsolved[:20]), steps, following)


def company_page(agent: Agent, company_id: int, *, limit: int = 50) -> CompanyPage:
    """A firm with its people and their tickets, newest first."""
    company = company_for(agent, company_id)
    people = company.customers.filter(merged_into=None).prefetch_related("identities").order_by("name", "id")
    theirs = Q(customer__company=company)
    tickets = tickets_visible_to(agent).filter(theirs, merged_into=None).select_related("customer", "assignee").order_by("-id")
    return CompanyPage(company, list(people[:200]), figures(agent, theirs), list(tickets[:limit]))


def figures(agent: Agent, which: Q) -> Figures:
    found = tickets_visible_to(agent).filter(which, is_spam=False, merged_into=None).aggregate(
        tickets=Count("id"), open=Count("id", filter=Q(unsolved=True)), complaints=Count("id", filter=Q(kind="complaint")),
        last_30_days=Count("id", filter=Q(created_at__gte=clock.now() - timedelta(days=30))),
        first_at=Min("created_at"), last_at=Max("last_inbound_at"),
    )  # fmt: skip
    return Figures(**found)


def timeline(agent: Agent, customer: Customer, *, before: str = "", limit: int = 30) -> tuple[list[Step], str]:
    """What was said with the customer on all channels, and notes about them, newest first; and the `before` of the next page, "" at the
    end. Each message has its `ticket`. Raises Invalid for a damaged `before`.
    """
    message_before, note_before = _position(before)
    messages = messages_of_visible_tickets(agent).filter(ticket__customer=customer).select_related("ticket", "agent").order_by("-id")
    notes = CustomerNote.objects.filter(customer=customer).select_related("author").order_by("-id")
    if message_before:
        messages = messages.filter(pk__lt=message_before)
    if note_before:
        notes = notes.filter(pk__lt=note_before)
    steps = [Step(message.created_at, message=message) for message in messages[: limit + 1]]
    steps += [Step(note.created_at, note=note) for note in notes[: limit + 1]]
    steps.sort(key=lambda step: step.at, reverse=True)
    shown = steps[:limit]
    if len(steps) <= limit:
        return shown, ""
    last_message = min((step.message.pk for step in shown if step.message), default=message_before)
    last_note = min((step.note.pk for step in shown if step.note), default=note_before)
    return shown, f"{last_message}.{last_note}"


def _position(before: str) -> tuple[int, int]:
    if not before:
        return 0, 0
    try:
        message, note = before.split(".")
        return int(message), int(note)
    except ValueError as error:
        raise Invalid from error
