"""Reads of routing: the rules in force, the people of a team as they are now, why somebody got a ticket, who waits for whom."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from madoguchi.sla.queries import traits_of
from madoguchi.staff.models import Agent, Presence, Team
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.conditions import matches
from madoguchi.tickets.models import Status, Ticket
from madoguchi.tickets.queries import visible_condition
from madoguchi.workplace import queries as workplace

from .matching import Person
from .models import Assignment, RoutingRule, Waiting

ON_THE_DESK = (Status.NEW, Status.OPEN)  # what counts as load: tickets whose next move is ours


def rule_for(ticket: Ticket) -> RoutingRule | None:
    """The first active rule whose conditions the ticket meets."""
    rules = list(RoutingRule.objects.filter(is_active=True).select_related("team").prefetch_related("skills"))
    traits = traits_of([ticket], [rule.conditions for rule in rules])[ticket.pk]
    return next((rule for rule in rules if matches(rule.conditions, traits)), None)


def people_of(team: Team | None, now: datetime, *, lock: bool = False) -> dict[Person, Agent]:
    """The members of a team who may reply (without a team: everybody who may), as they are now.

    `lock`: keep their rows locked, so that two routers never give one person more than they can take.
    """
    agents = Agent.objects.filter(is_active=True).select_related("role").prefetch_related("skills").order_by("pk")
    if team is not None:
        agents = agents.filter(teams=team)
    if lock:
        agents = agents.select_for_update(of=("self",), no_key=True)
    able = [agent for agent in agents if agent.may(Permission.TICKET_REPLY)]
    ids = [agent.pk for agent in able]
    desk = Ticket.objects.filter(assignee__in=ids, unsolved=True, status__in=ON_THE_DESK).order_by()
    loads = dict(desk.values_list("assignee").annotate(count=Count("pk")))
    last = dict(Assignment.objects.filter(agent__in=ids).order_by().values_list("agent").annotate(last=Max("at")))
    at_work = _team_at_work(team, now)
    return {
        Person(
            id=agent.pk, available=agent.presence == Presence.AVAILABLE, at_work=at_work, load=loads.get(agent.pk, 0),
            capacity=max(0, agent.capacity), skills=frozenset(skill.pk for skill in agent.skills.all()),
            languages=frozenset(agent.languages), last_given_at=last.get(agent.pk),
        ): agent
        for agent in able
    }  # fmt: skip


def _team_at_work(team: Team | None, now: datetime) -> bool:
    """Whether now lies in the team's working hours; without a calendar of its own the default one counts."""
    version = workplace.current_versions().choose(calendar_id=team.calendar_id if team else None, brand_id=None)
    return version is None or workplace.hours(version).is_open(now)


def alarm_at(rule: RoutingRule, team: Team | None, since: datetime) -> datetime | None:
    """When a wait that began at `since` becomes an alarm: working minutes of the team's calendar, else of the default one."""
    versions = workplace.current_versions()
    version = versions.choose(calendar_id=team.calendar_id if team else None, brand_id=None)
    if version is None:
        return since
    return workplace.hours(version).due_after(since, 60 * rule.alarm_minutes)


def why_assigned(ticket: Ticket) -> Assignment | None:
    """How the present assignee got the ticket, if routing gave it to them; `ticket` comes from `ticket_for`."""
    last = Assignment.objects.select_related("agent", "team").filter(ticket=ticket).order_by("-id").first()
    return last if last is not None and last.agent_id is not None and last.agent_id == ticket.assignee_id else None


def waiting_visible_to(agent: Agent) -> QuerySet[Waiting]:
    """The queue for what nobody can take, longest waiting first, as far as the agent may see its tickets."""
    condition = visible_condition(agent, "ticket__")
    rows = Waiting.objects.select_related("ticket", "ticket__team", "ticket__customer", "rule").order_by("since", "id")
    return rows if condition is None else rows.filter(condition)


def anybody_available(team_ids: Iterable[int | None]) -> set[int | None]:
    """Which of the teams (None: everybody) have at least one available person."""
    present = Agent.objects.filter(is_active=True, presence=Presence.AVAILABLE)
    teams = set(present.values_list("teams", flat=True))
    found: set[int | None] = {team for team in team_ids if team is not None and team in teams}
    return found | ({None} if present.exists() else set())
