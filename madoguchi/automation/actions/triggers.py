"""Writes of the triggers themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.tickets.conditions import checked

from ..models import Trigger, When
from .checking import checked_actions, checked_name

MIN_MINUTES, MAX_MINUTES = 5, 60 * 24 * 366


@transaction.atomic
def save_trigger(
    *,
    by: Actor,
    name: str,
    actions: Sequence[Any],
    conditions: Mapping[str, Any] | None = None,
    kind: str = Trigger.Kind.EVENT,
    event: str = "",
    after_minutes: int = 0,
    stop: bool = False,
    is_active: bool = True,
    trigger_id: int | None = None,
) -> Trigger:
    """Create a trigger (last in order) or replace one. Raises Invalid with `fields`, NotFound."""
    now = clock.now()
    trigger = Trigger.objects.select_for_update().filter(pk=trigger_id).first() if trigger_id else None
    if trigger is None:
        if trigger_id:
            raise NotFound
        trigger = Trigger(position=_last_position() + 1, active_since=now)
    elif is_active and not trigger.is_active:
        trigger.active_since = now
    trigger.name, trigger.kind, trigger.stop, trigger.is_active = checked_name(name), kind, stop, is_active
    timed = kind == Trigger.Kind.TIME
    trigger.event, trigger.after_minutes = ("", after_minutes) if timed else (event, 0)
    _check(trigger)
    try:
        trigger.conditions = checked(conditions or {})
    except ValueError as wrong:
        raise Invalid(_("A condition is not known. Choose from the lists.")) from wrong
    trigger.actions = checked_actions(actions, trigger=True)
    trigger.save()
    detail = {
        "name": trigger.name, "kind": kind, "event": trigger.event, "after_minutes": trigger.after_minutes, "stop": stop,
        "is_active": is_active, "conditions": trigger.conditions, "actions": trigger.actions,
    }  # fmt: skip
    audit.record("automation.save_trigger", by=by, subject=f"trigger:{trigger.pk}", detail=detail)
    return trigger


def _last_position() -> int:
    return Trigger.objects.order_by("-position").values_list("position", flat=True).first() or 0


def _check(trigger: Trigger) -> None:
    wrong: dict[str, object] = {}
    if Trigger.objects.filter(name=trigger.name).exclude(pk=trigger.pk).exists():
        wrong["name"] = _("Another trigger has this name.")
    if trigger.kind not in Trigger.Kind.values:
        wrong["kind"] = _("Choose from the list.")
    elif trigger.kind == Trigger.Kind.EVENT and trigger.event not in When.values:
        wrong["event"] = _("Choose what has to happen.")
    elif trigger.kind == Trigger.Kind.TIME and not MIN_MINUTES <= trigger.after_minutes <= MAX_MINUTES:
        wrong["after_minutes"] = _("Choose between five minutes and one year.")
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def move_trigger(*, trigger_id: int, position: int, by: Actor) -> None:
    """Put a trigger at a place in the order, 0 first."""
    triggers = list(Trigger.objects.select_for_update().order_by("position", "id"))
    moved = next((trigger for trigger in triggers if trigger.pk == trigger_id), None)
    if moved is None:
        raise NotFound
    triggers.remove(moved)
    triggers.insert(max(0, position), moved)
    for number, trigger in enumerate(triggers, start=1):
        trigger.position = number
    Trigger.objects.bulk_update(triggers, ["position"])
    order = [trigger.pk for trigger in triggers]
    audit.record("automation.move_trigger", by=by, subject=f"trigger:{trigger_id}", detail={"order": order})


@transaction.atomic
def delete_trigger(*, trigger_id: int, by: Actor) -> None:
    """The log of what it did goes with it; the tickets keep their history."""
    trigger = Trigger.objects.filter(pk=trigger_id).first()
    if trigger is None:
        raise NotFound
    trigger.delete()
    audit.record("automation.delete_trigger", by=by, subject=f"trigger:{trigger_id}", detail={"name": trigger.name})
