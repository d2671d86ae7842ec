"""What the parser reads out of one mail: charsets, names, parts, kinds. It never raises, whatever comes."""

import base64
import os
import pathlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.mail.charsets import decode
from madoguchi.channels.mail.inspect import inspect
from madoguchi.channels.mail.parse import parse, part_bytes

SHARED = pathlib.Path(os.environ.get("MADOGUCHI_SHARED") or pathlib.Path(__file__).parents[3] / "shared")
HEAD = b"From: Ann <ann@example.com>\r\nTo: support@desk.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
JA = "お世話になっております。注文番号の件ですが、返金をお願いします。"
ZH = "请告诉我订单的状态，谢谢。"
TW = "請問我的訂單什麼時候會出貨？謝謝您。"
DE = "Grüße aus München, die Bestellung fällt leider aus."


def mail(fields=b"", body=b"hi"):
    return parse(HEAD + fields + b"\r\n" + body)


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        (JA, "iso-2022-jp", "iso-2022-jp"), (JA, "shift_jis", "Shift_JIS"), (JA, "euc-jp", "EUC-JP"), (JA, "utf-8", "utf-8"),
        ("①髙﨑㈱ﾃｽﾄ", "cp932", "windows-31j"), ("①髙﨑㈱", "cp932", "shift_jis"), (ZH, "gb2312", "gb2312"), (ZH, "gbk", "GBK"),
        ("镕㐀囍", "gb18030", "gb2312"), (TW, "big5", "big5"), (TW, "big5hkscs", "big5-hkscs"), (DE, "latin-1", "iso-8859-1"),
        ("“Preis” – 5 €", "cp1252", "iso-8859-1"), ("где мой заказ", "koi8-r", "koi8-r"), ("где мой заказ", "cp1251", "windows-1251"),
        ("안녕하세요 주문", "cp949", "ks_c_5601-1987"), ("Größe £5", "utf-7", "utf-7"), (JA, "utf-16", "utf-16"),
    ],
)  # fmt: skip
def test_a_declared_charset_is_read(text, encoding, declared):
    assert mail(f"Content-Type: text/plain; charset={declared}\r\n".encode(), text.encode(encoding)).text == text


@pytest.mark.parametrize("declared", ["", "us-ascii", "x-unknown-9", "utf-8"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [(JA, "shift_jis"), (JA, "euc-jp"), (JA, "iso-2022-jp"), (ZH, "gb18030"), (TW, "big5"), (DE, "latin-1"), (JA, "utf-8")],
)
def test_a_wrong_or_missing_charset_is_found_out(text, encoding, declared):
    found = mail(f"Content-Type: text/plain; charset={declared}\r\n".encode() if declared else b"", text.encode(encoding))
    assert found.text == text


@pytest.mark.parametrize("declared", ["iso-8859-1", "gb2312", "shift_jis", "windows-1252"])
def test_utf8_under_another_name_is_utf8(declared):
    assert mail(f"Content-Type: text/plain; charset={declared}\r\n".encode(), JA.encode()).text == JA


def test_half_width_and_vendor_characters_in_iso_2022_jp():
    assert decode(b"\x1b(I6E\x1b(B \x1b$B-!\x1b(B", "iso-2022-jp")[0] == "ｶﾅ"[:1] + "ﾅ" + " ①"


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (b"=?utf-8?B?44GC?= =?utf-8?B?44GE?=", "あい"), (b"=?utf-8?B?44GC4w==?= =?utf-8?B?gYQ=?=", "あい"),
        (b"=?ISO-8859-1?Q?Gr=FC=DFe?= x", "Grüße x"), (b"=?utf-8?Q?a_b=3F?=", "a b?"), (b"=?utf-8*de?Q?=C3=BC?=", "ü"),
        (b"=?gb2312?B?" + base64.b64encode("发票".encode("gbk")) + b"?=", "发票"), ("raw ü".encode(), "raw ü"),
        ("返品について".encode("shift_jis"), "返品について"), (b"=?x-none?Q?abc?=", "abc"), (b"=?utf-8?B?44GC", "あ"),
        (b"folded\r\n subject", "folded subject"), (b"a =?nope", "a =?nope"), ("生の件名".encode("iso-2022-jp"), "生の件名"),
    ],
)  # fmt: skip
def test_subjects(value, subject):
    assert parse(b"From: a@b.c\r\nSubject: " + value + b"\r\n\r\nhi").subject == subject


@pytest.mark.parametrize(
    ("value", "people"),
    [
        (b'"Doe, John" <j@x.example>', [("Doe, John", "j@x.example")]), (b"a@b.c (Ann)", [("Ann", "a@b.c")]),
        (b"A: b@c.d, E <e@f.g>;", [("", "b@c.d"), ("E", "e@f.g")]), (b"undisclosed-recipients:;", []),
        (b"=?utf-8?B?5bGx55Sw?= <y@x.jp>, z@x.jp", [("山田", "y@x.jp"), ("", "z@x.jp")]), ("山田 <y@x.jp>".encode(), [("山田", "y@x.jp")]),
        (b"Pete(A \\) chap) <pete(his)@silly.example>", [("Pete", "pete@silly.example")]), (b"<@relay:mary@x.example>", [("", "mary@x.example")]),
    ],
)  # fmt: skip
def test_addresses(value, people):
    assert list(parse(b"From: a@b.c\r\nTo: " + value + b"\r\n\r\nhi").to) == people


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'attachment; filename="a.txt"', "a.txt"), (b"attachment; filename*=utf-8''%E8%AB%8B%E6%B1%82.pdf", "請求.pdf"),
        (b"attachment; filename*0*=utf-8''%E8%AB; filename*1*=%8B; filename*2=.pdf", "請.pdf"), (b'attachment; filename="=?utf-8?B?44GC?=.txt"', "あ.txt"),
        (b'attachment; filename="../../etc/passwd"', "passwd"), (b'attachment; filename="C:\\\\x\\\\y.doc"', "y.doc"), (b"attachment; filename=\xe8\xab\x8b.pdf", "請.pdf"),
    ],
)  # fmt: skip
def test_file_names(disposition, name):
    found = mail(b'Content-Type: multipart/mixed; boundary="b"\r\n',
                 b"--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: " + disposition + b"\r\n\r\ndata\r\n--b--")  # fmt: skip
    assert [(a.name, a.size) for a in found.attachments] == [(name, 4)]


def test_part_bytes_finds_an_attachment_again():
    raw = (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nt\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--'
    )
    assert part_bytes(raw, parse(raw).attachments[0].part) == b"ABC"
    with pytest.raises(LookupError):
        part_bytes(raw, 99)


def test_flowed_text_is_joined_and_unstuffed():
    found = mail(b"Content-Type: text/plain; format=flowed; delsp=yes\r\n", b"one \r\ntwo\r\n From x\r\n-- \r\nAnn")
    assert found.text == "onetwo\nFrom x\n-- \nAnn"


def test_html_alone_becomes_text_with_quote_and_links():
    found = mail(
        b"Content-Type: text/html\r\n", b'<style>x{}</style><p>Hello <a href="https://x.example/a">here</a></p><blockquote>old</blockquote>'
    )
    assert (found.reply_text, found.quoted_text) == ("Hello here (https://x.example/a)", "> old")


def test_inline_picture_by_content_id():
    found = mail(b'Content-Type: multipart/related; boundary="b"\r\n',
                 b'--b\r\nContent-Type: text/html\r\n\r\n<img src="cid:p@x">\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <p@x>\r\n\r\nx\r\n--b--')  # fmt: skip
    assert [(a.content_id, a.inline) for a in found.attachments] == [("p@x", True)]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (b"Auto-Submitted: auto-replied\r\n", "auto_reply"), (b"Auto-Submitted: auto-generated\r\n", "message"), (b"X-Autoreply: yes\r\n", "auto_reply"),
        (b"Auto-Submitted: auto-generated\r\nIn-Reply-To: <a@b>\r\n", "auto_reply"), (b"Precedence: auto_reply\r\n", "auto_reply"), (b"Auto-Submitted: no\r\n", "message"),
        (b"Precedence: bulk\r\nList-Id: <x.y>\r\n", "message"), (b"X-Madoguchi-Loop: abc\r\n", "loop"), (b"X-Failed-Recipients: a@b.c\r\n", "bounce"),
        (b"Content-Type: text/calendar; method=REQUEST\r\n", "calendar"), (b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n", "auto_reply"),
    ],
)  # fmt: skip
def test_kinds(fields, kind):
    assert mail(fields, b"--b\r\n\r\nx\r\n--b--").kind == kind


@pytest.mark.parametrize(
    "subject", ["Automatic reply: x", "Automatische Antwort: x", "Abwesenheitsnotiz: x", "自動返信: x", "自动回复：x", "自動回覆: x"]
)
def test_machine_subjects_are_automatic_replies(subject):
    assert parse(b"From: a@b.c\r\nSubject: " + subject.encode() + b"\r\n\r\nhi").kind == "auto_reply"


def test_own_address_is_a_loop_and_another_desk_is_not():
    assert parse(HEAD + b"\r\nx", own_addresses=frozenset(["ann@example.com"])).kind == "loop"
    assert parse(HEAD + b"X-Madoguchi-Loop: theirs\r\n\r\nx", own_loop_ids=frozenset(["ours"])).kind == "message"


def test_a_delivery_report_tells_recipient_status_and_mail():
    raw = (b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
           b"--b\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b.c\r\nAction: failed\r\n"
           b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <x@y>\r\nSubject: s\r\n\r\nt\r\n--b--")  # fmt: skip
    status = parse(raw).delivery_status[0]
    assert (status.recipient, status.action, status.status, status.diagnostic, status.original_message_id) == (
        "a@b.c",
        "failed",
        "5.1.1",
        "550 no such user",
        "<x@y>",
    )


@pytest.mark.parametrize(
    ("fields", "protected"),
    [
        (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n", "smime"),
        (b"Content-Type: multipart/encrypted; boundary=b\r\n", "pgp"),
    ],
)
def test_encrypted_mail_is_kept_and_marked(fields, protected):
    found = mail(
        fields,
        b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--",
    )
    assert (found.protected, found.encrypted, bool(found.attachments)) == (protected, True, True)


def test_a_file_without_header_fields_is_a_plain_body():
    found = inspect(b"Guten Tag,\n\nwo bleibt: das Paket?\n")
    assert (found["text"].strip(), found["from"], found["kind"]) == ("Guten Tag,\n\nwo bleibt: das Paket?", "", "message")
    assert parse(bytes(range(128, 256)) * 3).unreadable == "no_headers"


def test_bad_base64_and_nul_bytes_give_what_can_be_had():
    assert mail(b"Content-Transfer-Encoding: base64\r\n", b"SGVsbG8*!!!gd29ybGQ").text == "Hello world"
    assert mail(b"", b"a\0b").text == "ab"


def _hostile():
    nested = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(1000))
    yield "nested", b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + nested
    yield "parts", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10_000
    yield "subject", b"Subject: " + b"=?utf-8?q?" * 500_000 + b"\r\n\r\nx"
    yield "quotes", b'Cc: "' + b"\\" * 1_000_000 + b"\r\n\r\nx"
    yield "blanks", b"Cc: " + b" " * 1_000_000 + b"x\r\n\r\nx"
    yield "angles", b"\r\n" + b"> " * 500_000
    yield "rules", b"\r\n" + (b"-=" * 90 + b"x\n") * 5_000
    yield "colons", b"\r\n" + (b"a " * 250 + b"schrieb x:\n") * 3_000
    yield "tags", b"Content-Type: text/html\r\n\r\n" + b"<a href=" * 200_000
    yield "flowed", b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \n" * 500_000
    yield "calendar", b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\nSUMMARY" + b";a" * 500_000


@pytest.mark.parametrize(("name", "rest"), list(_hostile()), ids=lambda value: value if isinstance(value, str) else "")
def test_hostile_mail_takes_bounded_time(name, rest):
    started = time.process_time()
    found = parse(HEAD + rest)
    assert "parser_failed" not in found.problems, name
    assert time.process_time() - started < 10


@given(st.binary(max_size=2000))
def test_any_bytes_are_parsed(raw):
    assert "parser_failed" not in parse(raw).problems


PIECES = [b"From: a@b.c\r\n", b"Subject: =?utf-8?B?", b"Content-Type: multipart/mixed; boundary=b\r\n", b"\r\n\r\n", b"--b\r\n", b"--b--", b"> ", b"\x1b$B", b"\xe3\x81",
          b"Content-Transfer-Encoding: base64\r\n", b"On Mon, 1 Jan 2026, x wrote:\n", b"-- \n", b"<div>", b"charset=iso-2022-jp", b"Content-Type: message/rfc822\r\n", b"=FF=", b"\0"]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=40))
def test_mutated_mails_are_parsed_and_the_parts_hold_the_text(pieces):
    found = parse(HEAD + b"".join(pieces))
    assert "parser_failed" not in found.problems
    parts = sorted("".join((found.reply_text + found.quoted_text + found.signature).split()))
    assert parts == sorted("".join(found.text.split()))


@pytest.mark.skipif(not (SHARED / "data" / "mail").exists(), reason="the public mails are not beside the project (MADOGUCHI_SHARED)")
def test_every_public_mail_is_parsed():
    failed = [
        str(path)
        for path in (SHARED / "data" / "mail").rglob("*")
        if path.is_file() and "parser_failed" in parse(path.read_bytes()).problems
    ]
    assert failed == []
