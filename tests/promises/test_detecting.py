"""Promises in outgoing text: what is one, what is not, and until when, in five languages."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.promises.detecting import find_promises

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))  # a Wednesday


def due(text: str, language: str) -> str | None:
    found = find_promises(text, language=language, written_at=NOW)
    assert len(found) == 1, found
    return f"{found[0].due:%m-%d %H:%M}" if found[0].due else None


@pytest.mark.parametrize(
    ("language", "text", "when"),
    [
        ("en", "We will call you tomorrow before noon.", "11-26 12:00"),
        ("en", "I'll get back to you by Friday.", "11-27 18:00"),
        ("en", "We will refund the full amount within 3 business days.", "11-30 18:00"),
        ("en", "You will receive a replacement by 5 December.", "12-05 18:00"),
        ("en", "I will look into it and let you know by 4 pm today.", "11-25 16:00"),
        ("en", "Your refund will be processed within 24 hours.", "11-26 10:00"),
        ("en", "We'll send the parcel next week.", "12-04 18:00"),
        ("en", "We will keep you updated.", None),
        ("de", "Wir rufen Sie morgen Vormittag zurück.", "11-26 12:00"),
        ("de", "Ich melde mich bis Freitag um 15 Uhr bei Ihnen.", "11-27 15:00"),
        ("de", "Wir werden Ihnen den Betrag innerhalb von drei Werktagen erstatten.", "11-30 18:00"),
        ("de", "Sie erhalten bis zum 3. Dezember eine Antwort von uns.", "12-03 18:00"),
        ("ja", "明日の午前中までにお電話いたします。", "11-26 12:00"),
        ("ja", "3営業日以内に返金いたします。", "11-30 18:00"),
        ("ja", "本日17時までに担当者よりご連絡差し上げます。", "11-25 17:00"),
        ("ja", "交換品を12月1日にお届けいたします。", "12-01 18:00"),
        ("ja", "確認のうえ、金曜日までに改めてご案内いたします。", "11-27 18:00"),
        ("zh-hans", "我们会在明天中午之前给您回电。", "11-26 12:00"),
        ("zh-hans", "我们将在3个工作日内为您退款。", "11-30 18:00"),
        ("zh-hant", "我們會在兩個工作天內回覆您。", "11-27 18:00"),
        ("zh-hant", "專員將於週五下午3點前與您聯絡。", "11-27 15:00"),
    ],
)
def test_a_promise_with_its_time(language, text, when):
    assert due(text, language) == when


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Unfortunately we will not refund shipping."),
        ("en", "Could you send us a photo by tomorrow?"),
        ("en", "If you send it back, we will refund you."),
        ("en", "We have already sent the parcel."),
        ("en", "Thank you for your patience."),
        ("en", "> We will call you tomorrow."),
        ("de", "Wir können den Betrag leider nicht bis morgen erstatten."),
        ("de", "Wir prüfen jede Bestellung sorgfältig."),
        ("de", "Könnten Sie uns bis morgen ein Foto schicken?"),
        ("ja", "大変申し訳ございません。"),
        ("ja", "返金はいたしかねます。"),
        ("ja", "昨日発送いたしました。"),
        ("ja", "ご不明な場合はご連絡ください。"),
        ("zh-hans", "我们无法在明天之前退款。"),
        ("zh-hans", "您能明天把照片发给我们吗?"),
        ("zh-hant", "感謝您的耐心等候。"),
    ],
)
def test_what_only_looks_like_one(language, text):
    assert find_promises(text, language=language, written_at=NOW) == []


def test_each_sentence_of_a_mail_is_read_by_itself():
    text = "Dear Ms Castellan,\n\nI am sorry about the broken jug. We will send a new one today. A colleague will call you on Monday.\n\nKind regards"
    found = find_promises(text, language="en", written_at=NOW)
    assert [one.text for one in found] == ["We will send a new one today.", "A colleague will call you on Monday."]
    assert [f"{one.due:%a}" for one in found] == ["Wed", "Mon"]


def test_work_days_are_ours():
    found = find_promises("We will reply within 1 business day.", language="en", written_at=NOW, works=lambda day: day.day == 30)
    assert found[0].due.day == 30


@given(st.text(max_size=400), st.sampled_from(["en", "de", "ja", "zh-hans", "zh-hant", "fr"]))
def test_no_text_breaks_it(text, language):
    for found in find_promises(text, language=language, written_at=NOW):
        assert found.due is None or found.due.tzinfo is not None
