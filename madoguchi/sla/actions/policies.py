"""Writes of the rules: policies, their targets and their escalation steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff.models import Role, Team
from madoguchi.tickets.conditions import checked
from madoguchi.tickets.models import Priority
from madoguchi.workplace.models import Calendar

from ..events import PoliciesChanged
from ..models import EscalationStep, Metric, Policy, Target

MAX_MINUTES = 60 * 24 * 366
MAX_STEPS = 20
HOUR = 60
WORKDAY = 9 * HOUR

# One working day at most for a first reply by mail, an hour when it is urgent.
DEFAULT_TARGETS: dict[tuple[str, int | None], int] = {
    (Metric.FIRST_REPLY, None): WORKDAY,
    (Metric.FIRST_REPLY, Priority.HIGH): 4 * HOUR,
    (Metric.FIRST_REPLY, Priority.URGENT): HOUR,
    (Metric.NEXT_REPLY, None): WORKDAY,
    (Metric.NEXT_REPLY, Priority.HIGH): 4 * HOUR,
    (Metric.NEXT_REPLY, Priority.URGENT): HOUR,
    (Metric.RESOLUTION, None): 5 * WORKDAY,
    (Metric.RESOLUTION, Priority.HIGH): 3 * WORKDAY,
    (Metric.RESOLUTION, Priority.URGENT): WORKDAY,
}
DEFAULT_STEPS: list[dict[str, Any]] = [
    {"moment": "warning", "action": "notify_assignee"},
    {"moment": "breach", "action": "notify_assignee"},
    {"moment": "breach", "action": "notify_lead", "after_minutes": 60},
]


@transaction.atomic
def ensure_default_policy() -> Policy:
    """The policy that every installation begins with: for all tickets, in the default calendar. Safe to repeat."""
    existing = Policy.objects.order_by("-position", "-id").first()
    if existing is not None:
        return existing
    return save_policy(by=SYSTEM, name=_("Standard"), targets=DEFAULT_TARGETS, steps=DEFAULT_STEPS)


@transaction.atomic
def save_policy(
    *,
    by: Actor,
    name: str,
    targets: Mapping[tuple[str, int | None], int],
    conditions: Mapping[str, Any] | None = None,
    calendar_id: int | None = None,
    warn_percent: int = 75,
    pause_waiting_others: bool = False,
    steps: Sequence[Mapping[str, Any]] = (),
    is_active: bool = True,
    policy_id: int | None = None,
) -> Policy:
    """Create a policy (last in order) or replace one; open tickets are looked at again in the background.

    targets: (metric, priority or None for all others) -> working minutes. steps: each a mapping with `moment`, `action` and, where
    they apply, `metric`, `after_minutes`, `role_id`, `team_id`. Raises Invalid with `fields`, NotFound.
    """
    name = " ".join(name.split())[:120]
    policy = Policy.objects.select_for_update().filter(pk=policy_id).first() if policy_id else Policy(position=_last_position() + 1)
    if policy is None:
        raise NotFound
    fields = {
        "name": name, "conditions": conditions or {}, "calendar_id": calendar_id, "warn_percent": warn_percent,
        "pause_waiting_others": pause_waiting_others, "is_active": is_active,
    }  # fmt: skip
    _check(policy, fields, targets, steps)
    for field, value in {**fields, "conditions": checked(conditions or {})}.items():
        setattr(policy, field, value)
    policy.save()
    policy.targets.all().delete()
    Target.objects.bulk_create([Target(policy=policy, metric=m, priority=p, minutes=minutes) for (m, p), minutes in targets.items()])
    _replace_steps(policy, steps)
    shown = {f"{metric}:{priority or '*'}": minutes for (metric, priority), minutes in targets.items()}
    audit.record("sla.save_policy", by=by, subject=f"policy:{policy.pk}", detail={**fields, "targets": shown, "steps": [*map(dict, steps)]})
    events.emit(PoliciesChanged(policy.pk), by=by)
    return policy


def _last_position() -> int:
    return Policy.objects.order_by("-position").values_list("position", flat=True).first() or 0


def _replace_steps(policy: Policy, steps: Sequence[Mapping[str, Any]]) -> None:
    """Steps that stay as they were keep their rows, so that what they already did is not done again."""
    kept = {(s.metric, s.moment, s.after_minutes, s.action, s.role_id, s.team_id): s for s in policy.steps.all()}
    fresh = []
    for step in steps:
        key = (
            step.get("metric", ""), step["moment"], step.get("after_minutes", 0), step["action"],
            step.get("role_id"), step.get("team_id"),
        )  # fmt: skip
        if kept.pop(key, None) is None:
            metric, moment, after, action, role, team = key
            fresh.append(
                EscalationStep(policy=policy, metric=metric, moment=moment, after_minutes=after, action=action, role_id=role, team_id=team)
            )
    policy.steps.filter(pk__in=[step.pk for step in kept.values()]).delete()
    EscalationStep.objects.bulk_create(fresh)


def _check(
    policy: Policy, fields: Mapping[str, Any], targets: Mapping[tuple[str, int | None], int], steps: Sequence[Mapping[str, Any]]
) -> None:
    wrong: dict[str, object] = {}
    if not fields["name"]:
        wrong["name"] = _("Give the policy a name.")
    elif Policy.objects.filter(name=fields["name"]).exclude(pk=policy.pk).exists():
        wrong["name"] = _("Another policy has this name.")
    try:
        checked(fields["conditions"])
    except ValueError:
        wrong["conditions"] = _("A condition is not known. Choose from the lists.")
    if fields["calendar_id"] is not None and not Calendar.objects.filter(pk=fields["calendar_id"]).exists():
        wrong["calendar"] = _("This calendar does not exist any more. Choose another one.")
    if not 1 <= fields["warn_percent"] <= 99:  # noqa: PLR2004
        wrong["warn_percent"] = _("Warn between 1 and 99 per cent of the time.")
    if not targets:
        wrong["targets"] = _("Set at least one target.")
    elif any(m not in Metric.values or p not in {None, *Priority.values} or not 1 <= t <= MAX_MINUTES for (m, p), t in targets.items()):
        wrong["targets"] = _("A target lies between one minute and one year.")
    if len(steps) > MAX_STEPS or not all(map(_makes_sense, steps)):
        wrong["steps"] = _("An escalation step is incomplete: choose when, what, and for whom.")
    if wrong:
        raise Invalid(fields=wrong)


def _makes_sense(step: Mapping[str, Any]) -> bool:
    action, moment, after = step.get("action"), step.get("moment"), step.get("after_minutes", 0)
    if action not in EscalationStep.Action.values or moment not in EscalationStep.Moment.values:
        return False
    if step.get("metric", "") not in {"", *Metric.values} or not isinstance(after, int) or not 0 <= after <= MAX_MINUTES:
        return False
    if moment == EscalationStep.Moment.WARNING and after:
        return False
    if action == EscalationStep.Action.NOTIFY_ROLE:
        return Role.objects.filter(pk=step.get("role_id") or 0).exists()
    if action == EscalationStep.Action.REASSIGN_TEAM:
        return Team.objects.filter(pk=step.get("team_id") or 0).exists()
    return True


@transaction.atomic
def move_policy(*, policy_id: int, position: int, by: Actor) -> None:
    """Put a policy at a place in the order, 0 first; the first policy whose conditions a ticket meets counts."""
    policies = list(Policy.objects.select_for_update().order_by("position", "id"))
    moved = next((policy for policy in policies if policy.pk == policy_id), None)
    if moved is None:
        raise NotFound
    policies.remove(moved)
    policies.insert(max(0, position), moved)
    for number, policy in enumerate(policies, start=1):
        policy.position = number
    Policy.objects.bulk_update(policies, ["position"])
    audit.record("sla.move_policy", by=by, subject=f"policy:{policy_id}", detail={"order": [policy.pk for policy in policies]})
    events.emit(PoliciesChanged(policy_id), by=by)


@transaction.atomic
def delete_policy(*, policy_id: int, by: Actor) -> None:
    """Its open clocks go over to the policy that their tickets meet next, or end."""
    policy = Policy.objects.filter(pk=policy_id).first()
    if policy is None:
        raise NotFound
    policy.delete()
    audit.record("sla.delete_policy", by=by, subject=f"policy:{policy_id}", detail={"name": policy.name})
    events.emit(PoliciesChanged(policy_id), by=by)
