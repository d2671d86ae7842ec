"""Tickets find their people: rules, turns, capacity, hours, the queue for what nobody can take, and why."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import autodiscover_modules

from madoguchi.foundation import clock, events, jobs
from madoguchi.foundation.actor import SYSTEM, Actor, agent_actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.foundation.models import Event, Job
from madoguchi.routing import actions, queries
from madoguchi.routing.jobs import look_at_queue
from madoguchi.routing.models import Assignment, RoutingRule, Waiting
from madoguchi.staff.models import Agent, Notice, Skill
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.events import MessageReady
from madoguchi.tickets.models import Ticket
from madoguchi.workplace import actions as workplace

pytestmark = pytest.mark.django_db

CUSTOMER = Actor("customer", None, "Ruth")
FRIDAY = datetime(2026, 11, 20, 10, 5, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.fixture
def team(cast):
    """Hana and Ito in Orders, both available; Kenji in Repairs."""
    cast.ito = Agent.objects.create_user("ito@hoshizora.example", None, name="Ito", role=cast.hana.role, languages=["ja"])
    cast.ito.teams.set([cast.orders])
    Agent.objects.update(presence="available", capacity=3)
    return cast


def rule(**fields) -> RoutingRule:
    return actions.save_rule(**{"by": SYSTEM, "name": "Orders", **fields})


def arrive(cast, at: datetime = FRIDAY, **fields) -> Ticket:
    with clock.frozen(at):
        ticket = cast.ticket(**fields)
        events.emit(MessageReady(ticket.pk, ticket.team_id, ticket.last_message_id, first=True, automatic=False), by=CUSTOMER)
        handle()
    ticket.refresh_from_db()
    return ticket


def handle() -> None:
    autodiscover_modules("jobs")
    jobs.run_until_empty()
    assert not Job.objects.exclude(last_error="").exists(), Job.objects.exclude(last_error="").first().last_error


def presence(agent: Agent, state: str) -> None:
    Agent.objects.filter(pk=agent.pk).update(presence=state)


def test_tickets_go_round_within_the_team_and_say_why(team):
    rule(team_id=team.orders.pk, language_rule="ignored")
    given = [arrive(team, FRIDAY + timedelta(minutes=n)) for n in range(4)]
    assert [ticket.assignee for ticket in given] == [team.hana, team.ito, team.hana, team.ito]
    assert {ticket.team for ticket in given} == {team.orders}
    why = queries.why_assigned(given[0])
    assert (why.rule_name, why.reason["able"], why.reason["load"], why.reason["speaks"]) == ("Orders", 2, 0, True)
    assert Notice.objects.filter(agent=team.hana, kind="assigned").count() == 2


def test_nobody_is_given_more_than_they_can_take(team):
    rule(team_id=team.orders.pk)
    given = [arrive(team, FRIDAY + timedelta(minutes=n)) for n in range(7)]
    assert [ticket.assignee is None for ticket in given] == [False] * 6 + [True]
    waiting = Waiting.objects.get()
    assert (waiting.ticket, waiting.reason, waiting.refused) == (given[6], "all_full", {"full": 2})
    with clock.frozen(FRIDAY + timedelta(minutes=8)):
        tickets.set_status(ticket_id=given[0].pk, status="waiting_customer", by=SYSTEM)
        look_at_queue()
    given[6].refresh_from_db()
    assert given[6].assignee == team.hana, "her desk has room again"
    assert not Waiting.objects.exists()


def test_the_customers_language_is_preferred_or_required(team):
    preferred = rule(team_id=team.orders.pk)
    assert arrive(team).assignee == team.hana, "English"
    assert arrive(team).assignee == team.hana, "English again, although it is Ito's turn"
    presence(team.hana, "away")
    assert arrive(team).assignee == team.ito
    actions.save_rule(by=SYSTEM, rule_id=preferred.pk, name="Orders", team_id=team.orders.pk, language_rule="required")
    assert arrive(team).assignee is None
    assert Waiting.objects.get().reason == "nobody_there"


def test_required_skills(team):
    soldering = Skill.objects.create(name="Soldering")
    rule(skill_ids=[soldering.pk])
    ticket = arrive(team)
    assert ticket.assignee is None
    assert Waiting.objects.get().reason == "nobody_able"
    team.kenji.skills.add(soldering)
    with clock.frozen(FRIDAY + timedelta(minutes=1)):
        look_at_queue()
    ticket.refresh_from_db()
    assert ticket.assignee == team.kenji
    assert queries.why_assigned(ticket).reason["skills"] == ["Soldering"]


def test_least_loaded(team):
    Agent.objects.filter(pk=team.ito.pk).update(capacity=30)
    rule(team_id=team.orders.pk, method="least_loaded", language_rule="ignored")
    assert [arrive(team, FRIDAY + timedelta(minutes=n)).assignee for n in range(4)] == [team.hana, team.ito, team.ito, team.ito]


def test_by_hand_only_the_team_is_set(team):
    rule(team_id=team.repairs.pk, method="manual")
    ticket = arrive(team)
    assert (ticket.team, ticket.assignee) == (team.repairs, None)
    assert not Waiting.objects.exists()
    assert Assignment.objects.get().agent is None
    assert queries.why_assigned(ticket) is None


def test_the_first_rule_that_fits_counts_and_without_one_nothing_happens(team):
    rule(team_id=team.orders.pk, conditions={"priority": [1, 2]})
    urgent = rule(name="Urgent", team_id=team.repairs.pk)
    assert arrive(team).team == team.orders
    assert arrive(team, priority=4).team == team.repairs
    actions.move_rule(rule_id=urgent.pk, position=0, by=SYSTEM)
    assert arrive(team).team == team.repairs
    actions.delete_rule(rule_id=urgent.pk, by=SYSTEM)
    assert arrive(team, priority=4).team is None


def test_observers_and_inactive_agents_get_nothing(team):
    Agent.objects.exclude(pk=team.observer.pk).update(is_active=False)
    rule(team_id=team.orders.pk)
    assert arrive(team).assignee is None


def test_outside_working_hours_a_ticket_waits_for_the_morning(team):
    calendar = workplace.save_calendar(by=SYSTEM, name="Office", time_zone="Asia/Tokyo", shifts=[(d, 540, 1080) for d in range(5)])
    team.orders.calendar = calendar
    team.orders.save()
    rule(team_id=team.orders.pk)
    night = FRIDAY.replace(hour=22)
    ticket = arrive(team, night)
    assert (ticket.team, ticket.assignee) == (team.orders, None)
    assert Waiting.objects.get().alarm_at == datetime(2026, 11, 23, 9, 15, tzinfo=ZoneInfo("Asia/Tokyo")), "no alarm at night"
    with clock.frozen(datetime(2026, 11, 23, 9, 0, 10, tzinfo=ZoneInfo("Asia/Tokyo"))):
        look_at_queue()
    ticket.refresh_from_db()
    assert ticket.assignee == team.hana


def test_who_becomes_available_gets_what_waits_longest_first(team):
    Agent.objects.update(presence="offline")
    rule(team_id=team.orders.pk)
    given = [arrive(team, FRIDAY + timedelta(minutes=n)) for n in range(5)]
    assert Waiting.objects.count() == 5
    with clock.frozen(FRIDAY + timedelta(minutes=10)):
        presence(team.ito, "available")
        Event.objects.create(name="staff.PresenceChanged", payload={"agent_id": team.ito.pk, "presence": "available"}, at=clock.now())
        handle()
    assert list(Ticket.objects.filter(assignee=team.ito).order_by("pk")) == given[:3]
    assert Waiting.objects.count() == 2


def test_a_long_queue_at_night_costs_two_statements(team):
    Agent.objects.update(presence="offline")
    rule(team_id=team.orders.pk)
    for n in range(5):
        arrive(team, FRIDAY + timedelta(minutes=n))
    with CaptureQueriesContext(connection) as captured:
        assert actions.retry_waiting() == 0
    assert len(captured) <= 3


def test_a_wait_that_lasts_too_long_alarms_once(team):
    team.orders.lead = team.hana
    team.orders.save()
    Agent.objects.update(presence="away")
    rule(team_id=team.orders.pk, alarm_minutes=15)
    ticket = arrive(team)

    def told(minutes: int) -> set[int]:
        with clock.frozen(FRIDAY + timedelta(minutes=minutes)):
            look_at_queue()
            look_at_queue()
        return set(Notice.objects.filter(kind="queue_alarm", ticket_id=ticket.pk).values_list("agent_id", flat=True))

    assert told(14) == set()
    assert told(15) == {team.hana.pk, team.supervisor.pk, team.admin.pk}
    assert told(60) == {team.hana.pk, team.supervisor.pk, team.admin.pk}
    assert Notice.objects.filter(kind="queue_alarm").count() == 3
    assert Event.objects.filter(name="routing.QueueAlarmed").count() == 1


def test_what_somebody_takes_or_solves_waits_no_longer(team):
    Agent.objects.update(presence="away")
    rule(team_id=team.orders.pk)
    taken, solved = arrive(team), arrive(team)
    tickets.assign(ticket_id=taken.pk, by=agent_actor(team.hana), assignee=team.hana)
    tickets.set_status(ticket_id=solved.pk, status="solved", by=agent_actor(team.hana))
    handle()
    assert not Waiting.objects.exists()


def test_handing_over_to_another_team_finds_somebody_there(team):
    rule(team_id=team.orders.pk)
    ticket = arrive(team)
    with clock.frozen(FRIDAY + timedelta(minutes=5)):
        tickets.assign(ticket_id=ticket.pk, by=agent_actor(team.hana), assignee=None, team=team.repairs)
        handle()
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee) == (team.repairs, team.kenji)


def test_a_ticket_of_somebody_who_left_is_given_to_another_when_it_comes_back(team):
    rule(team_id=team.repairs.pk)
    ticket = arrive(team, team=team.repairs, assignee=team.hana)
    type(team.hana).objects.filter(pk=team.hana.pk).update(is_active=False)
    with clock.frozen(FRIDAY + timedelta(minutes=5)):
        assert actions.route(ticket_id=ticket.pk, keep_team=True)
    ticket.refresh_from_db()
    assert ticket.assignee == team.kenji


def test_an_assigned_ticket_is_left_alone_and_repeats_change_nothing(team):
    rule(team_id=team.orders.pk)
    ticket = arrive(team, assignee=team.kenji)
    assert ticket.assignee == team.kenji
    other = arrive(team)
    Event.objects.update(fanned_out=False)
    handle()
    assert Assignment.objects.filter(ticket=other).count() == 1


def test_the_queue_shows_only_what_the_agent_may_see(team):
    Agent.objects.update(presence="away")
    rule(name="Repairs", conditions={"priority": [4]}, team_id=team.repairs.pk)
    rule(team_id=team.orders.pk)
    mine, theirs = arrive(team), arrive(team, priority=4)
    assert [row.ticket for row in queries.waiting_visible_to(team.hana)] == [mine]
    assert [row.ticket for row in queries.waiting_visible_to(team.supervisor)] == [mine, theirs]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"conditions": {"moon": [1]}}, "conditions"),
        ({"conditions": {"priority": ["4"]}}, "conditions"),
        ({"team_id": 4711}, "team"),
        ({"method": "manual"}, "team"),
        ({"method": "dice"}, "method"),
        ({"skill_ids": [4711]}, "skills"),
        ({"alarm_minutes": 0}, "alarm_minutes"),
    ],
)
def test_nonsense_is_refused_by_field(db, fields, wrong):
    with pytest.raises(Invalid) as refused:
        rule(**fields)
    assert set(refused.value.fields) == {wrong}


def test_unknown_rules_are_not_found(db):
    for action in (lambda: rule(rule_id=4711), lambda: actions.move_rule(rule_id=4711, position=0, by=SYSTEM)):
        with pytest.raises(NotFound):
            action()
