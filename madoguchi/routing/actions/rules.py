"""Writes of the routing rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff.models import Skill, Team
from madoguchi.tickets.conditions import checked

from ..models import RoutingRule

MAX_ALARM_MINUTES = 60 * 24 * 31


@transaction.atomic
def save_rule(
    *,
    by: Actor,
    name: str,
    conditions: Mapping[str, Any] | None = None,
    team_id: int | None = None,
    method: str = RoutingRule.Method.ROUND_ROBIN,
    skill_ids: Sequence[int] = (),
    language_rule: str = RoutingRule.Language.PREFERRED,
    alarm_minutes: int = 15,
    is_active: bool = True,
    rule_id: int | None = None,
) -> RoutingRule:
    """Create a rule (last in order) or replace one. Raises Invalid with `fields`, NotFound."""
    name = " ".join(name.split())[:120]
    rule = RoutingRule.objects.select_for_update().filter(pk=rule_id).first() if rule_id else RoutingRule(position=_last_position() + 1)
    if rule is None:
        raise NotFound
    fields: dict[str, Any] = {
        "name": name, "conditions": conditions or {}, "team_id": team_id, "method": method, "language_rule": language_rule,
        "alarm_minutes": alarm_minutes, "is_active": is_active,
    }  # fmt: skip
    _check(rule, fields, skill_ids)
    for field, value in {**fields, "conditions": checked(conditions or {})}.items():
        setattr(rule, field, value)
    rule.save()
    rule.skills.set(skill_ids)
    audit.record("routing.save_rule", by=by, subject=f"routing_rule:{rule.pk}", detail={**fields, "skills": list(skill_ids)})
    return rule


def _last_position() -> int:
    return RoutingRule.objects.order_by("-position").values_list("position", flat=True).first() or 0


def _check(rule: RoutingRule, fields: Mapping[str, Any], skill_ids: Sequence[int]) -> None:
    wrong: dict[str, object] = {}
    if not fields["name"]:
        wrong["name"] = _("Give the rule a name.")
    elif RoutingRule.objects.filter(name=fields["name"]).exclude(pk=rule.pk).exists():
        wrong["name"] = _("Another rule has this name.")
    try:
        checked(fields["conditions"])
    except ValueError:
        wrong["conditions"] = _("A condition is not known. Choose from the lists.")
    if fields["team_id"] is not None and not Team.objects.filter(pk=fields["team_id"]).exists():
        wrong["team"] = _("This team does not exist any more. Choose another one.")
    elif fields["team_id"] is None and fields["method"] == RoutingRule.Method.MANUAL:
        wrong["team"] = _("Choose the team that gets the tickets.")
    if fields["method"] not in RoutingRule.Method.values or fields["language_rule"] not in RoutingRule.Language.values:
        wrong["method"] = _("Choose from the list.")
    if Skill.objects.filter(pk__in=skill_ids).count() != len(set(skill_ids)):
        wrong["skills"] = _("A skill does not exist any more. Choose again.")
    if not 1 <= fields["alarm_minutes"] <= MAX_ALARM_MINUTES:
        wrong["alarm_minutes"] = _("Choose between one minute and one month.")
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def move_rule(*, rule_id: int, position: int, by: Actor) -> None:
    """Put a rule at a place in the order, 0 first."""
    rules = list(RoutingRule.objects.select_for_update().order_by("position", "id"))
    moved = next((rule for rule in rules if rule.pk == rule_id), None)
    if moved is None:
        raise NotFound
    rules.remove(moved)
    rules.insert(max(0, position), moved)
    for number, rule in enumerate(rules, start=1):
        rule.position = number
    RoutingRule.objects.bulk_update(rules, ["position"])
    audit.record("routing.move_rule", by=by, subject=f"routing_rule:{rule_id}", detail={"order": [rule.pk for rule in rules]})


@transaction.atomic
def delete_rule(*, rule_id: int, by: Actor) -> None:
    """Tickets that waited under it are looked at again at once by whatever rule is for them now."""
    rule = RoutingRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotFound
    rule.delete()
    audit.record("routing.delete_rule", by=by, subject=f"routing_rule:{rule_id}", detail={"name": rule.name})
