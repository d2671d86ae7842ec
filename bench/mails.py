"""A made corpus of customers' mail: five languages, the charsets of their countries, threads, repeats, machines, broken ones.

Built from bytes, so that the same seed gives the same mails everywhere; each comes with what a correct desk makes of it.
"""

import base64
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate

SUPPORT = "support@hoshizora.example"
START = 1_790_000_000
WORDS = {
    "en": (
        "The parcel has not arrived yet.", "Please send the invoice again.", "The lamp flickers since yesterday.",
        "How can I change my address?", "I would like to return the kettle.", "The app does not open any more.",
        "Thank you for the quick answer.", "We were charged twice for the same order.",
    ),
    "de": (
        "Das Paket ist noch nicht angekommen.", "Bitte schicken Sie mir die Rechnung noch einmal.", "Die Lampe flackert seit gestern.",
        "Wie kann ich meine Adresse ändern?", "Ich möchte den Wasserkocher zurückgeben.", "Vielen Dank für die schnelle Antwort.",
        "Uns wurde dieselbe Bestellung zweimal berechnet.", "Grüße aus Köln",
    ),
    "ja": (
        "荷物がまだ届いていません。", "請求書をもう一度送ってください。", "昨日から照明がちらつきます。",
        "住所を変更したいのですが。",
        "やかんを返品したいです。", "アプリが開かなくなりました。", "早速のご返信ありがとうございます。",
        "同じ注文が二重に請求されています。",
    ),
    "zh-hans": (
        "包裹还没有收到。", "请重新发送发票。", "台灯从昨天开始闪烁。", "怎样修改收货地址？", "我想退货。", "应用打不开了。",
        "谢谢您的回复。",
        "同一个订单被扣了两次款。",
    ),
    "zh-hant": (
        "包裹還沒有收到。", "請重新寄送發票。", "檯燈從昨天開始閃爍。", "怎樣修改收件地址？", "我想退貨，這個壞了。", "應用程式打不開了。",
        "謝謝您的回覆。", "同一筆訂單被扣了兩次款。",
    ),
}  # fmt: skip
CHARSETS = {
    "en": ("us-ascii", "utf-8"), "de": ("utf-8", "iso-8859-1"), "ja": ("utf-8", "iso-2022-jp", "shift_jis"),
    "zh-hans": ("utf-8", "gb18030"), "zh-hant": ("utf-8", "big5"),
}  # fmt: skip
NAMES = {"en": "Ruth Castellan", "de": "Jürgen Groß", "ja": "藤代 千夏", "zh-hans": "王伟", "zh-hant": "陳怡君"}


@dataclass
class Made:
    """One mail and what should become of it. kind: new | reply | duplicate | automatic | broken."""

    raw: bytes
    kind: str
    message_id: str
    language: str = ""
    subject: str = ""
    sender: str = ""
    text: str = ""
    answers: str = ""
    files: int = 0


def make(count: int, seed: int = 1) -> Iterator[Made]:
    rng = random.Random(seed)
    past: list[Made] = []
    for number in range(count):
        dice = rng.random()
        if dice < 0.02 and past:
            yield Made(rng.choice(past[-300:]).raw, "duplicate", "")
        elif dice < 0.03:
            yield Made(rng.randbytes(300) if rng.random() < 0.5 else b"Subject: no sender\r\n\r\nhello\r\n%d" % number, "broken", "")
        elif dice < 0.07:
            yield _mail(rng, number, "automatic", None)
        else:
            mail = _mail(rng, number, "reply", rng.choice(past[-1000:])) if dice < 0.37 and past else _mail(rng, number, "new", None)
            past.append(mail)
            yield mail


def _mail(rng: random.Random, number: int, kind: str, before: Made | None) -> Made:
    language = before.language if before else rng.choices(list(WORDS), [35, 15, 30, 12, 8])[0]
    sender = before.sender if before else f"customer{rng.randrange(5000)}@customer.example"
    sentences = [rng.choice(WORDS[language]) for _ in range(rng.randrange(2, 12))]
    text = "\n".join(sentences) + f"\n{rng.randrange(10**6)}\n"
    subject = (f"Re: {before.subject}" if not before.subject.startswith("Re: ") else before.subject) if before else sentences[0]
    subject = f"Automatic reply: {subject}" if kind == "automatic" else subject
    message_id = f"<{number}.{rng.getrandbits(40):x}@customer.example>"
    charset = rng.choice(CHARSETS[language])
    files = int(rng.random() < 0.12)
    head = [
        f"From: {_encoded(NAMES[language], charset)} <{sender}>", f"To: Support <{SUPPORT}>", f"Subject: {_encoded(subject, charset)}",
        f"Date: {formatdate(START + number * 30)}", f"Message-ID: {message_id}", "MIME-Version: 1.0",
    ]  # fmt: skip
    if before:
        head += [f"In-Reply-To: {before.message_id}", f"References: {before.message_id}"]
    if kind == "automatic":
        head += ["Auto-Submitted: auto-replied"]
    body = text + ("\n> " + "\n> ".join(before.text.splitlines()[:6]) + "\n" if before else "")
    content = _part(rng, body, charset, html=rng.random() < 0.4)
    if files:
        file = b"Content-Type: image/png; name=photo.png\r\nContent-Disposition: attachment; filename=photo.png\r\n"
        file += b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(rng.randbytes(4000)).replace(b"\n", b"\r\n")
        content = _many("mixed", [content, file], f"m{number}")
    return Made("\r\n".join(head).encode() + b"\r\n" + content, kind, message_id, language, subject, sender, text,
                before.message_id if before else "", files)  # fmt: skip


def _encoded(text: str, charset: str) -> str:
    return text if text.isascii() else f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def _part(rng: random.Random, text: str, charset: str, *, html: bool) -> bytes:
    data = text.replace("\n", "\r\n").encode(charset)
    if charset == "iso-2022-jp" or text.isascii():
        how, sent = b"7bit", data
    elif rng.random() < 0.5:
        how, sent = b"base64", base64.encodebytes(data).replace(b"\n", b"\r\n")
    else:
        how, sent = b"quoted-printable", quopri.encodestring(data).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    plain = b"Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n" % (charset.encode(), how, sent)
    if not html:
        return plain
    page = base64.encodebytes(f"<html><body><p>{text}</p></body></html>".encode(charset)).replace(b"\n", b"\r\n")
    rich = b"Content-Type: text/html; charset=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s" % (charset.encode(), page)
    return _many("alternative", [plain, rich], f"a{rng.getrandbits(32):x}")


def _many(kind: str, parts: list[bytes], mark: str) -> bytes:
    inside = b"".join(b"--%s\r\n%s\r\n" % (mark.encode(), part) for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode() + inside + f"--{mark}--\r\n".encode()
