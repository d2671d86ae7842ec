"""Writes about teams and skills."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict
from madoguchi.workplace.models import Calendar

from ..models import Agent, Skill, Team


def _taken() -> Conflict:
    message = _("This name is taken already")
    return Conflict(message, fields={"name": message})


@transaction.atomic
def save_team(*, team: Team | None, name: str, lead: Agent | None, calendar: Calendar | None, members: list[Agent], by: Actor) -> Team:
    """Make a team (`team` None) or change one."""
    before = _content(team) if team else {}
    verb = "change" if team else "create"
    team = team or Team()
    team.name, team.lead, team.calendar = name.strip(), lead, calendar
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise _taken() from error
    team.agents.set(members)
    changed = audit.changes(before, _content(team))
    if changed:
        audit.record(f"team.{verb}", by=by, subject=f"team:{team.pk}", detail=changed)
    return team


def _content(team: Team) -> dict[str, object]:
    return {
        "name": team.name, "lead": team.lead.name if team.lead else None, "calendar": team.calendar.name if team.calendar else None,
        "members": sorted(team.agents.values_list("name", flat=True)),
    }  # fmt: skip


@transaction.atomic
def delete_team(*, team: Team, by: Actor) -> None:
    """Remove a team; its tickets stay, without a team."""
    audit.record("team.delete", by=by, subject=f"team:{team.pk}", detail=_content(team))
    team.delete()


@transaction.atomic
def save_skill(*, skill: Skill | None, name: str, by: Actor) -> Skill:
    """Make a skill (`skill` None) or rename one."""
    old, skill = (skill.name if skill else None), skill or Skill()
    skill.name = name.strip()
    try:
        with transaction.atomic():
            skill.save()
    except IntegrityError as error:
        raise _taken() from error
    if old != skill.name:
        audit.record("skill.change" if old else "skill.create", by=by, subject=f"skill:{skill.pk}", detail={"name": [old, skill.name]})
    return skill


@transaction.atomic
def delete_skill(*, skill: Skill, by: Actor) -> None:
    audit.record("skill.delete", by=by, subject=f"skill:{skill.pk}", detail={"name": skill.name})
    skill.delete()
