"""Beside the ticket: the panel, steps by form, help, protection, appeals."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.protection import actions, queries
from madoguchi.protection.models import Appeal, HelpRequest, Judgement, Measure
from madoguchi.staff.models import Agent, Notice
from madoguchi.tickets.models import Message, Ticket

ABUSE = "この能無しが"
TEXT = f"{ABUSE}。返金はいつですか。"


def signed_in(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def ticket(cast):
    made = cast.ticket(customer=cast.chinatsu, subject="返金", text=TEXT, team=cast.orders, assignee=cast.hana)
    Ticket.objects.filter(pk=made.pk).update(language="ja")
    made.refresh_from_db()
    return made


@pytest.fixture
def message(cast, ticket):
    found = Message.objects.get(ticket=ticket)
    actions.judge(message_id=found.pk, severity=2, labels=["insult"], spans=[(0, len(ABUSE), "insult")], by=agent_actor(cast.hana))
    return found


def panel(agent, ticket) -> str:
    return signed_in(agent).get(f"/protection/tickets/{ticket.pk}/panel").content.decode()


def warn(cast, ticket, message, step="first_warning", agent=None):
    page = signed_in(agent or cast.hana)
    form = page.get(f"/protection/tickets/{ticket.pk}/step/{step}").content.decode()
    notice = re.search(r'<textarea name="notice".*?>\n?(.*?)</textarea>', form, re.DOTALL).group(1)
    given = {"evidence": [message.pk], "behaviour": "insult", "reason": "担当者への暴言", "notice": notice}
    return page, page.post(f"/protection/tickets/{ticket.pk}/step/{step}", given)


def test_the_panel_says_what_was_found_and_why_without_the_words_and_offers_the_next_step(cast, ticket, message):
    page = panel(cast.hana, ticket)
    assert "2 Harassment" in page
    assert "Insult" in page
    assert "Judged by Hana Mori" in page
    assert f"/protection/tickets/{ticket.pk}/step/first_warning" in page
    assert ABUSE not in page


def test_a_calm_ticket_is_quiet(cast, ticket):
    page = panel(cast.hana, ticket)
    assert "Nothing was found" in page
    assert "Next step" not in page


def test_the_warning_is_prefilled_in_the_customers_language_and_sent(cast, ticket, message):
    _, response = warn(cast, ticket, message)
    assert response.status_code == 302
    sent = Message.objects.get(direction="out")
    assert "担当者に対する暴言はおやめください" in sent.text
    assert ABUSE not in panel(cast.hana, ticket)
    assert "Second warning" not in re.search(r"Next step.*?</b>", panel(cast.hana, ticket) + "Next step</b>", re.DOTALL).group()


def test_the_form_of_a_step_shows_messages_softened(cast, ticket, message):
    page = signed_in(cast.hana).get(f"/protection/tickets/{ticket.pk}/step/ask").content.decode()
    assert "返金はいつですか" in page
    assert ABUSE not in page


def test_an_agent_may_not_restrict_by_form(cast, ticket, message):
    day = (clock.now() + timedelta(days=9)).date()
    given = {"evidence": [message.pk], "reason": "x", "notice": "x {appeal_link}", "kind": "refusal", "ends_on": day, "review_on": day}
    assert signed_in(cast.hana).post(f"/protection/tickets/{ticket.pk}/step/restriction", given).status_code == 422
    assert not Measure.objects.exists()


def test_the_supervisor_restricts_by_form_and_the_customer_is_told_how_long(cast, ticket, message):
    for step, agent in (("first_warning", cast.hana), ("last_warning", cast.supervisor)):
        assert warn(cast, ticket, message, step, agent)[1].status_code == 302
    page = signed_in(cast.supervisor)
    form = page.get(f"/protection/tickets/{ticket.pk}/step/restriction").content.decode()
    notice = re.search(r'<textarea name="notice".*?>\n?(.*?)</textarea>', form, re.DOTALL).group(1)
    ends, review = ((clock.now() + timedelta(days=days)).date() for days in (30, 14))
    given = {
        "evidence": [message.pk], "behaviour": "insult", "reason": "11月25日、暴言", "notice": notice, "kind": "writing_only",
        "ends_on": ends, "review_on": review,
    }  # fmt: skip
    assert page.post(f"/protection/tickets/{ticket.pk}/step/restriction", given).status_code == 302
    text = Message.objects.filter(direction="out").order_by("-id").first().text
    assert "書面（メール）に限ります" in text
    assert "11月25日、暴言" in text
    assert "{" not in text
    assert "In writing only" in panel(cast.hana, ticket)


def test_a_wrong_step_is_not_found_and_a_stranger_sees_no_panel(cast, ticket):
    assert signed_in(cast.hana).get(f"/protection/tickets/{ticket.pk}/step/exile").status_code == 404
    assert signed_in(cast.kenji).get(f"/protection/tickets/{ticket.pk}/panel").status_code == 404


def test_one_click_says_that_it_is_not_harassment(cast, ticket, message):
    signed_in(cast.hana).post(f"/protection/messages/{message.pk}/judge", {"quick": "not"})
    assert Judgement.objects.order_by("-id").first().severity == 0
    assert "Not harassment" in panel(cast.hana, ticket)
    assert "Next step" not in panel(cast.hana, ticket)


def test_judging_by_form_needs_to_say_what_was_done(cast, ticket):
    message = Message.objects.get(ticket=ticket)
    client = signed_in(cast.hana)
    assert client.post(f"/protection/messages/{message.pk}/judge", {"severity": 2}).status_code == 422
    assert client.post(f"/protection/messages/{message.pk}/judge", {"severity": 2, "labels": ["insult"]}).status_code == 302
    assert queries.severity_of(message.pk) == 2


def test_a_second_person_is_asked_for_and_comes(cast, ticket, message):
    client = signed_in(cast.hana)
    for _ in range(2):
        client.post(f"/protection/tickets/{ticket.pk}/ask", {"kind": "second_person"})
    asked = HelpRequest.objects.get()
    assert Notice.objects.filter(kind="protection_second_person", agent=cast.supervisor).count() == 1
    assert client.post(f"/protection/tickets/{ticket.pk}/come/{asked.pk}").status_code == 403
    boss = signed_in(cast.supervisor)
    assert "asks for somebody" in panel(cast.supervisor, ticket)
    assert "Hana Mori" in boss.get("/protection/").content.decode()
    boss.post(f"/protection/tickets/{ticket.pk}/come/{asked.pk}")
    assert Measure.objects.get().step == "second_person"
    assert Notice.objects.filter(kind="protection_coming", agent=cast.hana).exists()
    assert boss.post(f"/protection/tickets/{ticket.pk}/come/{asked.pk}").status_code == 409


def test_a_handover_gives_the_ticket_to_who_comes(cast, ticket):
    signed_in(cast.hana).post(f"/protection/tickets/{ticket.pk}/ask", {"kind": "change"})
    signed_in(cast.supervisor).post(f"/protection/tickets/{ticket.pk}/come/{HelpRequest.objects.get().pk}")
    assert Ticket.objects.get(pk=ticket.pk).assignee == cast.supervisor


def test_a_break_needs_nobodys_leave_and_gives_the_agent_nothing_new(cast, ticket):
    Agent.objects.filter(pk=cast.hana.pk).update(presence="available")
    cast.hana.refresh_from_db()
    signed_in(cast.hana).post(f"/protection/tickets/{ticket.pk}/ask", {"kind": "break"})
    assert Agent.objects.get(pk=cast.hana.pk).presence == "away"
    assert not Notice.objects.filter(agent=cast.supervisor).exists()


def test_a_request_of_another_ticket_is_not_answered_here(cast, ticket):
    other = cast.ticket(team=cast.orders)
    signed_in(cast.hana).post(f"/protection/tickets/{ticket.pk}/ask", {"kind": "change"})
    address = f"/protection/tickets/{other.pk}/come/{HelpRequest.objects.get().pk}"
    assert signed_in(cast.supervisor).post(address).status_code == 404


def test_a_legitimate_complaint_is_protected_and_offers_no_step(cast, ticket, message):
    signed_in(cast.hana).post(f"/protection/tickets/{ticket.pk}/protect", {"kind": "complaint"})
    page = panel(cast.hana, ticket)
    assert "Legitimate complaint" in page
    assert "Next step" not in page
    assert "Take the protection away" not in page
    assert warn(cast, ticket, message)[1].status_code == 422
    signed_in(cast.supervisor).post(f"/protection/tickets/{ticket.pk}/protect", {"remove": 1, "reason": "Threats"})
    assert queries.protected_mark(ticket.pk) is None


def test_a_customer_appeals_without_an_account_and_somebody_else_decides(cast, ticket, message):
    warn(cast, ticket, message)
    warn(cast, ticket, message, "last_warning", cast.supervisor)
    measure = Measure.objects.get(step="last_warning")
    customer = Client()
    address = f"/protection/appeals/{queries.appeal_token(measure.pk)}"
    page = customer.get(address)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert customer.post(address, {"text": " "}).status_code == 422
    assert customer.post(address, {"text": "言っていません"}).status_code == 200
    assert customer.post(address, {"text": "もう一度"}).status_code == 409
    row = Appeal.objects.get()
    assert not Notice.objects.filter(kind="protection_appeal", agent=cast.supervisor).exists()
    answer = {"lifted": "yes", "not_harassment": "on", "answer": "取り消しました。"}
    decide = f"/protection/appeals/{row.pk}/decide/"
    assert signed_in(cast.supervisor).post(decide, answer).status_code == 422
    assert signed_in(cast.hana).post(decide, answer).status_code == 403
    assert "言っていません" in signed_in(cast.admin).get(decide).content.decode()
    assert signed_in(cast.admin).post(decide, answer).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_name) == ("lifted", "Aki Admin")
    assert Measure.objects.get(pk=measure.pk).ended_at is not None
    assert queries.severity_of(message.pk) == 0
    assert Message.objects.filter(direction="out", text="取り消しました。").exists()


@pytest.mark.parametrize("token", ["1-AAAA", "x", "999999999999999999999-a", "1", "１-a"])
def test_a_made_up_link_leads_nowhere(cast, ticket, message, token):
    warn(cast, ticket, message)
    assert Client().get(f"/protection/appeals/{token}").status_code == 404


def test_an_appeal_comes_in_time(cast, ticket, message):
    warn(cast, ticket, message)
    measure = Measure.objects.get()
    with clock.frozen(clock.now() + timedelta(days=15)):
        assert Client().post(f"/protection/appeals/{queries.appeal_token(measure.pk)}", {"text": "x"}).status_code == 409
    assert not Appeal.objects.exists()


def test_the_area_shows_what_the_reader_may_see_and_no_abuse(cast, ticket, message):
    for address in ("/protection/", "/protection/measures/"):
        page = signed_in(cast.hana).get(address)
        assert page.status_code == 200
        assert ABUSE not in page.content.decode()
    assert f"/tickets/{ticket.pk}#m-" in signed_in(cast.hana).get("/protection/").content.decode()
    assert f"/tickets/{ticket.pk}#m-" not in signed_in(cast.kenji).get("/protection/").content.decode()


def test_a_decider_lifts_and_notes_reviews_from_the_list(cast, ticket, message):
    warn(cast, ticket, message)
    measure = Measure.objects.get()
    boss = signed_in(cast.supervisor)
    assert "End early" in boss.get("/protection/measures/").content.decode()
    assert boss.get(f"/protection/measures/{measure.pk}/lift/").status_code == 200
    boss.post(f"/protection/measures/{measure.pk}/review/", {"text": ""})
    boss.post(f"/protection/measures/{measure.pk}/lift/")
    measure.refresh_from_db()
    assert measure.reviewed_at is not None
    assert measure.ended_by == "Sora Supervisor"
