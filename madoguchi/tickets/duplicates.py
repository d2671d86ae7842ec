"""Tickets that are probably the same matter told twice, each with the reason why we think so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.foundation import search
from madoguchi.foundation.search_query import query_terms
from madoguchi.staff.models import Agent

from .models import Message, Ticket
from .queries import tickets_visible_to
from .similarity import likeness, order_numbers

DAYS = 14  # the same customer writing about the same thing again
NUMBER_DAYS = 60  # the same order number, whoever wrote
ALIKE = 0.5
MOST = 5
SHELF = "messages"
MOST_HITS = 20


@dataclass(frozen=True)
class Duplicate:
    """`reason` is for people; `score` orders the list (a shared order number counts more than a similar text)."""

    ticket: Ticket
    reason: str
    score: float


def likely_duplicates(
    agent: Agent, ticket: Ticket, *, theirs: Iterable[Ticket], text: str = "", own: Iterable[Message] = ()
) -> list[Duplicate]:
    """At most five, best first. `theirs`: the customer's other tickets (a bounded list); `text`: what the customer wrote first;
    `own`: messages of this ticket that are known already.

    One to two statements when an order number is named, none otherwise.
    """
    found: dict[int, Duplicate] = {}
    for same in _same_number(agent, ticket, text, {message.pk for message in own}):
        found[same.ticket.pk] = same
    gist = f"{ticket.subject}\n{ticket.preview}"
    for other in theirs:
        if other.pk in found or other.merged_into_id or abs(other.created_at - ticket.created_at) > timedelta(days=DAYS):
            continue
        score = max(likeness(ticket.subject, other.subject), likeness(gist, f"{other.subject}\n{other.preview}"))
        if score >= ALIKE:
            days = abs(other.created_at - ticket.created_at).days
            reason = (
                ngettext("Same customer, similar text, {days} day apart", "Same customer, similar text, {days} days apart", days)
                if days
                else _("Same customer, similar text, same day")
            )
            found[other.pk] = Duplicate(other, reason.format(days=days), score)
    return sorted(found.values(), key=lambda one: (-one.score, -one.ticket.pk))[:MOST]


def _same_number(agent: Agent, ticket: Ticket, text: str, own: set[int]) -> list[Duplicate]:
    numbers = order_numbers(ticket.subject, text)
    hits = [hit for number in numbers for hit in search.search_ids(SHELF, query_terms(f'"{number}"'), limit=MOST_HITS) if hit not in own]
    if not hits:
        return []
    span = timedelta(days=NUMBER_DAYS)
    others = (
        tickets_visible_to(agent)
        .filter(pk__in=Message.objects.filter(pk__in=hits).exclude(direction=Message.Direction.NOTE).values("ticket_id"))
        .filter(merged_into=None, created_at__gte=ticket.created_at - span, created_at__lte=ticket.created_at + span)
        .exclude(pk=ticket.pk)
        .select_related("customer")
        .order_by("-id")[:MOST]
    )
    reason = _("Same order number")
    return [Duplicate(other, reason, 1.0) for other in others]
