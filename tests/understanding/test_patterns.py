"""Conversations over time, and their innocent look-alikes."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.understanding.readers.patterns import AGENT, CUSTOMER, Said, read_over_time

START = datetime(2026, 11, 2, 10, tzinfo=UTC)
FINAL = {
    "en": "Our decision is final, we cannot offer a refund.",
    "ja": "これが最終回答です。返金はできません。",
    "de": "Der Vorgang ist abgeschlossen.",
    "zh": "这是最终答复，无法退款。",
}
ASKS = {"en": "Give me my refund now", "ja": "返金してください、早く", "de": "Ich will mein Geld zurück", "zh": "马上给我退款"}


def talk(*parts, every=timedelta(hours=5), channel="chat"):
    """('c', text) from the customer, ('a', text) from us."""
    return [
        Said(CUSTOMER if who == "c" else AGENT, text, at=START + number * every, channel=channel)
        for number, (who, text) in enumerate(parts)
    ]


@pytest.mark.parametrize("language", FINAL)
def test_the_same_demand_after_the_last_word_is_persistence(language):
    ask = ASKS[language]
    found = read_over_time(talk(("c", ask), ("a", FINAL[language]), ("c", ask), ("c", ask), ("c", ask + "!")))
    assert (found.severity, found.labels, found.first_at) == (2, ["persistence"], 3)


def test_a_customer_without_an_answer_may_ask_again():
    assert read_over_time(talk(*[("c", ASKS["en"])] * 5)).severity == 0


def test_a_process_that_needs_daily_contact_is_none():
    parts = [("a", "Please send us a reading every day. The case is closed on our side until then.")] + [("c", "Today's reading: 42")] * 8
    assert read_over_time(talk(*parts, every=timedelta(days=1))).severity == 0


def test_a_flood_of_nearly_the_same():
    found = read_over_time(talk(*[("c", "answer me")] * 12, every=timedelta(seconds=20)))
    assert (found.kinds, found.first_at) == (["flood"], 4)


def test_an_emergency_may_call_as_often_as_it_likes():
    assert read_over_time(talk(*[("c", "there is smoke and sparks, please answer")] * 12, every=timedelta(seconds=20))).severity == 0


def test_nights_count_on_the_phone_not_by_mail():
    at = [START.replace(hour=2) + timedelta(days=day) for day in range(4)]
    calls = [Said(AGENT, "We answered this.", at=at[0] - timedelta(hours=5))] + [
        Said(CUSTOMER, f"Call {n}", at=one, channel="phone") for n, one in enumerate(at)
    ]
    assert read_over_time(calls).kinds == ["night"]
    mails = [Said(one.by, one.text, at=one.at, channel="email") for one in calls]
    assert read_over_time(mails).severity == 0


def test_holding_the_line_after_the_answer():
    parts = [
        ("a", FINAL["en"]),
        ("c", "Let me tell you about manners"),
        ("c", "And about respect"),
        ("c", "Back then shops"),
        ("c", "My late uncle"),
        ("c", "As I was saying"),
    ]
    found = read_over_time(talk(*parts, every=timedelta(minutes=40), channel="phone"))
    assert "holding" in found.kinds
    long_call = [Said(AGENT, FINAL["en"], at=START), Said(CUSTOMER, "Go on", at=START + timedelta(days=1), channel="phone", minutes=150)]
    assert read_over_time(long_call).kinds == ["holding"]


def test_serial_claims_need_several_orders():
    claims = [("c", f"Order HZ10{n:04} never arrived, I want a refund") for n in range(4)]
    found = read_over_time(talk(*claims, every=timedelta(days=6)))
    assert (found.kinds, found.first_at) == (["serial_claims"], 3)
    assert read_over_time(talk(*[("c", "Order HZ100001 never arrived, I want a refund")] * 5, every=timedelta(days=2))).severity == 0


def test_drift_into_stalking():
    parts = [
        ("c", "Thanks for the help"),
        ("a", "Gladly."),
        ("c", "Your voice is lovely, are you single?"),
        ("c", "I only want to talk to you"),
        ("c", "I saw you leave yesterday"),
    ]
    found = read_over_time(talk(*parts))
    assert (found.severity, found.labels) == (3, ["sexual"])


def test_nothing_and_very_much_are_read():
    assert read_over_time([]).severity == 0
    assert read_over_time(talk(*[("c", "あ" * 3000)] * 2500, every=timedelta(days=1))).severity in {0, 2}
