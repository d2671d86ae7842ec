"""From a letter to bytes: plain and HTML together, inline pictures, attachments, our threading headers, DKIM.

Written 7-bit with CRLF, so that no server on the way needs to convert it and a signature stays valid.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart

from madoguchi.foundation import crypto

from .problems import SendProblem

REFERENCES_KEPT = 20
_ID_HEADERS = {"message-id", "in-reply-to", "references"}
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}")
_MESSAGE_ID = re.compile(r"<[^\s<>]+>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
SIGNED_HEADERS = [
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to", b"mime-version",
    b"content-type", b"content-transfer-encoding", b"auto-submitted",
]  # fmt: skip


@dataclass(frozen=True)
class File:
    """An attachment; `content_id` (without brackets) makes it a picture inside the HTML."""

    name: str
    content_type: str
    data: bytes
    content_id: str = ""


@dataclass(frozen=True)
class Letter:
    """People are [name, address] pairs. `headers`: further header fields (Auto-Submitted, X-...)."""

    sender: tuple[str, str]
    to: list[list[str]]
    subject: str
    text: str
    message_id: str
    date: datetime
    html: str = ""
    cc: list[list[str]] = field(default_factory=list)
    reply_to: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DkimKey:
    """How a mailbox signs: selector and domain of the DNS record, private key in PEM."""

    selector: str
    domain: str
    private: str = field(repr=False)


class _Wire(policy.EmailPolicy):
    """The standard library's policy, but message ids are folded between ids only: it would encode a long one beyond recognition."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in _ID_HEADERS:
            return f"{name}: " + f"{self.linesep} ".join(str(value).split()) + self.linesep
        return super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _ID_HEADERS:
            return self.fold(name, value).encode("ascii", "replace")
        return super().fold_binary(name, value)


def to_bytes(letter: Letter, *, dkim: DkimKey | None = None) -> bytes:
    """The message for the wire. Raises SendProblem for an address or a key that cannot be used."""
    people = [[*letter.sender], *letter.to, *letter.cc]
    wire = _Wire(linesep="\r\n", cte_type="7bit", utf8=not all(address.rpartition("@")[0].isascii() for _, address in people))
    message = EmailMessage(policy=wire)
    _head(message, letter)
    message.set_content(_lines(letter.text), charset="utf-8")
    if letter.html:
        message.add_alternative(_lines(letter.html), subtype="html", charset="utf-8")
        for picture in [file for file in letter.files if file.content_id]:
            body = message.get_body(("html",))
            if isinstance(body, MIMEPart):
                kind, subtype = _type(picture)
                cid, name = f"<{_safe(picture.content_id)}>", _safe(picture.name)
                body.add_related(picture.data, kind, subtype, cid=cid, filename=name, disposition="inline")
    for file in letter.files:
        if not (file.content_id and letter.html):
            kind, subtype = _type(file)
            message.add_attachment(file.data, kind, subtype, filename=_safe(file.name) or "file")
    data = message.as_bytes()
    return dkim_sign(data, dkim) if dkim else data


def loop_mark() -> str:
    """Value of X-Madoguchi-Loop in everything this installation sends; mail that comes back with it is our own."""
    return crypto.sign("mail", purpose="loop").lower()


def dkim_sign(data: bytes, key: DkimKey) -> bytes:
    """The message with a DKIM-Signature (RFC 6376, relaxed/relaxed) in front."""
    import dkim  # noqa: PLC0415  only mailboxes with a key need it

    try:
        signature = dkim.sign(
            data, key.selector.encode(), key.domain.encode("idna"), key.private.encode(), include_headers=SIGNED_HEADERS,
            canonicalize=(b"relaxed", b"relaxed"),
        )  # fmt: skip
    except (dkim.DKIMException, ValueError, TypeError) as error:
        raise SendProblem("dkim", str(error), permanent=True) from error
    return signature + data


def _head(message: EmailMessage, letter: Letter) -> None:
    message["From"] = _address(*letter.sender)
    message["To"] = [_address(name, address) for name, address in letter.to]
    if letter.cc:
        message["Cc"] = [_address(name, address) for name, address in letter.cc]
    if letter.reply_to:
        message["Reply-To"] = _address(letter.sender[0], letter.reply_to)
    message["Subject"] = _safe(letter.subject)
    message["Date"] = letter.date
    message["Message-ID"] = letter.message_id
    references = [item for item in letter.references if _MESSAGE_ID.fullmatch(item) and item.isascii()]
    if _MESSAGE_ID.fullmatch(letter.in_reply_to) and letter.in_reply_to.isascii():
        message["In-Reply-To"] = letter.in_reply_to
        references = [item for item in references if item != letter.in_reply_to] + [letter.in_reply_to]
    if references:
        message["References"] = " ".join(references[-REFERENCES_KEPT:])
    for name, value in letter.headers.items():
        message[name] = _safe(value)


def _address(name: str, address: str) -> Address:
    local, _, domain = address.strip().rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        return Address(display_name=_safe(name), addr_spec=f"{local}@{domain}")
    except Exception as error:  # the header parser raises what it likes
        raise SendProblem("addresses", address, permanent=True) from error


def _type(file: File) -> tuple[str, str]:
    kind = file.content_type.lower().strip()
    if not _CONTENT_TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    maintype, subtype = kind.split("/", 1)
    return maintype, subtype


def _safe(text: str) -> str:
    """One line: nothing in it can begin another header."""
    return _CONTROL.sub(" ", text).strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
