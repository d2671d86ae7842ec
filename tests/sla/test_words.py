"""Why a clock is due: in words, as a bar, over the wire, in the reader's language and zone."""

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.sla import actions, queries
from madoguchi.sla.models import Policy
from madoguchi.sla.words import clock_text, explain_deadline
from madoguchi.tickets import actions as tickets
from tests.sla.test_clocks import TARGETS, answer, arrive, at, clock_of, desk, time

pytestmark = pytest.mark.django_db

__all__ = ["desk"]


@pytest.fixture(autouse=True)
def reader():
    with translation.override("en"), timezone.override("Asia/Tokyo"):
        yield


def why(ticket, metric: str, text: str, day: int = 20):
    with clock.frozen(at(text, day)):
        return explain_deadline(clock_of(ticket, metric))


def test_why_is_this_due_at_14_05(desk):
    answer_ = why(arrive(desk), "first_reply", "11:42")
    assert answer_.title == "Due 14:05"
    assert answer_.relative == "in 2 h 23 min"
    assert answer_.sentences == [
        "Gold: 3 h of working time to the first reply.",
        "Counting since 10:05, when the customer wrote.",
        "Working hours on Fri 20 Nov: 9:00–12:00 and 13:00–18:00 (Tokyo).",
        "Never paused.",
        "1 h 37 min of 3 h used.",
        "Due 20 Nov 2026, 14:05.",
    ]
    assert [rect.css for rect in answer_.bar.rects] == ["done", "work", "off", "work"]
    assert [label.text for label in answer_.bar.labels] == ["10:05", "14:05", "now 11:42", "break"]


def test_pauses_holidays_and_changes_are_told(desk):
    ticket = arrive(desk)
    with time("11:05"):
        answer(ticket, status="waiting_customer")
    paused = why(ticket, "resolution", "16:00")
    assert (paused.title, paused.relative) == ("Waiting", "7 h left")
    assert "Paused since 11:05: waiting for the customer." in paused.sentences
    with time("17:00"):
        tickets.set_status(ticket_id=ticket.pk, status="open", by=SYSTEM)
    with time("17:30"):
        targets = {**TARGETS, ("resolution", None): 600}
        actions.save_policy(by=SYSTEM, policy_id=Policy.objects.get().pk, name="Gold", targets=targets)
    told = why(ticket, "resolution", "9:30", day=24)
    assert "Paused once, for 5 h 55 min." in told.sentences
    assert "Closed on 23 November 2026: Labor Thanksgiving Day." in told.sentences
    assert "On 20 Nov 2026, 17:30 the target changed from 8 h to 10 h; time already used was kept." in told.sentences
    assert "2 h 30 min of 10 h used." in told.sentences


def test_what_is_over_says_since_when(desk):
    ticket = arrive(desk)
    late = why(ticket, "first_reply", "14:25")
    assert (late.title, late.relative) == ("Was due 14:05", "20 min over")
    assert late.sentences[-1] == "Overdue since 20 Nov 2026, 14:05."
    assert [rect.css for rect in late.bar.rects] == ["done", "off", "done", "over"]
    with time("14:30"):
        answer(ticket)
    assert why(ticket, "first_reply", "15:00").sentences[-1] == "The promise was kept late."


def test_the_reader_sees_their_own_time_zone(desk):
    ticket = arrive(desk)
    with timezone.override("Europe/Berlin"):
        told = why(ticket, "first_reply", "11:42")
    assert told.title == "Due 06:05"
    assert "Working hours on Fri 20 Nov: 9:00–12:00 and 13:00–18:00 (Tokyo)." in told.sentences


def test_every_language_has_its_own_forms(desk):
    ticket = arrive(desk)
    with translation.override("ja"):
        assert "9:00〜12:00、13:00〜18:00" in " ".join(why(ticket, "first_reply", "11:42").sentences)
    with translation.override("de"):
        html = render_to_string("sla/_why.html", {"why": why(ticket, "first_reply", "11:42")})
    assert 'x="2.0"' in html, "numbers in drawings keep their point"


def test_a_long_life_keeps_its_bar_readable(desk):
    ticket = arrive(desk)
    told = why(ticket, "resolution", "10:00", day=27)
    assert sum(float(rect.width) for rect in told.bar.rects) <= 300
    assert all(0 <= float(label.x) <= 300 for label in told.bar.labels)
    free = [float(rect.width) for rect in told.bar.rects if rect.css == "off"]
    assert max(free) < 60


def test_the_explanation_costs_three_statements(desk, django_assert_max_num_queries):
    deadline = clock_of(arrive(desk), "first_reply")
    with clock.frozen(at("11:42")), django_assert_max_num_queries(3):
        explain_deadline(deadline)


def test_the_fragment_is_for_who_may_see_the_ticket(desk, client):
    deadline = clock_of(arrive(desk, team=desk.orders), "first_reply")
    address = f"/deadlines/{deadline.pk}/why"
    assert client.get(address).status_code == 302
    client.force_login(desk.hana)
    page = client.get(address)
    assert page.status_code == 200
    assert "Gold: 3 h of working time to the first reply." in page.content.decode()
    client.force_login(desk.kenji)
    assert client.get(address).status_code == 404
    assert client.get("/deadlines/4711/why").status_code == 404


def test_the_letters_beside_the_ring(desk):
    ticket = arrive(desk)

    def shown(text: str, day: int = 20) -> str:
        with clock.frozen(at(text, day)):
            return clock_text(queries.clocks_of([ticket.pk])[ticket.pk])

    assert shown("11:42") == "14:05"
    assert shown("14:25") == "20 min over"
    with time("15:00"):
        answer(ticket, status="waiting_customer")
    assert shown("15:00") == "Waiting"
