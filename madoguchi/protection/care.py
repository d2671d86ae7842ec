"""Reads of care. Each row reaches only whom it concerns: the agent themself, who planned it, the consultation desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from madoguchi.design.formats import zone_of
from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent

from .models import CareTask, Consultation, DeskMember, Look
from .queries import choices, profile_of

WEEKS = 4
NIGHT = (22, 6)  # local hours


def desk_member(agent: Agent) -> DeskMember | None:
    """The agent's seat at the consultation desk. No role gives one, the administrator's neither."""
    return DeskMember.objects.filter(agent=agent, agent__is_active=True).first()


def consultations_visible_to(agent: Agent) -> QuerySet[Consultation]:
    """For members of the desk: what was asked since they joined. For everybody else nothing."""
    member = desk_member(agent)
    if member is None:
        return Consultation.objects.none()
    return Consultation.objects.select_related("asker").filter(at__gte=member.since)


def consultation_for(agent: Agent, pk: int) -> Consultation:
    """Raises NotFound, whether it is hidden or does not exist."""
    found = consultations_visible_to(agent).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def own_consultations(agent: Agent) -> QuerySet[Consultation]:
    """What the agent asked under their name."""
    return Consultation.objects.filter(asker=agent)


def consultation_by_code(code: str) -> Consultation:
    """The anonymous consultation behind a code. Raises NotFound."""
    found = (
        Consultation.objects.filter(code_digest=crypto.fingerprint(code.strip())).exclude(code_digest="").first() if code.strip() else None
    )
    if found is None:
        raise NotFound
    return found


def care_visible_to(agent: Agent) -> QuerySet[CareTask]:
    """After-care of the agent, what they planned, and for the consultation desk all of it."""
    rows = CareTask.objects.select_related("agent", "case", "made_by")
    if desk_member(agent) is not None:
        return rows
    return rows.filter(Q(agent=agent) | Q(made_by=agent))


def care_for(agent: Agent, pk: int) -> CareTask:
    found = care_visible_to(agent).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Load:
    """Originals that one person read in a week, by severity; how many different hours held one, how many at night."""

    since: datetime
    by_severity: tuple[int, int, int]
    hours: int
    nights: int

    @property
    def read(self) -> int:
        return sum(self.by_severity)


def own_load(agent: Agent, *, now: datetime | None = None) -> list[Load]:
    """The agent's own load over the last weeks, the newest first. Nothing about how they feel is inferred: only what they read counts."""
    return _loads(agent, now or clock.now())


def _loads(agent: Agent, now: datetime) -> list[Load]:
    zone = zone_of(agent.time_zone)
    looks = list(Look.objects.filter(agent=agent, at__gt=now - timedelta(weeks=WEEKS)).values_list("message", "severity", "at"))
    weeks = []
    for number in range(WEEKS):
        start, end = now - timedelta(weeks=number + 1), now - timedelta(weeks=number)
        mine = [(message, severity, at.astimezone(zone)) for message, severity, at in looks if start < at <= end]
        read = {(message, severity) for message, severity, _ in mine}
        counts = tuple(sum(1 for _, severity in read if severity == wanted) for wanted in (1, 2, 3))
        hours = {at.replace(minute=0, second=0, microsecond=0) for _, _, at in mine}
        nights = {at.date() for _, _, at in mine if at.hour >= NIGHT[0] or at.hour < NIGHT[1]}
        weeks.append(Load(start, (counts[0], counts[1], counts[2]), len(hours), len(nights)))
    return weeks


def loads_for_desk(member: Agent) -> list[tuple[Agent, Load]]:
    """The last week of everybody who read any abuse, heaviest first; only for the desk, and only where the legal profile lets it see."""
    if desk_member(member) is None or not profile_of(choices()).load_for_desk:
        return []
    now = clock.now()
    people = Agent.objects.filter(is_active=True, pk__in=Look.objects.filter(at__gt=now - timedelta(weeks=1)).values("agent"))
    found = [(agent, _loads(agent, now)[0]) for agent in people]
    return sorted(found, key=lambda pair: (-pair[1].by_severity[2], -pair[1].by_severity[1], -pair[1].read, pair[0].pk))


def words_of(rows: Iterable) -> list[tuple[object, str]]:
    """Consultations, their words or care notes with their text readable again."""
    return [(row, crypto.decrypt(row.sealed)) for row in rows]
