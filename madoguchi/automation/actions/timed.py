"""Timed triggers: what happens when nothing happens for a while.

A ticket's time counts from the last thing that people did: it was created, its status changed, the customer wrote, a person of ours
answered. A trigger fires once for each such moment, so its own notes and tags do not make it fire again.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from madoguchi.foundation import clock
from madoguchi.tickets.models import Change, Status, Ticket

from ..models import Trigger, TriggerRun
from .firing import try_trigger

BATCH = 200
IN_COLUMNS = {
    "priority": "priority", "kind": "kind", "channel": "channel", "language": "language", "brand": "brand_id", "team": "team_id",
    "mailbox": "mailbox_id", "status": "status", "cause": "cause", "company": "customer__company_id",
}  # fmt: skip


def fire_timed() -> int:
    """Look at all timed triggers; each fires for at most BATCH tickets a time, the rest follow next time. Returns how many fired."""
    triggers = Trigger.objects.filter(is_active=True, kind=Trigger.Kind.TIME)
    return sum(_fire(trigger, clock.now()) for trigger in triggers)


def _fire(trigger: Trigger, now: datetime) -> int:
    fired, last = 0, 0
    while fired < BATCH:
        due = list(due_tickets(trigger, now).filter(pk__gt=last).order_by("pk")[:BATCH])
        for ticket in due:
            fired += try_trigger(trigger, ticket_id=ticket.pk, cause=f"since:{int(ticket.since.timestamp())}")  # type: ignore[attr-defined]
        if len(due) < BATCH:
            break
        last = due[-1].pk
    return fired


def due_tickets(trigger: Trigger, now: datetime) -> QuerySet[Ticket]:
    """Tickets whose time came after the trigger was switched on and that it has not fired for, with `since`.

    Conditions that are columns are put to the database; `try_trigger` looks at all of them again under the ticket's lock.
    """
    wait = timedelta(minutes=trigger.after_minutes)
    changed = Change.objects.filter(ticket=OuterRef("pk"), field="status").order_by("-id").values("at")[:1]
    tickets = Ticket.objects.filter(is_spam=False, merged_into=None, created_at__lte=now - wait)
    tickets = tickets.filter(unsolved=True) if "status" not in trigger.conditions else tickets.exclude(status=Status.CLOSED)
    for field, column in IN_COLUMNS.items():
        if field in trigger.conditions:
            tickets = tickets.filter(**{f"{column}__in": trigger.conditions[field]})
    tickets = tickets.filter(Q(updated_at__gt=trigger.active_since - wait))
    tickets = tickets.annotate(
        since=Greatest(
            "created_at", Coalesce("last_inbound_at", "created_at"), Coalesce("last_outbound_at", "created_at"),
            Coalesce(Subquery(changed), "created_at"),
        )
    )  # fmt: skip
    before = TriggerRun.objects.filter(trigger=trigger, ticket=OuterRef("pk"), at__gte=OuterRef("since"))
    return tickets.filter(since__lte=now - wait, since__gt=trigger.active_since - wait).exclude(Exists(before))
