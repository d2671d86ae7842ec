"""Writes about agents: the first administrator, changes, leaving and coming back, the own profile, presence."""

import zoneinfo
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.foundation.events import emit

from .. import queries
from ..events import AgentChanged, AgentDeactivated, PresenceChanged, SessionsEnded
from ..models import Agent, Presence, Role, Skill, Team
from .roles import check_may_hand_out, ensure_roles

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
PROFILE_FIELDS = ("name", "language", "time_zone", "theme", "density", "signature", "digest_minutes")


@transaction.atomic
def create_administrator(*, email: str, name: str, password: str, language: str, time_zone: str) -> Agent:
    """The first administrator of an installation. Raises Conflict when the address is taken."""
    role = ensure_roles()["Administrator"]
    if Agent.objects.filter(email=email.lower()).exists():
        raise Conflict(_("%(email)s already has an account") % {"email": email})
    agent = Agent.objects.create_user(email, password, name=name, role=role, language=language, time_zone=time_zone)
    audit.record("staff.create", by=SYSTEM, subject=f"agent:{agent.pk}", detail={"email": agent.email, "role": role.name})
    return agent


def _check_administrator_stays(agent: Agent) -> None:
    if not queries.administrators().exclude(pk=agent.pk).exists():
        raise Conflict(_("This is the last administrator. Make somebody else an administrator first"))


@transaction.atomic
def change_agent(
    *, agent: Agent, name: str, role: Role, teams: Iterable[Team], skills: Iterable[Skill], languages: list[str], capacity: int, by: Actor
) -> None:
    """What an administrator decides about an agent. Raises NotAllowed when `by` would hand out more than they have."""
    agent = Agent.objects.select_related("role").select_for_update(of=("self",)).get(pk=agent.pk)
    before = _standing(agent)
    if agent.role_id != role.pk:
        check_may_hand_out(role, by=by)
        if agent.role is not None:
            check_may_hand_out(agent.role, by=by)
        if agent.is_active and agent.role is not None and agent.role.is_administrator:
            _check_administrator_stays(agent)
    agent.name, agent.role, agent.languages, agent.capacity = name, role, languages, capacity
    agent.save(update_fields=["name", "role", "languages", "capacity"])
    agent.teams.set(teams)
    agent.skills.set(skills)
    if _record_change(agent, before, _standing(agent), by=by):
        emit(AgentChanged(agent.pk), by=by)


def _standing(agent: Agent) -> dict[str, object]:
    return {
        "name": agent.name, "role": agent.role.name if agent.role else None, "languages": agent.languages, "capacity": agent.capacity,
        "teams": sorted(agent.teams.values_list("name", flat=True)), "skills": sorted(agent.skills.values_list("name", flat=True)),
    }  # fmt: skip


def _record_change(agent: Agent, before: dict[str, object], after: dict[str, object], *, by: Actor) -> bool:
    changed = audit.changes(before, after)
    if changed:
        audit.record("staff.change", by=by, subject=f"agent:{agent.pk}", detail=changed)
    return bool(changed)


@transaction.atomic
def deactivate_agent(*, agent: Agent, by: Actor) -> None:
    """The agent can no longer sign in, their sessions and tokens end at once; their history stays."""
    if agent.role is not None:
        check_may_hand_out(agent.role, by=by)
        if agent.role.is_administrator:
            _check_administrator_stays(agent)
    if not Agent.objects.filter(pk=agent.pk, is_active=True).update(is_active=False, presence=Presence.OFFLINE):
        return
    tokens = agent.tokens.count()
    agent.tokens.all().delete()
    end_sessions(agent=agent, by=by)
    audit.record("staff.deactivate", by=by, subject=f"agent:{agent.pk}", detail={"email": agent.email, "tokens_revoked": tokens})
    emit(AgentDeactivated(agent.pk), by=by)


@transaction.atomic
def reactivate_agent(*, agent: Agent, by: Actor) -> None:
    """The agent may sign in again with their old password and role."""
    if agent.role is not None:
        check_may_hand_out(agent.role, by=by)
    if Agent.objects.filter(pk=agent.pk, is_active=False).update(is_active=True):
        audit.record("staff.reactivate", by=by, subject=f"agent:{agent.pk}", detail={"email": agent.email})


@transaction.atomic
def end_sessions(*, agent: Agent, by: Actor, keep: str | None = None) -> int:
    """Sign the agent out everywhere (`keep`: the session key that stays); returns how many sessions ended."""
    from allauth.usersessions.models import UserSession  # noqa: PLC0415  a model of a library; loaded when used

    ended = 0
    for session in UserSession.objects.filter(user=agent).exclude(session_key=keep or ""):
        session.end()
        ended += 1
    if ended:
        audit.record("staff.end_sessions", by=by, subject=f"agent:{agent.pk}", detail={"sessions": ended})
        emit(SessionsEnded(agent.pk), by=by)
    return ended


@transaction.atomic
def change_profile(*, agent: Agent, by: Actor, **fields: object) -> None:
    """What agents decide about themselves: the fields of PROFILE_FIELDS. Raises Invalid for a value that does not exist."""
    unknown = set(fields) - set(PROFILE_FIELDS)
    if unknown:
        raise Invalid(fields={name: _("This cannot be changed here") for name in unknown})
    _check_profile(fields)
    before = {name: getattr(agent, name) for name in fields}
    for name, value in fields.items():
        setattr(agent, name, value)
    agent.save(update_fields=list(fields))
    _record_change(agent, before, dict(fields), by=by)


def _check_profile(fields: dict[str, object]) -> None:
    wrong: dict[str, object] = {}
    if fields.get("language", "en") not in dict(settings.LANGUAGES):
        wrong["language"] = _("This language is not available")
    if fields.get("time_zone", "UTC") not in zoneinfo.available_timezones():
        wrong["time_zone"] = _("This time zone does not exist")
    if fields.get("theme", "system") not in THEMES:
        wrong["theme"] = _("This theme does not exist")
    if fields.get("density", "comfortable") not in DENSITIES:
        wrong["density"] = _("This density does not exist")
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def set_presence(*, agent: Agent, presence: str, by: Actor) -> None:
    """Available, away, wrap-up or offline; routing gives new tickets to those who are available."""
    if presence not in Presence.values:
        raise Invalid(fields={"presence": _("Choose available, away or wrap-up")})
    now = clock.now()
    changed = Agent.objects.filter(pk=agent.pk).exclude(presence=presence).update(presence=presence, presence_at=now, seen_at=now)
    if changed:
        emit(PresenceChanged(agent.pk, presence), by=by)
