"""The mail inside a forwarded mail, so that an agent can make it the ticket of the one who really wrote it."""

import re
from dataclasses import dataclass
from datetime import datetime

from madoguchi.channels.mail.addresses import parse_addresses
from madoguchi.channels.mail.content import join_text, read_content
from madoguchi.channels.mail.headers import decode_text, parse_date
from madoguchi.channels.mail.mime import Tree, transfer_decode
from madoguchi.channels.mail.parsed import ParsedMail
from madoguchi.channels.mail.quote_markers import header_block, separator
from madoguchi.channels.mail.written_dates import read_written_date

_FORWARD_SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|sv|回复|答复|回覆|返信)\s*[:：]\s*)*(?:\[?(?:fwd?|wg|wtr|tr|rv|enc|vs|vb|i|doorst|pd|转发|轉寄|轉發|転送|转)\s*[:：]|fwd\b)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"]{1,100}@[^\s<>()\[\]:;,\"]{1,200}")
_QUOTE = re.compile(r"^[ \t]*> ?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Original:
    """The forwarded mail. `date` is None when it cannot be read without guessing."""

    name: str
    address: str
    subject: str
    date: datetime | None
    text: str


def forwarded_original(mail: ParsedMail, raw: bytes | None = None) -> Original | None:
    """The mail that was forwarded: attached as message/rfc822 (needs `raw`), or written into the text. None when there is none."""
    if raw is not None and any(a.type == "message/rfc822" for a in mail.attachments):
        found = _attached(raw)
        if found is not None:
            return found
    return written_original(mail.subject, mail.text)


def _attached(raw: bytes) -> Original | None:
    problems: set[str] = set()
    tree = Tree(raw, problems)
    for part in tree.root.walk():
        if part.type != "message/rfc822":
            continue
        inner = Tree(transfer_decode(raw, part, problems), problems)
        fields = inner.root.fields
        senders = parse_addresses(fields["from"][0], problems) if "from" in fields else ()
        if not senders or "@" not in senders[0][1]:
            continue
        subject = decode_text(fields["subject"][0], problems) if "subject" in fields else ""
        date = parse_date(fields["date"][0]) if "date" in fields else None
        return Original(senders[0][0], senders[0][1], subject.strip(), date, join_text(read_content(inner).blocks).strip())
    return None


def written_original(subject: str, text: str) -> Original | None:
    """The mail that was forwarded within the text of another."""
    announced = bool(_FORWARD_SUBJECT.match(subject))
    lines = text.split("\n")
    for number in range(len(lines)):
        size, forward = separator(lines, number)
        if size and forward:
            return _block_after(lines, number + size)
        if announced:
            if size:
                found = _block_after(lines, number)
                if found:
                    return found
            block, fields = header_block(lines, number)
            if block and "from" in fields:
                return _original(fields, lines[number + block :])
    if announced and "\n>" in text:
        return _inline_quoted(lines)
    return None


def _inline_quoted(lines: list[str]) -> Original | None:
    """Some programs put `> ` before every line of what they forward."""
    plain = [_QUOTE.sub("", line) for line in lines]
    for number in range(len(plain)):
        block, fields = header_block(plain, number)
        if block and "from" in fields:
            return _original(fields, plain[number + block :])
    return None


def _block_after(lines: list[str], number: int) -> Original | None:
    """The header lines right behind a separator (an empty line or a `> ` may come first)."""
    for start in range(number, min(number + 4, len(lines))):
        plain = [_QUOTE.sub("", line) for line in lines[start:]] if lines[start].lstrip().startswith(">") else lines[start:]
        if not plain[0].strip():
            continue
        block, fields = header_block(plain, 0)
        if block and "from" in fields:
            return _original(fields, plain[block:])
        if separator(plain, 0)[0]:
            continue
        return None
    return None


def _original(fields: dict[str, str], rest: list[str]) -> Original | None:
    sender = fields["from"].replace("[mailto:", "<").replace("]", ">").replace("<mailto:", "<").replace("*", "")
    match = _ADDRESS.search(sender)
    if match is None:
        return None
    people = parse_addresses(sender, set())
    name = next((name for name, address in people if address == match.group()), "") or sender[: match.start()].strip(" <(\"'")
    return Original(
        name, match.group(), fields.get("subject", "").strip(), read_written_date(fields.get("date", "")), "\n".join(rest).strip()
    )
