"""Warnings, breaches and escalation. Found by looking at what is due, so a restart or a lost minute forgets nothing."""

from datetime import datetime

from django.db import transaction

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Priority, Ticket

from ..models import Deadline, Escalation, EscalationStep
from ..queries import supervisors
from .ledger import announce_breach, announce_warning

BATCH = 100


def sound_alarms() -> int:
    """Announce every warning and breach that has become due, each once; returns how many. A batch is a transaction."""
    sounded = 0
    for take in (_warnings, _breaches):
        while True:
            found = take(clock.now())
            sounded += found
            if found < BATCH:
                break
    return sounded


@transaction.atomic
def _breaches(now: datetime) -> int:
    late = Deadline.objects.select_for_update(skip_locked=True).filter(is_open=True, breached_at=None, due_at__lt=now)
    deadlines = list(late.order_by("due_at")[:BATCH])
    for deadline in deadlines:
        deadline.breached_at = deadline.due_at
        announce_breach(deadline)
    Deadline.objects.bulk_update(deadlines, ["breached_at"])
    return len(deadlines)


@transaction.atomic
def _warnings(now: datetime) -> int:
    soon = Deadline.objects.select_for_update(skip_locked=True).filter(is_open=True, warned_at=None, warn_at__lte=now)
    deadlines = list(soon.order_by("warn_at")[:BATCH])
    for deadline in deadlines:
        deadline.warned_at = deadline.warn_at
        if deadline.due_at is None or deadline.due_at >= now:  # else the breach says all there is to say
            announce_warning(deadline)
    Deadline.objects.bulk_update(deadlines, ["warned_at"])
    return len(deadlines)


@transaction.atomic
def escalate(*, deadline_id: int, step_id: int, about: datetime) -> None:
    """Carry out a step for a clock that warned or was breached at `about`, unless that is no longer so. Once."""
    deadline = Deadline.objects.select_for_update().filter(pk=deadline_id, is_open=True, paused_at=None).first()
    step = EscalationStep.objects.select_related("role", "team").filter(pk=step_id).first()
    if deadline is None or step is None:
        return
    at = deadline.warned_at if step.moment == EscalationStep.Moment.WARNING else deadline.breached_at
    if at != about or Escalation.objects.filter(deadline=deadline, step=step, about=about).exists():
        return
    ticket = Ticket.objects.select_related("team", "assignee").get(pk=deadline.ticket_id)
    outcome = _carry_out(step, deadline, ticket)
    Escalation.objects.create(deadline=deadline, step=step, action=step.action, about=about, outcome=outcome, at=clock.now())


def _carry_out(step: EscalationStep, deadline: Deadline, ticket: Ticket) -> dict[str, object]:
    match step.action:
        case EscalationStep.Action.REASSIGN_TEAM:
            if step.team is None or ticket.team_id == step.team_id:
                return {}
            tickets.assign(ticket_id=ticket.pk, by=SYSTEM, assignee=None, team=step.team)
            return {"team": step.team_id}
        case EscalationStep.Action.RAISE_PRIORITY:
            if ticket.priority >= Priority.URGENT:
                return {}
            tickets.set_field(ticket_id=ticket.pk, field="priority", value=ticket.priority + 1, by=SYSTEM)
            return {"priority": ticket.priority + 1}
    told = _people(step, ticket)
    staff.notify(
        agent_ids=told,
        kind=f"sla_{step.moment}",
        ticket_id=ticket.pk,
        key=f"sla:{deadline.pk}:{step.moment}:{int((deadline.due_at or deadline.counted_at).timestamp())}",
        subject=ticket.subject,
        metric=deadline.metric,
        due_at=deadline.due_at.isoformat() if deadline.due_at else "",
    )
    return {"told": told}


def _people(step: EscalationStep, ticket: Ticket) -> list[int]:
    """Whom to tell. A ticket without an assignee concerns the lead, a team without a lead the supervisors: never nobody."""
    active = Agent.objects.filter(is_active=True)
    if step.action == EscalationStep.Action.NOTIFY_ROLE:
        return list(active.filter(role=step.role_id).order_by("id").values_list("id", flat=True))
    if step.action == EscalationStep.Action.NOTIFY_ASSIGNEE and ticket.assignee is not None and ticket.assignee.is_active:
        return [ticket.assignee.pk]
    if ticket.team is not None and ticket.team.lead_id is not None and active.filter(pk=ticket.team.lead_id).exists():
        return [ticket.team.lead_id]
    return supervisors()
