"""The acknowledgement: the first answer of the house, to people only, once, with a time that the clocks stand for."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.module_loading import autodiscover_modules

from madoguchi.foundation import clock, jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.sla import actions as sla
from madoguchi.sla.models import Deadline
from madoguchi.tickets.models import Message
from madoguchi.workplace import actions as workplace
from madoguchi.workplace import queries as workplace_queries
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)

FRIDAY_MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 10:00 in Tokyo
SATURDAY = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SENTENCES = {
    "en": ("Thank you for your message. It has reached us under number", "We are closed at the moment (hours: Mon–Fri 9:00–18:00)"),
    "ja": ("このたびはお問い合わせいただき", "ただいま受付時間外です（受付時間：月〜金 9:00〜18:00）"),
    "zh-hans": ("感谢您的来信。您的咨询已登记", "现在不在服务时间内（服务时间：周一–周五 9:00–18:00）"),
    "zh-hant": ("感謝您與我們聯絡。", "目前為非服務時間（服務時間：週一–週五 9:00–18:00）"),
    "de": ("vielen Dank für Ihre Nachricht. Sie ist bei uns", "zurzeit nicht besetzt (Servicezeiten: Mo–Fr 9:00–18:00)"),
}
LETTERS = {
    "en": "Where is my parcel? I ordered it two weeks ago.",
    "ja": "注文した荷物がまだ届きません。いつ届きますか。",
    "zh-hans": "我订的包裹还没有收到，请问什么时候能到？",
    "zh-hant": "我訂的包裹還沒有收到，請問什麼時候會到？",
    "de": "Wo bleibt mein Paket? Ich habe es vor zwei Wochen bestellt.",
}


@pytest.fixture(autouse=True)
def _hours(cast):
    calendar = workplace_queries.default_calendar()
    shifts = [(weekday, 540, 1080) for weekday in range(5)]
    workplace.save_calendar(by=SYSTEM, calendar_id=calendar.pk, name=calendar.name, time_zone="Asia/Tokyo", shifts=shifts)
    sla.ensure_default_policy()


def receive(*raws: bytes, at: datetime = FRIDAY_MORNING) -> list[Message]:
    """Let mails arrive at a time; our acknowledgements."""
    autodiscover_modules("jobs")
    with clock.frozen(at):
        arrive(*raws)
        jobs.run_until_empty()
    return list(Message.objects.filter(direction="out").order_by("id"))


@pytest.mark.parametrize("language", list(SENTENCES))
@pytest.mark.parametrize("is_open", [True, False])
def test_in_the_customers_language_in_and_out_of_hours(cast, language, is_open):
    (message,) = receive(letter(LETTERS[language], sender="Kim Lee <kim@x.example>"), at=FRIDAY_MORNING if is_open else SATURDAY)
    assert (message.automatic, message.language, message.delivery.state) == ("acknowledgement", language, "waiting")
    assert SENTENCES[language][0 if is_open else 1] in message.text
    assert str(message.ticket_id) in message.text
    assert "Kim Lee" in message.text
    assert "{" not in message.text
    assert message.to == [["Kim Lee", "kim@x.example"]]


def test_the_time_is_the_one_that_the_clock_keeps(cast):
    (message,) = receive(letter())
    due = Deadline.objects.get(ticket=message.ticket_id, metric="first_reply").due_at
    assert due > FRIDAY_MORNING
    tokyo = due + timedelta(hours=9)
    assert f"{tokyo:%H:%M}" in message.text
    assert f"{tokyo.day} November 2026" in message.text


def test_a_reader_of_another_language_is_told_the_zone(cast):
    (message,) = receive(letter(LETTERS["de"], sender="x@y.example"))
    assert "Uhr (" in message.text
    cast.ruth.time_zone = "Europe/London"
    cast.ruth.save()
    message = receive(letter())[-1]
    assert "(" not in message.text


def test_without_a_promise_no_time_is_named(cast, monkeypatch):
    monkeypatch.setattr("madoguchi.sla.queries.expectation", lambda ticket: None)
    (message,) = receive(letter())
    assert "A member of our team will read it and reply to you." in message.text


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated"},
        {"precedence": "bulk"},
        {"list_id": "<news.example>"},
        {"x_auto_response_suppress": "All"},
        {"sender": "MAILER-DAEMON@x.example"},
        {"x_spam_flag": "YES"},
        {"sender": "no-reply@shop.example"},
    ],
)
def test_machines_are_not_answered(cast, fields):
    assert receive(letter(**fields)) == []


def test_once_a_ticket(cast):
    receive(letter(message_id="<a@x.example>"))
    assert len(receive(letter("More", message_id="<b@x.example>", in_reply_to="<a@x.example>"))) == 1


def test_one_address_gets_only_a_few(cast):
    sent = receive(*[letter(f"Question {i}", subject=f"Subject {i}", message_id=f"<{i}@x.example>") for i in range(8)])
    assert len(sent) == 5


def test_a_mailbox_may_stay_silent(cast):
    cast.mailbox.acknowledge = False
    cast.mailbox.save()
    assert receive(letter()) == []


def test_the_status_stays_new_and_the_clock_runs_on(cast):
    (message,) = receive(letter())
    message.ticket.refresh_from_db()
    assert message.ticket.status == "new"
    assert Deadline.objects.get(ticket=message.ticket_id, metric="first_reply").is_open
