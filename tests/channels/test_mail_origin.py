"""Reply tokens and subjects, who vouches for a mail, and the mail inside a forwarded one."""

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from madoguchi.channels.mail.authentication import reported
from madoguchi.channels.mail.authentication_check import DnsTrouble, check
from madoguchi.channels.mail.forwards import forwarded_original
from madoguchi.channels.mail.parse import parse
from madoguchi.channels.mail.tokens import (
    base_subject,
    find_subject_tag,
    make_reply_token,
    read_reply_token,
    reply_address,
    reply_message_id,
    subject_tag,
)

SECRET = b"k" * 32
RAW = b"From: a@mail.shop.example\r\nTo: b@desk.example\r\nSubject: x\r\n\r\nhello\r\n"


@pytest.mark.parametrize("ticket_id", [0, 1, 31, 12345, 2**63 - 1])
def test_a_token_leads_back_to_its_ticket(ticket_id):
    token = make_reply_token(ticket_id, SECRET)
    assert read_reply_token(reply_address("support@desk.example", token).upper(), SECRET) == ticket_id
    assert read_reply_token(f"<other@x> {reply_message_id(token, 'desk.example')}", SECRET) == ticket_id


def test_a_token_of_another_secret_or_a_changed_one_is_nothing():
    token = make_reply_token(7, SECRET)
    assert read_reply_token(token, b"other") is None
    assert read_reply_token(("b" if token[0] != "b" else "c") + token[1:], SECRET) is None


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: [#123] AW: Re[2]: Hallo", "Hallo"), ("回复：转发: 你好", "你好"), ("RE：【#55】返信: 件名", "件名"), ("WG: Fwd: x", "x"),
        ("轉寄: 回覆: 標題", "標題"), ("Reklamation: kaputt", "Reklamation: kaputt"), ("Re-order: x", "Re-order: x"), ("Re: Auto: Order [#7]", "Order"), ("Auto: Motor kaputt", "Auto: Motor kaputt"), ("転送: 領収書", "領収書"),
    ],
)  # fmt: skip
def test_subjects_lose_their_prefixes(subject, bare):
    assert base_subject(subject) == bare


def test_the_subject_tag_is_found_again():
    assert find_subject_tag(f"Re: {subject_tag(123)} x") == "123"
    assert find_subject_tag("Order #123") is None


def test_only_the_topmost_result_of_a_trusted_server_counts():
    fields = [
        "evil.example; dmarc=pass",
        "mx.desk.example 1; spf=fail (x; y) smtp.mailfrom=b@z.example; dkim=pass header.d=shop.example; dmarc=pass header.from=shop.example",
        "mx.desk.example; dmarc=fail",
    ]
    found = reported(fields, trusted=["MX.desk.example"], from_addr="a@shop.example")
    assert (found.spf, found.dkim, found.dmarc, found.dkim_domain, found.proven) == ("fail", "pass", "pass", "shop.example", True)
    assert reported(fields, trusted=["mx.other.example"], from_addr="a@shop.example") is None


class Zone:
    """A resolver that knows a few names."""

    def __init__(self, records):
        self.records = records

    def lookup(self, name, kind):
        found = self.records.get((name.lower().rstrip("."), kind), [])
        if found == "silent":
            raise DnsTrouble(name)
        return found


@pytest.fixture(scope="module")
def signed():
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    public = base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
    records = {
        ("s._domainkey.shop.example", "TXT"): [b"v=DKIM1; k=rsa; p=" + public],
        ("shop.example", "TXT"): [b"v=spf1 mx -all"],
        ("shop.example", "MX"): [(10, "mx.shop.example")],
        ("mx.shop.example", "A"): ["192.0.2.9"],
        ("_dmarc.shop.example", "TXT"): [b"v=DMARC1; p=reject"],
    }
    return dkim.sign(RAW, b"s", b"shop.example", pem, include_headers=[b"from", b"subject"]) + RAW, records


@pytest.mark.parametrize(
    ("ip", "with_signature", "change", "expected"),
    [
        ("192.0.2.9", True, b"", ("pass", "pass", "pass")), ("192.0.2.9", False, b"", ("pass", "none", "pass")),
        ("192.0.2.7", True, b"", ("fail", "pass", "pass")), ("192.0.2.7", True, b"more", ("fail", "fail", "fail")),
        ("192.0.2.7", False, b"", ("fail", "none", "fail")),
    ],
)  # fmt: skip
def test_our_own_check(signed, ip, with_signature, change, expected):
    raw, records = signed
    found = check(
        (raw if with_signature else RAW) + change, ip=ip, helo="mx", mail_from="x@shop.example", from_addr="a@mail.shop.example",
        resolver=Zone(records),
    )  # fmt: skip
    assert (found.spf, found.dkim, found.dmarc) == expected


def test_silent_name_servers_prove_nothing(signed):
    raw, records = signed
    silent = Zone(records | {("_dmarc.mail.shop.example", "TXT"): "silent"})
    assert check(raw, ip="192.0.2.7", helo="mx", mail_from="", from_addr="a@mail.shop.example", resolver=silent).dmarc == "temperror"


@pytest.mark.parametrize(
    ("subject", "block"),
    [
        (
            "Fwd: x",
            "---------- Forwarded message ---------\nFrom: Kei <kei@x.example>\nDate: Fri, 20 Nov 2026 14:05:00 +0900\nSubject: Lamp\nTo: b@x\n",
        ),
        ("WG: x", "Von: Kei <kei@x.example>\nGesendet: Freitag, 20. November 2026 14:05\nAn: b@x\nBetreff: Lamp\n"),
        ("転送: x", "差出人: Kei <kei@x.example>\n送信日時: 2026年11月20日 14:05\n宛先: b@x\n件名: Lamp\n"),
        ("转发: x", "发件人: Kei <kei@x.example>\n发送时间: 2026年11月20日 14:05\n收件人: b@x\n主题: Lamp\n"),
        ("轉寄: x", "寄件者: Kei <kei@x.example>\n寄件日期: 2026年11月20日 下午 02:05\n收件者: b@x\n主旨: Lamp\n"),
    ],
)
def test_a_forwarded_mail_gives_its_writer(subject, block):
    found = forwarded_original(parse(f"From: a@b.c\nSubject: {subject}\n\nFYI\n\n{block}\nThe lamp is broken.".encode()))
    assert (found.name, found.address, found.subject, found.text) == ("Kei", "kei@x.example", "Lamp", "The lamp is broken.")
    assert (found.date.year, found.date.month, found.date.day, found.date.hour, found.date.minute) == (2026, 11, 20, 14, 5)


def test_an_attached_mail_gives_its_writer():
    raw = (b"From: a@b.c\r\nSubject: Fwd: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nFYI\r\n--b\r\n"
           b"Content-Type: message/rfc822\r\n\r\nFrom: Kei <kei@x.example>\r\nSubject: Lamp\r\n\r\nBroken.\r\n--b--")  # fmt: skip
    found = forwarded_original(parse(raw), raw)
    assert (found.address, found.subject, found.text) == ("kei@x.example", "Lamp", "Broken.")
    assert forwarded_original(parse(b"From: a@b.c\n\nhello")) is None
