"""Follow-ups: planned by rule, asked once at a decent time, answered by a press, called off when the matter goes on; case records."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from madoguchi.customers import actions as customers
from madoguchi.followups import actions, queries
from madoguchi.followups.matching import Condition, Facts, folded
from madoguchi.followups.models import CaseRecord, FollowUp, Rule
from madoguchi.foundation import clock, events, jobs
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Conflict
from madoguchi.knowledge.models import Category
from madoguchi.surveys import actions as surveys
from madoguchi.surveys.models import Survey
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Task, Ticket
from madoguchi.tickets.outgoing import letter_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)  # Wednesday noon in Tokyo
DAY, WEEK = NOW + timedelta(hours=24, minutes=1), NOW + timedelta(days=7, minutes=1)


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def rule(cast):
    return Rule.objects.create(name="All", second_days=7)


def settle():
    events.fan_out()
    jobs.run_until_empty(queues=("default",))


def solved(cast, *, customer=None, **fields):
    fields.setdefault("team", cast.orders)
    fields.setdefault("assignee", cast.hana)
    ticket = cast.ticket(customer=customer, **fields)
    tickets.reply(ticket_id=ticket.pk, text="Here you are.", by=agent_actor(cast.hana), status="solved")
    settle()
    return Ticket.objects.get(pk=ticket.pk)


def first(ticket, at=DAY):
    with clock.frozen(at):
        actions.look_at_time()
    return FollowUp.objects.get(ticket=ticket, step=1)


def press(followup, answer, browser=None):
    return (browser or Client()).post(f"/well/{queries.token(followup.pk)}/{answer}")


def test_solving_plans_two_steps_and_the_first_is_asked_once(cast, rule):
    ticket = solved(cast)
    actions.plan(ticket_id=ticket.pk)
    assert list(FollowUp.objects.order_by("step").values_list("due_at", flat=True)) == [NOW + timedelta(days=1), NOW + timedelta(days=7)]
    assert first(ticket, NOW + timedelta(hours=23)).state == "planned"
    asked = first(ticket)
    first(ticket)
    message = Message.objects.get(automatic="followup")
    assert (asked.state, asked.attempts, asked.message) == ("asked", 1, message)
    letter = letter_of(message, cast.mailbox)
    token = queries.token(asked.pk)
    for part in (letter.text, letter.html):
        assert f"/well/{token}/yes" in part
        assert f"/well/{token}/no" in part
        assert f"/well/{token}/stop" in part
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"


def test_a_kill_between_sending_and_noting_it_leaves_nothing_half_done(cast, rule, monkeypatch):
    ticket, save = solved(cast), FollowUp.save
    monkeypatch.setattr(FollowUp, "save", lambda *_args, **_more: (_ for _ in ()).throw(SystemError("killed")))
    with pytest.raises(SystemError):
        first(ticket)
    assert not Message.objects.filter(automatic="followup").exists()
    monkeypatch.setattr(FollowUp, "save", save)
    assert first(ticket).state == "asked"
    assert Message.objects.filter(automatic="followup").count() == 1


@pytest.mark.parametrize("why", ["reopened", "spam", "wrote", "too_late", "refused"])
def test_it_is_called_off(cast, rule, why):
    ticket, at = solved(cast), DAY
    if why == "reopened":
        tickets.reopen(ticket_id=ticket.pk, by=SYSTEM)
    elif why == "spam":
        tickets.mark_spam(ticket_id=ticket.pk, by=SYSTEM)
    elif why == "wrote":
        Message.objects.create(ticket=ticket, direction="in", text="Thanks", created_at=NOW + timedelta(hours=1))
    elif why == "too_late":
        at = NOW + timedelta(days=6, hours=23)
    else:
        customers.refuse(customer=cast.ruth, purpose="followup", by=SYSTEM)
    found = first(ticket, at)
    assert (found.state, found.why) == ("cancelled", why)
    assert not Message.objects.filter(automatic="followup").exists()


def test_reopening_calls_everything_off_and_solving_again_plans_anew(cast, rule):
    ticket = solved(cast)
    tickets.reopen(ticket_id=ticket.pk, by=SYSTEM)
    settle()
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"cancelled"}
    with clock.frozen(NOW + timedelta(hours=1)):
        tickets.set_status(ticket_id=ticket.pk, status="solved", by=SYSTEM)
        settle()
    assert FollowUp.objects.filter(state="planned").count() == 2


def test_opening_the_link_says_nothing_and_a_press_verifies(cast, rule):
    asked = first(solved(cast))
    with clock.frozen(DAY):
        assert Client().get(f"/well/{queries.token(asked.pk)}/no").status_code == 200
        assert first(asked.ticket).outcome == ""
        assert press(asked, "yes").status_code == 200
        press(asked, "yes")
    asked.refresh_from_db()
    assert (asked.state, asked.outcome) == ("done", "verified")
    assert asked.ticket.status == "solved"
    assert FollowUp.objects.get(step=2).state == "planned"


def test_no_takes_the_ticket_up_again_once_with_a_note(cast, rule):
    asked = first(solved(cast))
    with clock.frozen(DAY):
        press(asked, "yes")
        press(asked, "no")
        press(asked, "no")
        press(asked, "yes")
    asked.refresh_from_db()
    ticket = Ticket.objects.get(pk=asked.ticket_id)
    assert (asked.outcome, ticket.status) == ("reopened", "open")
    assert Message.objects.filter(ticket=ticket, direction="note").count() == 1
    assert FollowUp.objects.get(step=2).state == "cancelled"


def test_a_closed_ticket_stays_closed_and_becomes_a_task(cast, rule):
    asked = first(solved(cast))
    tickets.set_status(ticket_id=asked.ticket_id, status="closed", by=SYSTEM)
    with clock.frozen(DAY):
        press(asked, "no")
    assert Ticket.objects.get(pk=asked.ticket_id).status == "closed"
    assert Task.objects.get().assignee == cast.hana


def test_forged_old_and_foreign_links_answer_nothing(cast, rule):
    asked, other = first(solved(cast)), first(solved(cast, customer=cast.chinatsu))
    mine = queries.token(asked.pk)
    planned = FollowUp.objects.get(ticket=asked.ticket, step=2)
    for token in (
        f"{other.pk}-{mine.split('-', 1)[1]}",
        mine[:-1],
        f"{mine}x",
        str(asked.pk),
        "x",
        "９-x",
        "9" * 400,
        queries.token(planned.pk),
    ):
        assert Client().post(f"/well/{token}/no").status_code == 404
        assert Client().post(f"/well/{token}/stop").status_code == 404
    assert Client().post(f"/well/{mine}/maybe").status_code == 404
    assert press(asked, "no", Client(enforce_csrf_checks=True)).status_code == 403
    with clock.frozen(DAY + timedelta(days=30)):
        assert press(asked, "no").status_code == 410
    assert set(FollowUp.objects.filter(step=1).values_list("outcome", flat=True)) == {""}


def test_colleagues_cannot_answer_for_the_customer(cast, rule, sign_in):
    asked = first(solved(cast))
    with clock.frozen(DAY):
        assert press(asked, "yes", sign_in(cast.hana)).status_code == 409


def test_no_more_such_questions(cast, rule):
    asked = first(solved(cast))
    Client().get(f"/well/{queries.token(asked.pk)}/stop")
    assert not cast.ruth.refusals.exists()
    Client().post(f"/well/{queries.token(asked.pk)}/stop")
    assert cast.ruth.refusals.get().purpose == "followup"


def test_a_call_is_a_task_and_its_outcome_is_written_down(cast, sign_in):
    Rule.objects.create(name="Calls", first_means="call")
    asked = first(solved(cast))
    assert Task.objects.get().assignee == cast.hana
    assert not Message.objects.filter(automatic="followup").exists()
    assert Client().get(f"/well/{queries.token(asked.pk)}/yes").status_code == 404
    with clock.frozen(DAY):
        assert sign_in(cast.kenji).post(f"/followups/{asked.pk}/outcome", {"outcome": "verified"}).status_code == 404
        assert sign_in(cast.observer).post(f"/followups/{asked.pk}/outcome", {"outcome": "verified"}).status_code == 403
        assert sign_in(cast.hana).post(f"/followups/{asked.pk}/outcome", {"outcome": "x"}).status_code == 422
        sign_in(cast.hana).post(f"/followups/{asked.pk}/outcome", {"outcome": "not_reached"})
        assert queries.tally(cast.hana, days=30) == {"asked": 1, "verified": 0, "reopened": 0, "not_reached": 1}
        assert queries.tally(cast.kenji, days=30)["asked"] == 0


def test_nobody_who_was_not_asked_can_have_answered(cast, rule):
    solved(cast)
    with pytest.raises(Conflict):
        actions.settle(followup_id=FollowUp.objects.get(step=1).pk, outcome="verified", by=SYSTEM)


def test_a_survey_waits_for_the_follow_up_and_the_follow_up_for_a_survey(cast, rule):
    surveys.save_choices(by=SYSTEM, is_on=True, kind="csat", delay_hours=4, every_days=30)
    ticket = solved(cast)
    with clock.frozen(NOW + timedelta(hours=5)):
        surveys.send_due()
    survey = Survey.objects.get(ticket=ticket)
    assert (survey.state, survey.due_at) == ("planned", NOW + timedelta(hours=72))
    assert first(ticket).state == "asked"
    with clock.frozen(NOW + timedelta(hours=72, minutes=2)):
        surveys.send_due()
    assert Survey.objects.get(ticket=ticket).state == "asked"
    other = solved(cast, customer=cast.chinatsu)
    Message.objects.create(ticket=other, direction="out", automatic="survey", text="?", created_at=DAY - timedelta(hours=2))
    moved = first(other)
    assert (moved.state, moved.due_at) == ("planned", DAY + timedelta(hours=46))


def test_rules_ask_kind_cause_channel_priority_and_tier(cast):
    facts = Facts("complaint", "product", "mail", 3, folded(["VIP ", "Orion Ltd"]))
    for fits in ({}, {"kinds": ["complaint"]}, {"causes": ["product"]}, {"channels": ["mail"]}, {"tiers": ["vip"]}, {"from_priority": 3}):
        assert Condition(**fits).fits(facts)
    for misses in ({"kinds": ["praise"]}, {"causes": ["price"]}, {"channels": ["chat"]}, {"tiers": ["basic"]}, {"from_priority": 4}):
        assert not Condition(**misses).fits(facts)
    Rule.objects.create(name="Complaints", kinds=["complaint"])
    solved(cast)
    assert not FollowUp.objects.exists()
    solved(cast, kind="complaint")
    assert FollowUp.objects.count() == 1


def test_rules_are_made_changed_and_deleted(cast, sign_in):
    browser = sign_in(cast.admin)
    good = {
        "name": "VIP", "is_active": "on", "position": 1, "kinds": ["complaint"], "from_priority": 1, "tiers": "vip、 gold", "first_hours": 30,
        "first_means": "call", "second_days": 10, "second_means": "mail",
    }  # fmt: skip
    for wrong in ({"first_hours": 12}, {"second_days": 3}, {"second_days": 16}, {"name": ""}, {"kinds": ["x"]}):
        assert browser.post("/settings/followups/new/", good | wrong).status_code == 422, wrong
    assert browser.post("/settings/followups/new/", good).status_code == 302
    row = Rule.objects.get()
    assert (row.tiers, row.kinds, row.first_hours) == (["vip", "gold"], ["complaint"], 30)
    assert browser.post("/settings/followups/new/", good).status_code == 422
    for address in ("/settings/followups/", f"/settings/followups/{row.pk}/", f"/settings/followups/{row.pk}/delete/"):
        assert browser.get(address).status_code == 200
    browser.post(f"/settings/followups/{row.pk}/delete/")
    assert not Rule.objects.exists()


def test_the_list_and_the_panel_show_what_the_reader_may_see(cast, rule, sign_in, django_assert_max_num_queries):
    ticket = solved(cast)
    browser = sign_in(cast.hana)
    for address in ("/followups/", "/followups/?of=past"):
        with django_assert_max_num_queries(14):
            assert browser.get(address).status_code == 200
    assert f"/tickets/{ticket.pk}" in browser.get("/followups/").content.decode()
    assert f"/tickets/{ticket.pk}" not in sign_in(cast.kenji).get("/followups/").content.decode()
    with django_assert_max_num_queries(7):
        assert browser.get(f"/tickets/{ticket.pk}/followups").status_code == 200
    assert sign_in(cast.kenji).get(f"/tickets/{ticket.pk}/followups").status_code == 404


def test_the_case_record_is_written_changed_and_guarded(cast, sign_in):
    ticket = solved(cast)
    browser = sign_in(cast.hana)
    address = f"/tickets/{ticket.pk}/case-record"
    browser.post(address, {"cause": "Box too thin", "solution": "Sent anew", "lesson": "<b>Thicker</b> box"})
    browser.post(address, {"cause": "Box too thin", "solution": "Sent again", "lesson": "<b>Thicker</b> box"})
    record = CaseRecord.objects.get()
    assert (record.solution, record.written_by) == ("Sent again", cast.hana)
    shown = browser.get(f"/tickets/{ticket.pk}/followups").content.decode()
    assert "&lt;b&gt;Thicker" in shown
    editor = sign_in(cast.admin)
    link = re.search(r'href="(/knowledge/new\?body=[^"]+)"', editor.get(f"/tickets/{ticket.pk}/followups").content.decode())[1]
    category = Category.objects.create(key="boxes")
    made = editor.post(link, {"slug": "boxes", "category": category.pk, "language": "en", "audience": "public"})
    assert made.status_code == 302, made.content.decode()[:3000]
    assert "Sent again" in editor.get(made["Location"]).content.decode()
    assert sign_in(cast.kenji).post(address, {}).status_code == 404
    assert sign_in(cast.observer).post(address, {}).status_code == 403
    assert browser.post(address, {"cause": "x" * 4001}).status_code == 422
    assert ticket.changes.filter(field="case_record").count() == 2
