"""Triggers: what fires them, what they do, what keeps them from running in circles."""

from datetime import timedelta

import pytest
from django.utils.module_loading import autodiscover_modules

from madoguchi.automation import actions
from madoguchi.automation.actions import firing
from madoguchi.automation.models import Trigger, TriggerRun
from madoguchi.automation.queries import dry_run
from madoguchi.foundation import clock, jobs
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.foundation.models import Job
from madoguchi.sla.events import DeadlineBreached
from madoguchi.staff.models import Notice
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Change, Message, Ticket
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)

RAISE = [{"do": "set_priority", "value": 4}]


def save(name="One", **fields):
    return actions.save_trigger(**{"by": SYSTEM, "name": name, "event": "created", "actions": RAISE, **fields})


def handle():
    autodiscover_modules("jobs")
    jobs.run_until_empty(queues=("default",))
    failed = Job.objects.filter(queue="default").exclude(last_error="").first()
    assert failed is None, failed.last_error


def mails(ticket):
    return list(Message.objects.filter(ticket=ticket, automatic="trigger").values_list("text", flat=True))


def test_a_new_mail_fires_once_and_the_log_says_why(cast):
    trigger = save(conditions={"channel": ["mail"]}, actions=[*RAISE, {"do": "add_tags", "value": ["vip"]}])
    arrive(letter("Help", message_id="<a@x.example>"))
    handle()
    ticket = Ticket.objects.get()
    assert (ticket.priority, [tag.name for tag in ticket.tags.all()]) == (4, ["vip"])
    run = TriggerRun.objects.get()
    assert run.fired
    assert run.explanation["conditions"] == [{"field": "channel", "wanted": ["mail"], "have": ["mail"], "met": True}]
    assert [(told["do"], told["done"]) for told in run.explanation["actions"]] == [("set_priority", True), ("add_tags", True)]
    assert Change.objects.get(field="priority").actor_name == f"trigger:{trigger.pk} One"


def test_conditions_that_are_not_met_and_switched_off_triggers_do_nothing(cast):
    save(conditions={"kind": ["complaint"]})
    save("Off", is_active=False)
    arrive(letter("Help", message_id="<a@x.example>"))
    handle()
    assert not TriggerRun.objects.exists()


def test_order_and_stop(cast):
    save("First", actions=[{"do": "set_priority", "value": 3}], stop=True)
    second = save("Second", actions=[{"do": "set_priority", "value": 1}])
    arrive(letter("Help", message_id="<a@x.example>"))
    handle()
    assert Ticket.objects.get().priority == 3
    actions.move_trigger(trigger_id=second.pk, position=0, by=SYSTEM)
    arrive(letter("Other", message_id="<b@x.example>"))
    handle()
    assert list(TriggerRun.objects.order_by("id").values_list("trigger__name", flat=True)) == ["First", "Second", "First"]


@pytest.mark.parametrize(
    ("event", "do"),
    [
        ("status", lambda t, by: tickets.set_status(ticket_id=t.pk, status="open", by=by)),
        ("kind", lambda t, by: tickets.set_field(ticket_id=t.pk, field="kind", value="praise", by=by)),
        ("tags", lambda t, by: tickets.tag(ticket_id=t.pk, names=["x"], by=by)),
        ("note", lambda t, by: tickets.add_note(ticket_id=t.pk, text="Hm", by=by)),
        ("replied", lambda t, by: tickets.reply(ticket_id=t.pk, text="Hello", by=by)),
        ("assignee", lambda t, by: tickets.assign(ticket_id=t.pk, assignee=None, by=by)),
    ],
)
def test_every_event_reaches_its_triggers(cast, event, do):
    ticket = cast.ticket(assignee=cast.kenji)
    save(event=event)
    do(ticket, agent_actor(cast.hana))
    handle()
    assert TriggerRun.objects.get().fired


def test_a_missed_target_reaches_its_triggers(cast):
    from madoguchi.foundation import events

    ticket = cast.ticket()
    save(event="breached")
    events.emit(DeadlineBreached(ticket.pk, None, 1, "first_reply", ""), by=SYSTEM)
    handle()
    ticket.refresh_from_db()
    assert ticket.priority == 4


def test_a_trigger_does_not_answer_itself_nor_a_pair_each_other(cast):
    flip = [{"do": "add_tags", "value": ["a"]}, {"do": "remove_tags", "value": ["b"]}]
    flop = [{"do": "add_tags", "value": ["b"]}, {"do": "remove_tags", "value": ["a"]}]
    save("Flip", event="tags", actions=flip)
    save("Flop", event="tags", actions=flop)
    ticket = cast.ticket()
    tickets.tag(ticket_id=ticket.pk, names=["x"], by=agent_actor(cast.hana))
    handle()
    for run in TriggerRun.objects.all():
        assert run.trigger_id not in firing._chain(run.parent)
    assert TriggerRun.objects.filter(fired=True).count() < 8


def test_a_chain_ends_after_three(cast):
    steps = [("created", "set_priority", 3), ("priority", "set_kind", "complaint"), ("kind", "add_tags", ["x"]), ("tags", "add_note", "No")]
    for event, do, value in steps:
        save(f"On {event}", event=event, actions=[{"do": do, "value": value}])
    arrive(letter("Help", message_id="<a@x.example>"))
    handle()
    assert list(TriggerRun.objects.order_by("id").values_list("depth", "fired")) == [(0, True), (1, True), (2, True), (3, False)]
    assert TriggerRun.objects.latest("id").explanation["refused"] == "chain"
    assert not Message.objects.filter(direction="note").exists()


def test_one_ticket_sees_only_so_many_an_hour(cast, monkeypatch):
    monkeypatch.setattr(firing, "MAX_AN_HOUR", 2)
    save(event="note", actions=[{"do": "add_tags", "value": ["seen"]}])
    ticket = cast.ticket()
    for text in "abcd":
        tickets.add_note(ticket_id=ticket.pk, text=text, by=agent_actor(cast.hana))
    handle()
    assert list(TriggerRun.objects.order_by("id").values_list("fired", flat=True)) == [True, True, False]


def test_the_mail_is_in_the_customers_language_and_goes_once(cast):
    texts = {"en": "Thank you, {customer.name}.", "de": "Danke, {customer.name}."}
    save(event="message", actions=[{"do": "reply", "value": texts}])
    ticket = cast.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(language="de")
    firing.fire_for_event(ticket_id=ticket.pk, whens=["message"], cause="event:1")
    firing.fire_for_event(ticket_id=ticket.pk, whens=["message"], cause="event:2")
    assert mails(ticket) == ["Danke, Ruth Castellan."]
    assert TriggerRun.objects.latest("id").explanation["actions"][0]["refused"] == "mailed"
    ticket.refresh_from_db()
    assert ticket.status == "new"


@pytest.mark.parametrize("fields", [{"automatic": "auto_reply"}, {"may_auto_answer": False}])
def test_no_mail_to_machines(cast, fields):
    save(event="created", actions=[{"do": "reply", "value": {"en": "Hello"}}])
    ticket = cast.ticket()
    Message.objects.filter(ticket=ticket).update(**fields)
    firing.fire_for_event(ticket_id=ticket.pk, whens=["created"], cause="event:1")
    assert mails(ticket) == []
    assert TriggerRun.objects.get().explanation["actions"][0]["refused"] == "automatic"


def test_no_mail_for_spam_and_none_for_an_auto_reply_that_arrives(cast):
    save(event="created", actions=[{"do": "reply", "value": {"en": "Hello"}}])
    ticket = cast.ticket(is_spam=True)
    assert firing.fire_for_event(ticket_id=ticket.pk, whens=["created"], cause="event:1") == 0
    arrive(letter("Out of office", message_id="<o@x.example>", auto_submitted="auto-replied"))
    handle()
    assert not Message.objects.filter(automatic="trigger").exists()


def test_an_action_that_fails_is_told_and_the_others_are_done(cast):
    save(actions=[{"do": "set_status", "value": "closed"}, *RAISE])
    ticket = cast.ticket()
    firing.fire_for_event(ticket_id=ticket.pk, whens=["created"], cause="event:1")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority) == ("new", 4)
    assert "error" in TriggerRun.objects.get().explanation["actions"][0]


def test_agents_and_the_lead_are_told_and_become_watchers(cast):
    cast.orders.lead = cast.supervisor
    cast.orders.save()
    told = [{"do": "notify_agents", "value": [cast.kenji.pk]}, {"do": "notify_lead"}, {"do": "add_watcher", "value": cast.hana.pk}]
    save(actions=told)
    ticket = cast.ticket(team=cast.orders)
    firing.fire_for_event(ticket_id=ticket.pk, whens=["created"], cause="event:1")
    assert set(Notice.objects.values_list("agent_id", flat=True)) == {cast.kenji.pk, cast.supervisor.pk}
    assert ticket.watchers.get().agent == cast.hana


def test_a_timed_trigger_fires_once_a_state(cast):
    remind = [{"do": "add_note", "value": "Still waiting"}, {"do": "add_tags", "value": ["late"]}]
    now = clock.now()
    old = cast.ticket(status="waiting_customer")
    Ticket.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=9), last_inbound_at=now - timedelta(days=9))
    save(kind="time", after_minutes=60, conditions={"status": ["waiting_customer"]}, actions=remind)
    fresh = cast.ticket(status="waiting_customer")
    assert actions.fire_timed() == 0
    with clock.frozen(now + timedelta(minutes=70)):
        assert actions.fire_timed() == 1
        assert actions.fire_timed() == 0
    assert TriggerRun.objects.get().ticket_id == fresh.pk, "old tickets are left alone when a trigger is switched on"
    with clock.frozen(now + timedelta(minutes=80)):
        tickets.set_status(ticket_id=fresh.pk, status="open", by=SYSTEM)
        tickets.set_status(ticket_id=fresh.pk, status="waiting_customer", by=SYSTEM)
    with clock.frozen(now + timedelta(minutes=130)):
        assert actions.fire_timed() == 0
    with clock.frozen(now + timedelta(minutes=150)):
        assert actions.fire_timed() == 1
    assert Message.objects.filter(ticket=fresh, direction="note").count() == 2


def test_a_dry_run_tells_which_and_why_and_changes_nothing(cast):
    yes, no = cast.ticket(kind="complaint"), cast.ticket(kind="praise")
    cast.ticket(kind="complaint", team=cast.repairs)
    tried = {row.ticket.pk: row for row in dry_run(cast.hana, {"kind": ["complaint"]})} | {}
    assert {pk: row.fits for pk, row in tried.items() if pk in {yes.pk, no.pk}} == {yes.pk: True, no.pk: False}
    assert tried[no.pk].verdicts[0].have == ["praise"]
    assert not TriggerRun.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"actions": []},
        {"actions": [{"do": "format_disk", "value": 1}]},
        {"actions": [{"do": "set_priority", "value": True}]},
        {"actions": [{"do": "set_status", "value": "new"}]},
        {"actions": [{"do": "assign_team", "value": 98765}]},
        {"actions": [{"do": "assign_agent", "value": "1"}]},
        {"actions": [{"do": "add_tags", "value": []}]},
        {"actions": [{"do": "reply", "value": {"xx": "Hello"}}]},
        {"actions": [{"do": "reply", "value": {"en": "{nonsense}"}}]},
        {"actions": ["x"]},
        {"event": "never"},
        {"kind": "time", "after_minutes": 1},
        {"kind": "x"},
        {"conditions": {"weather": ["sunny"]}},
        {"conditions": {"priority": ["4"]}},
        {"name": ""},
    ],
)
def test_nonsense_is_refused(cast, fields):
    with pytest.raises(Invalid):
        save(**fields)
    assert not Trigger.objects.exists()
