"""The acknowledgement: the first answer of the house, to people only, once, with a time that the clocks stand for."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.module_loading import autodiscover_modules

from madoguchi.foundation import clock, jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.intake.models import AcknowledgementText
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


def _sign_in(agent):
    client = Client()
    client.force_login(agent)
    return client


def test_the_companys_own_words_per_brand_and_language(cast):
    client = _sign_in(cast.admin)
    general, brand = "/settings/mail/acknowledgement/0/en/", f"/settings/mail/acknowledgement/{cast.mailbox.brand_id}/en/"
    assert "It has reached us under number" in client.get(general).content.decode()
    assert client.post(general, {"open_with_time": "Got it, {name}: {number}, by {due}."}).status_code == 302
    (message,) = receive(letter())
    assert f"Got it, Ruth Castellan: {message.ticket_id}, by Monday" in message.text
    assert "This confirmation was sent automatically." in message.text
    client.post(brand, {"greeting": "Hi {name} at {company}", "open_with_time": "Brand words {number}"})
    message = receive(letter("Another", message_id="<n@x.example>"))[-1]
    assert message.text.startswith("Hi Ruth Castellan at Hoshizora\n\nBrand words ")
    german = receive(letter(LETTERS["de"], sender="x@y.example"))[-1]
    assert SENTENCES["de"][0] in german.text
    client.post(f"{brand}reset/")
    client.post(f"{general}reset/")
    assert SENTENCES["en"][0] in receive(letter("Third", message_id="<m@x.example>"))[-1].text


def test_a_variable_without_a_value_is_refused_at_its_field(cast):
    client, page = _sign_in(cast.admin), "/settings/mail/acknowledgement/0/ja/"
    for wrong in ("{due}", "{0.__class__}", "{}", "{password}"):
        for more in ({}, {"preview": "1"}):
            answer = client.post(page, {"greeting": f"Hi {wrong}"} | more)
            assert answer.status_code == 422
            assert "id_greeting_error" in answer.content.decode()
    assert not AcknowledgementText.objects.exists()


def test_the_preview_keeps_nothing(cast):
    client, page = _sign_in(cast.admin), "/settings/mail/acknowledgement/0/de/"
    answer = client.post(page, {"greeting": "Hallo <b>{name}</b>", "preview": "1"})
    assert (answer.status_code, "Hallo &lt;b&gt;Kim Lee&lt;/b&gt;" in answer.content.decode()) == (200, True)
    assert not AcknowledgementText.objects.exists()
    assert client.get("/settings/mail/acknowledgement/0/xx/").status_code == 404
    assert client.get("/settings/mail/acknowledgement/99999/de/").status_code == 404
