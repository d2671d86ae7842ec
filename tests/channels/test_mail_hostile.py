"""Mails that real senders should not write and do: each is read as far as it can be, and none is lost."""

import base64

import pytest

from madoguchi.channels.mail.parse import parse
from madoguchi.channels.models import Envelope
from madoguchi.intake.commands import import_path
from madoguchi.tickets.models import Message

JAPANESE = "株式会社①②③様　ｶﾀｶﾅの髙橋です。㈱山﨑"
TRADITIONAL = "我想退貨，請問要怎麼處理？謝謝您的幫忙。"
POLITE = "お世話になっております。注文した商品の件です。"


def mail(
    body: bytes = b"hello", content_type: str = "text/plain", *more: str, sender: str = "a@nasty.example", subject: str = "x"
) -> bytes:
    head = [f"From: {sender}", f"Subject: {subject}", f"Content-Type: {content_type}", *more]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def nested(levels: int) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\ndeep\r\n"
    for n in range(levels):
        inner = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n%b--b%d--\r\n" % (n, n, inner, n)
    return b"From: a@nasty.example\r\nSubject: nested\r\n" + inner


@pytest.mark.parametrize("declared", ["us-ascii", "utf-8", "shift_jis", "iso-2022-jp", "iso-8859-1"])
def test_half_width_kana_and_vendor_characters_of_shift_jis_under_any_name(declared):
    assert parse(mail(JAPANESE.encode("cp932"), f"text/plain; charset={declared}")).text == JAPANESE


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (POLITE, "euc_jp", "shift_jis"), (POLITE, "euc_jp", "iso-8859-1"), (TRADITIONAL, "big5", "gb2312"), (TRADITIONAL, "big5", ""),
        ("嘅啲咗，請問", "big5hkscs", "big5-hkscs"), ("退款𠮷㙍", "gb18030", "gb2312"), ("Größe", "utf-7", "utf-7"), ("Größe", "utf-16", "utf-16"),
        ("ｶﾀｶﾅ", "cp932", "shift_jis"),
    ],
)  # fmt: skip
def test_a_charset_that_fits_by_chance_is_not_believed(text, encoding, declared):
    assert parse(mail(text.encode(encoding), f"text/plain; charset={declared}")).text == text


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (mail(b"Mein Auto ist kaputt.", subject="Auto: kaputt"), "message"),
        (mail(b"I am away", "text/plain", "Auto-Submitted: auto-replied", subject="Auto: Order"), "auto_reply"),
        (mail("荷物を受け取れませんでした。".encode(), "text/plain; charset=utf-8", subject="不在で受け取れませんでした"), "message"),
        (mail(b"My parcel was not delivered.", subject="Delivery failed: my parcel"), "message"),
        (
            mail(
                "<taro@docomo.ne.jp>\r\n次のあて先へのメッセージはエラーのため送信できませんでした。".encode("iso2022_jp"),
                "text/plain; charset=iso-2022-jp", "Return-Path: <>", sender="MAILER-DAEMON@docomo.ne.jp", subject="Mail System Error - Returned Mail",
            ),
            "bounce",
        ),
        (
            mail(
                b"The reason for this is: user unknown\r\n", "text/plain", "Return-Path: <>", sender="Postmaster@ezweb.ne.jp",
                subject="Mail Could Not Be Delivered",
            ),
            "bounce",
        ),
        (
            mail(
                "很抱歉，您的邮件被退回来了".encode(), "text/plain; charset=utf-8", "Return-Path: <>", sender="postmaster@qq.com",
                subject="系统退信/Systems bounce",
            ),
            "bounce",
        ),
    ],
)  # fmt: skip
def test_people_machines_and_carriers_are_told_apart(raw, kind):
    assert parse(raw).kind == kind


HOSTILE = {
    "nothing": b"",
    "nested": nested(200),
    "rfc822": b"".join(b"From: a@nasty.example\r\nContent-Type: message/rfc822\r\n\r\n" for _ in range(300)) + b"From: b@x\r\n\r\ninner",
    "huge header": mail(b"huge", "text/plain", "X-Big: " + "a" * 300_000),
    "many headers": mail(b"many", "text/plain", *(f"X-{n}: v" for n in range(20_000))),
    "boundary": mail(b"--x\r\n\r\nhello\r\n--x--", "multipart/mixed"),
    "parts": mail(
        b"".join(b"--x\r\nContent-Disposition: attachment\r\n\r\ny\r\n" for _ in range(3000)) + b"--x--", "multipart/mixed; boundary=x"
    ),
    "file name": mail(
        b"--x\r\nContent-Disposition: attachment; filename*999999999=a; filename*0*=x-f'%zz'%E8%G\r\n\r\nq\r\n--x--",
        "multipart/mixed; boundary=x",
    ),
    "tnef": mail(base64.b64encode(b"\x78\x9f\x3e\x22" * 20), "application/ms-tnef; name=winmail.dat", "Content-Transfer-Encoding: base64"),
    "calendar": mail(
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:99999999T999999Z\r\nRRULE:FREQ=SECONDLY;COUNT=999999999", "text/calendar"
    ),
    "html": mail(b"<div>" * 20_000 + b"inside" + b"</div>" * 20_000, "text/html"),
    "1970": mail(b"old", "text/plain", "Date: Thu, 01 Jan 1970 00:00:00 +0000"),
    "2099": mail(b"new", "text/plain", "Date: Thu, 31 Dec 99999 25:61:61 +9999"),
    "group": mail(b"group", sender="Team: a@nasty.example, b@nasty.example;"),
    "empty group": mail(b"nobody", sender="undisclosed-recipients:;"),
    "several": mail(b"several", sender="a@nasty.example, b@nasty.example"),
    "long address": mail(b"long", sender="a" * 500 + "@" + "b" * 500 + ".example"),
    "injection": mail(b"injection", sender="=?utf-8?q?A=0D=0ABcc=3A_x=40y?= <c@nasty.example>"),
    "huge id": mail(b"huge id", "text/plain", "Message-ID: <" + "x" * 5000 + "@n>"),
    "id 1": mail(b"first", "text/plain", "Message-ID: <same@nasty.example>"),
    "id 2": mail(b"of somebody else", "text/plain", "Message-ID: <same@nasty.example>", sender="z@other.example"),
    "NUL": mail(b"he\0llo\0", subject="a\0b"),
}


@pytest.mark.django_db(transaction=True)
def test_every_one_ends_as_something(cast, tmp_path):
    for name, raw in HOSTILE.items():
        (tmp_path / f"{name}.eml").write_bytes(raw)
    report = import_path(tmp_path, model=False)
    assert report["inputs"] == len(HOSTILE)
    stages = set(Envelope.objects.values_list("stage", flat=True))
    assert Envelope.objects.count() == len(HOSTILE)
    assert stages == {"kept", "quarantined"}
    assert all(Envelope.objects.filter(stage="quarantined").values_list("reason", flat=True))
    assert Message.objects.filter(text__contains="of somebody else").exists()
    assert not [1 for name, text in Message.objects.values_list("from_name", "text") if "\n" in name or "\0" in name + text]
