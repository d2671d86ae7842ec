"""Surveys: asked once, at a decent time, of those who want it; answered by a press and not by a scanner; low scores become a task."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from madoguchi.customers import actions as customers
from madoguchi.customers.models import Customer
from madoguchi.foundation import clock, events, jobs
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.staff.models import Notice, Team
from madoguchi.surveys import actions, personal_data, queries, scales, texts
from madoguchi.surveys.models import Choices, Survey
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Delivery, Message, Task
from madoguchi.tickets.outgoing import letter_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)  # Wednesday noon in Tokyo
LATER = NOW + timedelta(hours=4, minutes=1)


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(NOW):
        yield


@pytest.fixture(autouse=True)
def chosen(cast):
    actions.save_choices(by=SYSTEM, is_on=True, kind="csat", delay_hours=4, every_days=30)


def settle():
    events.fan_out()
    jobs.run_until_empty(queues=("default",))


def solved(cast, *, customer=None, **fields):
    fields.setdefault("team", cast.orders)
    ticket = cast.ticket(customer=customer, **fields)
    tickets.reply(ticket_id=ticket.pk, text="Here you are.", by=agent_actor(cast.hana), status="solved")
    settle()
    ticket.refresh_from_db()
    return ticket


def sent(ticket, at=LATER):
    with clock.frozen(at):
        actions.send_due()
    return Survey.objects.filter(ticket=ticket).latest("id")


def asked(cast, **fields):
    survey = sent(solved(cast, **fields))
    assert survey.state == "asked", survey.why
    return survey


def post(survey, score, browser=None, **more):
    return (browser or Client()).post(f"/rate/{queries.token(survey.pk)}", {"score": score, **more})


def test_solving_plans_a_survey_which_is_sent_once_and_threads(cast):
    ticket = solved(cast)
    assert Survey.objects.get().due_at == NOW + timedelta(hours=4)
    actions.send_due()
    assert Survey.objects.get().state == "planned"
    survey = sent(ticket)
    sent(ticket)  # a job that was killed and runs again
    message = Message.objects.get(ticket=ticket, automatic="survey")
    assert survey.message == message
    assert Delivery.objects.filter(message=message).count() == 1
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    assert message.in_reply_to
    letter = letter_of(message, cast.mailbox)
    for score in range(1, 6):
        assert f"/rate/{queries.token(survey.pk)}/{score}" in letter.html
        assert f"/rate/{queries.token(survey.pk)}/{score}" in letter.text
    assert "/stop" in letter.text
    assert letter.headers["Auto-Submitted"] == "auto-generated"


def test_a_kill_between_sending_and_noting_it_leaves_nothing_half_done(cast, monkeypatch):
    ticket = solved(cast)
    save = Survey.save
    monkeypatch.setattr(Survey, "save", lambda *_args, **_more: (_ for _ in ()).throw(SystemError("killed")))
    with pytest.raises(SystemError):
        sent(ticket)
    assert not Message.objects.filter(automatic="survey").exists()
    monkeypatch.setattr(Survey, "save", save)
    assert sent(ticket).state == "asked"
    assert Message.objects.filter(automatic="survey").count() == 1


@pytest.mark.parametrize("channel", ["form", "portal", "phone"])
def test_whoever_came_another_way_is_asked_by_mail(cast, channel):
    survey = asked(cast, channel=channel)
    assert survey.message.channel == "mail"
    assert survey.message.to == [["Ruth Castellan", "ruth@customer.example"]]
    assert Delivery.objects.filter(message=survey.message).exists()


def test_nobody_is_written_to_at_night_where_they_live(cast):
    Customer.objects.filter(pk=cast.ruth.pk).update(time_zone="Europe/London")
    ticket = solved(cast)  # 3:00 in London, four hours later it is 7:00
    assert Survey.objects.get().due_at == datetime(2026, 11, 25, 9, tzinfo=UTC)
    Survey.objects.update(due_at=NOW)
    assert sent(ticket, NOW + timedelta(hours=1)).state == "planned"
    assert sent(ticket, datetime(2026, 11, 25, 9, tzinfo=UTC)).state == "asked"


def test_taken_up_again_it_is_called_off_and_solved_again_it_is_planned_anew(cast):
    ticket = solved(cast)
    tickets.reopen(ticket_id=ticket.pk, by=agent_actor(cast.hana))
    settle()
    assert [(one.state, one.why) for one in Survey.objects.all()] == [("cancelled", "reopened")]
    tickets.set_status(ticket_id=ticket.pk, status="solved", by=agent_actor(cast.hana))
    settle()
    assert sorted(Survey.objects.values_list("state", flat=True)) == ["cancelled", "planned"]


@pytest.mark.parametrize("why", ["off", "spam", "refused", "asked_lately", "too_late", "no_answer", "reopened", "restricted", "chat"])
def test_who_is_not_asked(cast, why):
    from madoguchi.protection.models import Measure

    ticket, at = solved(cast), LATER
    if why == "off":
        Choices.objects.update(is_on=False)
    elif why == "spam":
        tickets.mark_spam(ticket_id=ticket.pk, by=SYSTEM)
    elif why == "refused":
        customers.refuse(customer=cast.ruth, purpose="survey", by=SYSTEM)
    elif why == "asked_lately":
        other = cast.ticket()
        Survey.objects.create(ticket=other, kind="csat", state="asked", due_at=NOW, sent_at=NOW - timedelta(days=29))
    elif why == "too_late":
        at = LATER + timedelta(days=8)
    elif why == "no_answer":
        Message.objects.filter(ticket=ticket, direction="out").update(automatic="acknowledgement")
    elif why == "reopened":
        tickets.reopen(ticket_id=ticket.pk, by=SYSTEM)
    elif why == "restricted":
        Measure.objects.create(
            customer=cast.ruth,
            ticket=ticket,
            step="restriction",
            kind="refusal",
            by_kind="agent",
            severity=2,
            starts_at=NOW,
            ends_at=NOW + timedelta(days=9),
            created_at=NOW,
        )
    elif why == "chat":
        type(ticket).objects.filter(pk=ticket.pk).update(channel="chat")
    survey = sent(ticket, at)
    assert (survey.state, survey.why) == ("cancelled", why)
    assert not Message.objects.filter(automatic="survey").exists()


def test_opening_the_link_rates_nothing_and_a_press_does(cast):
    survey = asked(cast)
    page = Client().get(f"/rate/{queries.token(survey.pk)}/4")
    assert page.status_code == 200
    assert 'value="4" required checked' in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "noindex" in page.content.decode()
    survey.refresh_from_db()
    assert survey.score is None
    with clock.frozen(LATER):
        assert post(survey, 4).status_code == 302
    survey.refresh_from_db()
    assert (survey.state, survey.score, survey.called_back) == ("answered", 4, False)
    assert not Task.objects.exists()


def test_without_the_token_of_the_form_a_press_on_another_site_rates_nothing(cast):
    survey = asked(cast)
    assert post(survey, 1, Client(enforce_csrf_checks=True)).status_code == 403
    survey.refresh_from_db()
    assert survey.score is None


def test_a_rating_is_changed_and_commented_for_two_weeks(cast):
    survey = asked(cast)
    with clock.frozen(LATER):
        post(survey, 5)
        post(survey, 4, comment=" <script>alert(1)</script> Fine ")
        post(survey, 3)
    survey.refresh_from_db()
    assert (survey.score, survey.comment) == (3, "<script>alert(1)</script> Fine")
    with clock.frozen(LATER):
        page = Client().get(f"/rate/{queries.token(survey.pk)}").content.decode()
    assert "<script>alert" not in page
    with clock.frozen(LATER + timedelta(days=14)):
        assert Client().get(f"/rate/{queries.token(survey.pk)}/5").status_code == 410
        assert post(survey, 5).status_code == 410
    survey.refresh_from_db()
    assert survey.score == 3


def test_forged_and_foreign_tokens_open_nothing(cast):
    survey, other = asked(cast), asked(cast, customer=cast.chinatsu)
    mine, theirs = queries.token(survey.pk), queries.token(other.pk)
    assert mine.split("-", 1)[1] != theirs.split("-", 1)[1]
    swapped = f"{other.pk}-{mine.split('-', 1)[1]}"
    for token in (swapped, mine[:-1], f"{mine}x", f"{survey.pk}", f"{survey.pk}-", "0-x", "x", "９-x", "-1-x", "9" * 400, f"0{mine}"):
        assert Client().get(f"/rate/{token}/5").status_code == 404, token
        assert Client().post(f"/rate/{token}", {"score": 5}).status_code == 404
        assert Client().post(f"/rate/{token}/stop").status_code == 404
    planned = Survey.objects.create(ticket=survey.ticket, kind="csat", due_at=LATER)
    assert Client().get(f"/rate/{queries.token(planned.pk)}").status_code == 404
    other.refresh_from_db()
    assert other.score is None


@pytest.mark.parametrize("score", ["0", "6", "-1", "99", "x", "", "４", "1" * 5000])
def test_a_score_that_is_not_on_the_scale_is_refused(cast, score):
    survey = asked(cast)
    with clock.frozen(LATER):
        assert post(survey, score).status_code == 422
        assert Client().get(f"/rate/{queries.token(survey.pk)}/6").status_code == 404
    survey.refresh_from_db()
    assert survey.score is None


def test_a_colleague_cannot_rate(cast, sign_in):
    survey = asked(cast)
    with clock.frozen(LATER):
        assert post(survey, 5, sign_in(cast.hana)).status_code == 409
    survey.refresh_from_db()
    assert survey.score is None


def test_floods_are_stopped(cast):
    survey = asked(cast)
    with clock.frozen(LATER):
        codes = [post(survey, 5).status_code for _ in range(61)]
    assert codes[-1] == 429


def test_a_low_score_becomes_a_task_once(cast):
    survey = asked(cast, assignee=cast.hana)
    with clock.frozen(LATER):
        for score in (2, 5, 1):
            post(survey, score)
    task = Task.objects.get()
    assert (task.ticket, task.assignee, task.title) == (survey.ticket, cast.hana, "Call back: rated 2 of 5")
    assert Notice.objects.filter(kind="task", agent=cast.hana).count() == 1


def test_without_an_assignee_the_lead_calls_and_without_a_lead_the_supervisors_hear_of_it(cast):
    survey = asked(cast)
    type(survey.ticket).objects.filter(pk=survey.ticket_id).update(assignee=None)
    with clock.frozen(LATER):
        post(survey, 1)
    assert Task.objects.get().assignee is None
    assert Notice.objects.filter(kind="low_score", agent=cast.supervisor).exists()
    Team.objects.filter(pk=cast.orders.pk).update(lead=cast.supervisor)
    other = asked(cast, customer=cast.chinatsu)
    type(other.ticket).objects.filter(pk=other.ticket_id).update(assignee=None)
    with clock.frozen(LATER):
        post(other, 1)
    assert Task.objects.latest("id").assignee == cast.supervisor


def test_no_more_surveys(cast):
    survey = asked(cast)
    address = f"/rate/{queries.token(survey.pk)}/stop"
    Client().get(address)
    assert not cast.ruth.refusals.exists()
    Client().post(address)
    Client().post(address)
    assert cast.ruth.refusals.get().purpose == "survey"


def test_pages_and_mails_speak_the_customers_language(cast):
    for kind, (low, high) in scales.SCORES.items():
        for language in texts.QUESTIONS:
            links = [(score, f"https://x/{score}") for score in range(low, high + 1)]
            mail = texts.mail(language, kind, name="A", number=7, links=links, optout="https://x/stop")
            assert all(url in mail for _, url in links)
            assert "7" in mail
            assert "{" not in mail
    html = texts.mail_html("en", "csat", name="<b>A</b>", number=7, links=[(1, "u")], optout="o")
    assert "<b>A" not in html
    survey = asked(cast, customer=cast.chinatsu)
    Survey.objects.update(language="ja")
    page = Client().get(f"/rate/{queries.token(survey.pk)}")
    assert 'lang="ja"' in page.content.decode()
    assert texts.QUESTIONS["ja"]["csat"] in page.content.decode()
    assert texts.QUESTIONS["de"]["csat"] in Client().get(f"/rate/{queries.token(survey.pk)}?language=de").content.decode()


def test_the_report_counts_what_the_reader_may_see(cast, sign_in, django_assert_max_num_queries):
    survey = asked(cast)
    with clock.frozen(LATER):
        post(survey, 5, comment="Quick and kind")
        other = solved(cast, customer=cast.chinatsu, team=cast.repairs)
    with clock.frozen(LATER + timedelta(hours=5)):
        Survey.objects.filter(ticket=other).update(due_at=NOW)
    with clock.frozen(NOW + timedelta(days=1)):
        actions.send_due()
        mine = queries.report(cast.hana, since=NOW)
        assert (mine.kinds["csat"].sent, mine.kinds["csat"].mean, mine.kinds["csat"].good) == (1, 5, 1)
        everything = queries.report(cast.supervisor, since=NOW)
        assert (everything.kinds["csat"].sent, everything.kinds["csat"].rate) == (2, 0.5)
        assert "Quick and kind" in sign_in(cast.hana).get("/reports/satisfaction").content.decode()
        assert "Quick and kind" not in sign_in(cast.kenji).get("/reports/satisfaction").content.decode()
        browser = sign_in(cast.hana)
        assert "5 of 5" in browser.get(f"/tickets/{survey.ticket_id}/surveys").content.decode()
        assert sign_in(cast.kenji).get(f"/tickets/{survey.ticket_id}/surveys").status_code == 404
        with django_assert_max_num_queries(6):
            browser.get(f"/tickets/{survey.ticket_id}/surveys")
        with django_assert_max_num_queries(14):
            browser.get("/reports/satisfaction?days=x")
    assert personal_data.export(cast.ruth)["surveys"][0]["comment"] == "Quick and kind"


def test_sums_of_the_three_scales():
    assert scales.net_promoters({10: 5, 9: 1, 8: 2, 6: 1, 0: 1}) == 40
    assert scales.net_promoters({}) is None
    assert scales.mean({1: 1, 5: 1}) == 3
    assert scales.share_good("ces", {4: 1, 5: 1, 7: 2}) == 0.75
    assert [kind for kind in scales.LOW if scales.is_low(kind, 3)] == ["ces", "nps"]


def test_settings_are_kept_and_checked(cast, sign_in):
    browser = sign_in(cast.admin)
    good = {"is_on": "on", "kind": "nps", "delay_hours": 24, "every_days": 90}
    assert browser.post("/settings/surveys/", good | {"every_days": 0}).status_code == 422
    assert browser.post("/settings/surveys/", good).status_code == 302
    assert (queries.choices().kind, queries.choices().every_days) == ("nps", 90)
    assert sign_in(cast.hana).get("/settings/surveys/").status_code == 403
