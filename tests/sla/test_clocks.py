"""The clocks of tickets, driven by what happens to the tickets: through actions, events and jobs, with the time held still."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import autodiscover_modules

from madoguchi.foundation import clock, events, jobs
from madoguchi.foundation.actor import SYSTEM, Actor, agent_actor
from madoguchi.foundation.models import Event, Job
from madoguchi.sla import actions, clockwork, queries
from madoguchi.sla.models import ClockFact, Deadline, Escalation, EscalationStep, Policy
from madoguchi.staff.models import Notice
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.events import MessageReceived, Replied, TicketCreated, TicketsMerged, TicketsUnmerged
from madoguchi.tickets.models import NO_DEADLINE, Message, Ticket
from madoguchi.workplace import actions as workplace
from madoguchi.workplace import queries as workplace_queries
from madoguchi.workplace.models import Calendar

pytestmark = pytest.mark.django_db

SPLIT = [(weekday, start, end) for weekday in range(5) for start, end in ((540, 720), (780, 1080))]
TARGETS = {("first_reply", None): 180, ("next_reply", None): 180, ("resolution", None): 480, ("first_reply", 4): 60}
CUSTOMER = Actor("customer", None, "Ruth")


def at(text: str, day: int = 20) -> datetime:
    """A time in November 2026 in Tokyo; the 20th is a Friday."""
    return datetime.fromisoformat(f"2026-11-{day}T{text:0>5}").replace(tzinfo=ZoneInfo("Asia/Tokyo"))


@contextmanager
def time(text: str, day: int = 20):
    """Hold the clock, and let everything that was announced be handled at the end of the block."""
    with clock.frozen(at(text, day)):
        yield
        handle()


def handle() -> None:
    autodiscover_modules("jobs")
    jobs.run_until_empty()
    assert not Job.objects.exclude(last_error="").exists(), Job.objects.exclude(last_error="").first().last_error


@pytest.fixture
def desk(cast):
    """The cast with a split-shift calendar in Tokyo and one policy."""
    calendar = workplace_queries.default_calendar()
    workplace.save_calendar(by=SYSTEM, calendar_id=calendar.pk, name=calendar.name, time_zone="Asia/Tokyo", country="JP", shifts=SPLIT)
    actions.save_policy(by=SYSTEM, name="Gold", targets=TARGETS, warn_percent=75)
    Event.objects.all().delete()
    return cast


def arrive(cast, text: str = "10:05", day: int = 20, **fields) -> Ticket:
    """A mail makes a ticket, as the intake does it."""
    with time(text, day):
        ticket = cast.ticket(**fields)
        actions.start_clocks([ticket])
        events.emit(TicketCreated(ticket.pk, ticket.team_id, "mail"), by=CUSTOMER)
        events.emit(
            MessageReceived(ticket.pk, ticket.team_id, ticket.last_message_id, first=True, automatic=False, reopened=False), by=CUSTOMER
        )
    return ticket


def write_again(ticket: Ticket, *, automatic: bool = False) -> None:
    """Another mail of the customer, as the intake keeps it."""
    now = clock.now()
    message = Message.objects.create(
        ticket=ticket, direction="in", text="Hello?", created_at=now, automatic="auto_reply" if automatic else ""
    )
    if not automatic:
        Ticket.objects.filter(pk=ticket.pk).update(last_inbound_at=now)
    events.emit(MessageReceived(ticket.pk, ticket.team_id, message.pk, first=False, automatic=automatic, reopened=False), by=CUSTOMER)


def answer(ticket: Ticket, *, automatic: str = "", status: str = "") -> Message:
    """Our answer, with the announcements in the order in which the record makes them."""
    now = clock.now()
    if status:
        tickets.set_status(ticket_id=ticket.pk, status=status, by=SYSTEM)
    message = Message.objects.create(ticket=ticket, direction="out", text="Here it is.", automatic=automatic, created_at=now)
    if not automatic:
        Ticket.objects.filter(pk=ticket.pk).update(last_outbound_at=now)
    events.emit(Replied(ticket.pk, ticket.team_id, message.pk, by_person=not automatic), by=SYSTEM)
    return message


def clock_of(ticket: Ticket, metric: str) -> Deadline:
    return Deadline.objects.filter(ticket=ticket, metric=metric).order_by("-id").first()


def test_a_new_ticket_is_due_by_its_first_reply_over_lunch(desk):
    ticket = arrive(desk)
    assert clock_of(ticket, "first_reply").due_at == at("14:05")
    assert clock_of(ticket, "resolution").due_at == at("10:05", day=24)  # a weekend and a holiday between
    ticket.refresh_from_db()
    assert (ticket.due_at, ticket.due_kind) == (at("14:05"), "first_reply")
    with clock.frozen(at("10:06")):
        assert queries.expectation(ticket) == at("14:05")


def test_an_answer_meets_the_promise_and_waiting_stops_the_clock(desk):
    ticket = arrive(desk)
    with time("11:05"):
        answer(ticket, status="waiting_customer")
    first, resolution = clock_of(ticket, "first_reply"), clock_of(ticket, "resolution")
    assert (first.met_at, first.is_open, first.breached_at) == (at("11:05"), False, None)
    assert (resolution.is_paused, resolution.due_at, resolution.paused_at) == (True, None, at("11:05"))
    ticket.refresh_from_db()
    assert (ticket.due_at, ticket.due_kind) == (NO_DEADLINE, "")
    with time("17:00"):
        tickets.set_status(ticket_id=ticket.pk, status="open", by=SYSTEM)
        write_again(ticket)
    assert clock_of(ticket, "next_reply").due_at == at("11:00", day=24)
    assert clock_of(ticket, "resolution").due_at == at("16:00", day=24)
    ticket.refresh_from_db()
    assert ticket.due_kind == "next_reply"


def test_the_acknowledgement_does_not_count_and_the_bots_answer_does(desk):
    ticket = arrive(desk)
    with time("10:06"):
        answer(ticket, automatic="acknowledgement")
    assert clock_of(ticket, "first_reply").is_open
    with time("10:07"):
        answer(ticket, automatic="bot")
    assert clock_of(ticket, "first_reply").met_at == at("10:07")


def test_a_second_mail_before_our_answer_changes_nothing(desk):
    ticket = arrive(desk)
    with time("11:00"):
        write_again(ticket)
    assert Deadline.objects.filter(ticket=ticket).count() == 2
    assert clock_of(ticket, "first_reply").due_at == at("14:05")


def test_an_automatic_reply_of_theirs_starts_nothing(desk):
    ticket = arrive(desk)
    with time("11:00"):
        answer(ticket)
    with time("11:01"):
        write_again(ticket, automatic=True)
    assert clock_of(ticket, "next_reply") is None


def test_an_answer_announced_before_its_question_still_meets_it(desk):
    ticket = arrive(desk)
    with time("11:00"):
        answer(ticket)
    with clock.frozen(at("13:00")):
        write_again(ticket)
    question = Event.objects.get(name="tickets.MessageReceived", fanned_out=False)
    Event.objects.filter(pk=question.pk).update(fanned_out=True)
    with time("13:30"):
        answer(ticket)
    Event.objects.filter(pk=question.pk).update(fanned_out=False)
    with time("13:31"):
        pass
    deadline = clock_of(ticket, "next_reply")
    assert (deadline.started_at, deadline.met_at) == (at("13:00"), at("13:30"))


def test_solving_ends_the_clocks_and_reopening_goes_on(desk):
    ticket = arrive(desk)
    with time("11:05"):
        answer(ticket, status="solved")
    assert clock_of(ticket, "first_reply").met_at == at("11:05"), "answered and solved in one step"
    assert clock_of(ticket, "resolution").met_at == at("11:05")
    with time("9:00", day=24):
        tickets.set_status(ticket_id=ticket.pk, status="open", by=SYSTEM)
        write_again(ticket)
    resolution = clock_of(ticket, "resolution")
    assert (resolution.is_open, resolution.due_at) == (True, at("17:00", day=24))
    assert clock_of(ticket, "next_reply").due_at == at("12:00", day=24)


def test_solving_without_an_answer_cancels_the_reply(desk):
    ticket = arrive(desk)
    with time("11:05"):
        tickets.set_status(ticket_id=ticket.pk, status="solved", by=SYSTEM)
    first = clock_of(ticket, "first_reply")
    assert (first.is_open, first.met_at, first.closed_reason) == (False, None, "solved")


def test_a_higher_priority_keeps_the_time_used(desk):
    ticket = arrive(desk)
    with time("10:35"):
        tickets.set_field(ticket_id=ticket.pk, field="priority", value=4, by=SYSTEM)
    first = clock_of(ticket, "first_reply")
    assert (first.due_at, first.budget) == (at("11:05"), 3600)
    assert clock_of(ticket, "resolution").due_at == at("10:05", day=24), "no target of its own for this priority"
    ticket.refresh_from_db()
    assert ticket.due_at == at("11:05")


def test_the_first_policy_in_order_counts_and_conditions_see_customer_and_tags(desk):
    desk.ruth.tags = ["gold"]
    desk.ruth.save()
    vip = actions.save_policy(by=SYSTEM, name="VIP", targets={("first_reply", None): 30}, conditions={"customer_tags": ["gold"]})
    Event.objects.all().delete()
    assert clock_of(arrive(desk), "first_reply").policy_name == "Gold", "the new policy stands last"
    actions.move_policy(policy_id=vip.pk, position=0, by=SYSTEM)
    ticket = arrive(desk)
    assert clock_of(ticket, "first_reply").due_at == at("10:35")
    assert clock_of(ticket, "resolution") is None, "this policy promises nothing about it"
    assert clock_of(arrive(desk, customer=desk.chinatsu), "first_reply").policy_name == "Gold"


def test_an_edited_policy_reaches_open_tickets_in_batches(desk, monkeypatch):
    monkeypatch.setattr("madoguchi.sla.jobs.BATCH", 2)
    several = [arrive(desk) for _ in range(5)]
    done = arrive(desk)
    with time("10:30"):
        tickets.set_status(ticket_id=done.pk, status="solved", by=SYSTEM)
    with time("11:05"):
        policy = Policy.objects.get(name="Gold")
        actions.save_policy(by=SYSTEM, policy_id=policy.pk, name="Gold plus", targets={("first_reply", None): 120}, warn_percent=50)
    for ticket in several:
        first, resolution = clock_of(ticket, "first_reply"), clock_of(ticket, "resolution")
        assert (first.due_at, first.policy_name) == (at("13:05"), "Gold plus")
        assert (resolution.is_open, resolution.closed_reason) == (False, "no_target")
    assert clock_of(done, "first_reply").policy_name == "Gold"
    with time("11:35"):
        actions.save_policy(by=SYSTEM, policy_id=policy.pk, name="Gold", targets=TARGETS)
    assert clock_of(several[0], "resolution").due_at == at("10:35", day=24), "half an hour did not count"
    assert clock_of(several[0], "first_reply").due_at == at("14:05")


def test_changed_hours_count_from_the_change_on(desk):
    ticket = arrive(desk)
    with time("11:05"):
        calendar = workplace_queries.default_calendar()
        workplace.save_calendar(by=SYSTEM, calendar_id=calendar.pk, name=calendar.name, time_zone="Asia/Tokyo", always_open=True)
    assert clock_of(ticket, "first_reply").due_at == at("13:05"), "lunch counts now"
    facts = [row.kind for row in clock_of(ticket, "first_reply").facts.order_by("id")]
    assert facts == ["started", "calendar_changed"]


def test_spam_has_no_clocks_until_it_is_none(desk):
    ticket = arrive(desk)
    with time("11:05"):
        tickets.set_field(ticket_id=ticket.pk, field="is_spam", value=True, by=SYSTEM)
    assert not Deadline.objects.filter(ticket=ticket, is_open=True).exists()
    with time("13:05"):
        tickets.set_field(ticket_id=ticket.pk, field="is_spam", value=False, by=SYSTEM)
    assert clock_of(ticket, "first_reply").due_at == at("15:05")
    assert Deadline.objects.filter(ticket=ticket).count() == 2


def test_a_customer_who_waits_in_a_merged_ticket_keeps_waiting_from_then(desk):
    kept, merged = arrive(desk, "9:00"), arrive(desk, "10:05")
    with time("9:30"):
        answer(kept)
    with time("11:00"):
        Ticket.objects.filter(pk=merged.pk).update(merged_into=kept, unsolved=False)
        events.emit(TicketsMerged(kept.pk, None, merged.pk), by=SYSTEM)
    assert not Deadline.objects.filter(ticket=merged, is_open=True).exists()
    assert clock_of(kept, "next_reply").due_at == at("14:05")
    with time("11:30"):
        Ticket.objects.filter(pk=merged.pk).update(merged_into=None, unsolved=True)
        events.emit(TicketsUnmerged(kept.pk, None, merged.pk), by=SYSTEM)
    assert clock_of(merged, "first_reply").due_at == at("14:35")


def test_warning_breach_and_escalation_happen_once_each(desk):
    policy = Policy.objects.get(name="Gold")
    desk.orders.lead = desk.supervisor
    desk.orders.save()
    steps = [
        {"moment": "warning", "action": "notify_assignee"},
        {"moment": "breach", "action": "notify_role", "role_id": desk.admin.role_id},
        {"moment": "breach", "action": "notify_lead", "after_minutes": 30},
        {"moment": "breach", "action": "raise_priority", "after_minutes": 240},
        {"moment": "breach", "metric": "resolution", "action": "notify_lead"},
    ]
    actions.save_policy(by=SYSTEM, policy_id=policy.pk, name="Gold", targets=TARGETS, steps=steps)
    ticket = arrive(desk, team=desk.orders, assignee=desk.hana)

    def look(text: str, day: int = 20) -> list[tuple[int, str]]:
        with time(text, day):
            actions.sound_alarms()
            actions.sound_alarms()
        return list(Notice.objects.order_by("id").values_list("agent_id", "kind"))

    assert look("13:19") == []
    assert look("13:20") == [(desk.hana.pk, "sla_warning")]
    assert look("14:05") == [(desk.hana.pk, "sla_warning")], "due now is not late yet"
    late = [(desk.hana.pk, "sla_warning"), (desk.admin.pk, "sla_breach")]
    assert look("14:06") == late
    assert look("14:34") == late
    assert look("14:35") == [*late, (desk.supervisor.pk, "sla_breach")]
    look("17:59")
    look("9:06", day=24)
    ticket.refresh_from_db()
    assert ticket.priority == 3, "four working hours later, over night, weekend and holiday"
    assert Event.objects.filter(name="sla.DeadlineWarned", payload__metric="first_reply").count() == 1
    assert Event.objects.filter(name="sla.DeadlineBreached", payload__metric="first_reply").count() == 1
    assert Escalation.objects.filter(deadline__metric="first_reply").count() == 4
    assert clock_of(ticket, "first_reply").breached_at == at("14:05")


def test_an_answer_before_its_time_stops_the_escalation(desk):
    policy = Policy.objects.get(name="Gold")
    steps = [{"moment": "breach", "action": "notify_assignee", "after_minutes": 30}]
    actions.save_policy(by=SYSTEM, policy_id=policy.pk, name="Gold", targets=TARGETS, steps=steps)
    ticket = arrive(desk, assignee=desk.hana)
    with time("14:10"):
        actions.sound_alarms()
    with time("14:20"):
        answer(ticket)
    with time("14:40"):
        pass
    assert not Notice.objects.filter(kind="sla_breach").exists()
    first = clock_of(ticket, "first_reply")
    assert (first.met_at, first.breached_at) == (at("14:20"), at("14:05"))


def test_a_breach_that_no_look_saw_is_announced_with_the_late_answer(desk):
    ticket = arrive(desk)
    with time("14:20"):
        answer(ticket)
        handle()
        actions.sound_alarms()
    assert Event.objects.filter(name="sla.DeadlineBreached").count() == 1
    assert clock_of(ticket, "first_reply").breached_at == at("14:05")


def test_a_ticket_of_nobody_escalates_to_the_supervisors(desk):
    policy = Policy.objects.get(name="Gold")
    actions.save_policy(
        by=SYSTEM, policy_id=policy.pk, name="Gold", targets=TARGETS, steps=[{"moment": "breach", "action": "notify_assignee"}]
    )
    arrive(desk)
    with time("14:06"):
        actions.sound_alarms()
    assert set(Notice.objects.values_list("agent_id", flat=True)) == {desk.admin.pk, desk.supervisor.pk}


def test_hand_over_to_a_team_on_breach(desk):
    policy = Policy.objects.get(name="Gold")
    steps = [{"moment": "breach", "action": "reassign_team", "team_id": desk.repairs.pk}]
    actions.save_policy(by=SYSTEM, policy_id=policy.pk, name="Gold", targets=TARGETS, steps=steps)
    ticket = arrive(desk, team=desk.orders, assignee=desk.hana)
    with time("14:06"):
        actions.sound_alarms()
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee) == (desk.repairs, None)


def test_every_row_can_be_computed_anew_from_its_facts(desk):
    ticket = arrive(desk)
    with time("11:05"):
        answer(ticket, status="waiting_customer")
    with time("15:00"):
        tickets.set_status(ticket_id=ticket.pk, status="open", by=SYSTEM)
        tickets.set_field(ticket_id=ticket.pk, field="priority", value=4, by=SYSTEM)
        write_again(ticket)
    for deadline in Deadline.objects.filter(ticket=ticket, facts__kind="started"):
        calendars = {
            fact.calendar_version_id: workplace_queries.hours(fact.calendar_version_id)
            for fact in deadline.facts.exclude(calendar_version=None)
        }
        state = clockwork.replay([fact.as_fact() for fact in deadline.facts.all()], calendars)
        assert (state.due_at, state.met_at, state.paused, state.budget) == (
            deadline.due_at,
            deadline.met_at,
            deadline.is_paused,
            deadline.budget,
        )


def test_without_a_policy_there_is_no_promise(cast):
    ticket = arrive(cast)
    assert not Deadline.objects.exists()
    ticket.refresh_from_db()
    assert ticket.due_at == NO_DEADLINE
    assert queries.expectation(ticket) is None


def test_a_ticket_made_by_an_agent_promises_no_first_reply(desk):
    with time("10:00"):
        ticket = desk.ticket()
        Ticket.objects.filter(pk=ticket.pk).update(last_inbound_at=None)
        events.emit(TicketCreated(ticket.pk, None, "mail"), by=agent_actor(desk.hana))
    assert [deadline.metric for deadline in Deadline.objects.filter(ticket=ticket)] == ["resolution"]


def test_starting_clocks_costs_the_same_for_one_and_for_fifty(desk):
    def statements(count: int) -> int:
        made = [desk.ticket() for _ in range(count)]
        workplace_queries.hours(Calendar.objects.get(is_default=True).version_id)
        with CaptureQueriesContext(connection) as captured:
            actions.start_clocks(made)
        assert Deadline.objects.filter(ticket__in=made).count() == 2 * count
        return len([q for q in captured if "SAVEPOINT" not in q["sql"]])

    assert statements(1) == 6
    assert statements(50) == 6, "what is sent with executemany goes in one round trip"


def test_what_is_told_twice_counts_once(desk):
    ticket = arrive(desk)
    with time("11:05"):
        answer(ticket, status="waiting_customer")
    before = {d.pk: (d.due_at, d.met_at, d.used) for d in Deadline.objects.all()}
    with time("11:30"):
        Event.objects.update(fanned_out=False)
        handle()
    assert {d.pk: (d.due_at, d.met_at, d.used) for d in Deadline.objects.all()} == before


def test_deadlines_are_seen_with_their_tickets_only(desk):
    mine, theirs = arrive(desk, team=desk.orders), arrive(desk, team=desk.repairs)
    assert queries.deadline_for(desk.hana, clock_of(mine, "first_reply").pk) is not None
    assert queries.deadline_for(desk.hana, clock_of(theirs, "first_reply").pk) is None


def test_what_the_ring_shows(desk):
    ticket = arrive(desk)
    with time("10:05"):
        paused = desk.ticket(status="waiting_customer")
        Ticket.objects.filter(pk=paused.pk).update(last_inbound_at=None)
        paused.refresh_from_db()
        actions.start_clocks([paused])

    def shown(text: str) -> dict[int, tuple[str, int]]:
        with clock.frozen(at(text)):
            return {ticket_id: (view.state, view.percent) for ticket_id, view in queries.clocks_of([ticket.pk, paused.pk]).items()}

    assert shown("11:05") == {ticket.pk: ("running", 67), paused.pk: ("paused", 100)}
    assert shown("13:30")[ticket.pk] == ("soon", 19)
    assert shown("14:06")[ticket.pk] == ("over", 100)


def test_retargeting_a_batch_costs_the_same_for_few_and_many(desk):
    def statements(count: int) -> int:
        made = [arrive(desk) for _ in range(count)]
        with clock.frozen(at("10:35")):
            Ticket.objects.filter(pk__in=[ticket.pk for ticket in made]).update(priority=4)
            with CaptureQueriesContext(connection) as captured:
                actions.retarget(ticket_ids=[ticket.pk for ticket in made], at=at("10:35"))
        return len(captured)

    assert statements(2) == statements(20)


def test_steps_that_stay_keep_their_rows_when_a_policy_is_saved_again(desk):
    policy = Policy.objects.get(name="Gold")
    steps = [{"moment": "breach", "action": "notify_lead"}, {"moment": "breach", "action": "notify_lead", "after_minutes": 30}]
    actions.save_policy(by=SYSTEM, policy_id=policy.pk, name="Gold", targets=TARGETS, steps=steps)
    first = EscalationStep.objects.get(after_minutes=0).pk
    actions.save_policy(by=SYSTEM, policy_id=policy.pk, name="Gold", targets=TARGETS, steps=steps[:1])
    assert [step.pk for step in EscalationStep.objects.all()] == [first]


def test_facts_are_few(desk):
    """A ticket's life should not fill the table: nothing is written that changes nothing."""
    ticket = arrive(desk)
    with time("10:10"):
        tickets.set_status(ticket_id=ticket.pk, status="open", by=SYSTEM)
        tickets.set_field(ticket_id=ticket.pk, field="kind", value="question", by=SYSTEM)
    assert ClockFact.objects.count() == 0
    with time("10:30"):
        tickets.set_field(ticket_id=ticket.pk, field="priority", value=4, by=SYSTEM)
    assert sorted(ClockFact.objects.values_list("kind", flat=True)) == ["policy_changed", "started"]


def test_seconds_between_wall_and_promise_are_whole(desk):
    with clock.frozen(at("10:05") + timedelta(microseconds=700_000)):
        ticket = desk.ticket()
        actions.start_clocks([ticket])
    assert clock_of(ticket, "first_reply").due_at == at("14:05")
