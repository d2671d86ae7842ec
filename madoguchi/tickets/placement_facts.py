"""What placement must look up, for a whole batch of arrivals with few statements."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, F

from madoguchi.customers.models import Identity

from .models import Link, Message, Participant, Ticket
from .placement import FOLLOW_UPS, MERGE_DEPTH, TicketFacts
from .status import CLOSED

CHUNK = 500  # ids in one statement


def messages_by_id(message_ids: Iterable[str]) -> dict[str, tuple[int, str, str]]:
    """Message-ID -> (ticket, direction, sender's address) of messages that we have."""
    found: dict[str, tuple[int, str, str]] = {}
    for some in _chunks(message_ids):
        rows = Message.objects.filter(message_id__in=some).values_list("message_id", "ticket_id", "direction", "from_address")
        found |= {row[0]: row[1:] for row in rows if row[0]}
    return found


def our_messages(message_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Message-ID -> (message, ticket) of mails that we sent."""
    sent = Message.objects.filter(message_id__in=list(message_ids), direction=Message.Direction.OUT)
    return {row[0]: row[1:] for row in sent.values_list("message_id", "pk", "ticket_id") if row[0]}


def last_sent_to(ticket_id: int, address: str) -> tuple[int, int] | None:
    """The newest mail of a ticket that we sent to `address`, as (message, ticket)."""
    sent = Message.objects.filter(ticket_id=ticket_id, direction=Message.Direction.OUT).order_by("-id")
    for pk, to, cc, bcc in sent.values_list("pk", "to", "cc", "bcc")[:50]:
        if address.lower() in {there.lower() for _, there in (*to, *cc, *bcc)}:
            return pk, ticket_id
    return None


def lock_tickets(ids: Iterable[int]) -> dict[int, Ticket]:
    """The tickets, and those that they were merged into, locked in the order of their ids."""
    found: dict[int, Ticket] = {}
    wanted = set(ids)
    for _ in range(MERGE_DEPTH):
        for some in _chunks(wanted):
            found |= {ticket.pk: ticket for ticket in Ticket.objects.select_for_update().filter(pk__in=some).order_by("id")}
        wanted = {ticket.merged_into_id for ticket in found.values() if ticket.merged_into_id} - found.keys()
        if not wanted:
            break
    return found


def lock_with_follow_ups(ids: Iterable[int]) -> tuple[dict[int, Ticket], dict[int, list[int]]]:
    """The tickets, locked, with those that replies opened after one of them was closed, and these by closed ticket, newest first.

    Such a link was made with its ticket, at the same moment; one that people make later says nothing about where replies go.
    """
    found = lock_tickets(ids)
    later: dict[int, list[int]] = {}
    while len(later) <= FOLLOW_UPS:
        closed = [pk for pk, ticket in found.items() if ticket.status == CLOSED and pk not in later]
        if not closed:
            break
        later |= {pk: [] for pk in closed}
        for some in _chunks(closed):
            born = Link.objects.filter(other_id__in=some, ticket__created_at=F("created_at")).order_by("-ticket_id")
            for other, ticket in born.values_list("other_id", "ticket_id"):
                later[other].append(ticket)
        fresh = {ticket for pk in closed for ticket in later[pk][:FOLLOW_UPS]} - found.keys()
        found |= lock_tickets(fresh) if fresh else {}
    return found, later


def facts_of(tickets: dict[int, Ticket], follow_ups: dict[int, list[int]] | None = None) -> dict[int, TicketFacts]:
    """What placement asks of each ticket, with the addresses of everybody who belongs to it."""
    later = follow_ups or {}
    members: dict[int, set[str]] = defaultdict(set)
    for some in _chunks(tickets):
        for ticket_id, address in Participant.objects.filter(ticket_id__in=some).values_list("ticket_id", "address"):
            members[ticket_id].add(address.lower())
    addresses: dict[int, set[str]] = defaultdict(set)
    for some in _chunks({ticket.customer_id for ticket in tickets.values()}):
        for customer_id, address in Identity.objects.filter(kind="mail", customer_id__in=some).values_list("customer_id", "value"):
            addresses[customer_id].add(address)
    belonging = {pk: frozenset(members[pk] | addresses[ticket.customer_id]) for pk, ticket in tickets.items()}
    return {
        pk: TicketFacts(ticket.status, ticket.merged_into_id, belonging[pk], tuple(later.get(pk, ()))) for pk, ticket in tickets.items()
    }


def recent_messages(customer_ids: Iterable[int], *, since: datetime) -> dict[int, int]:
    """How many messages each customer has sent since then."""
    counts = Message.objects.filter(customer_id__in=list(customer_ids), created_at__gte=since, direction=Message.Direction.IN)
    return dict(counts.values_list("customer_id").annotate(n=Count("id")))


def _chunks(values: Iterable) -> Iterable[list]:
    every = list(values)
    return (every[start : start + CHUNK] for start in range(0, len(every), CHUNK))
