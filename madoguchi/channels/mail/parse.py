"""`parse(raw)`: one raw message to a ParsedMail. Never raises; what is odd is named in `problems`.

The intake calls this for every mail, so it takes the short way for ordinary input: the raw bytes
are cut once, only the fields that are needed are decoded, and HTML becomes text only where no
plain text came with it.
"""

import re
from datetime import UTC, datetime

from madoguchi.channels.mail import kinds
from madoguchi.channels.mail.addresses import Address, parse_addresses
from madoguchi.channels.mail.bounces import read_report
from madoguchi.channels.mail.content import Block, Content, clean_text, join_html, join_text, list_attachments, read_content
from madoguchi.channels.mail.headers import Fields, decode_text, message_id, message_ids, parse_date, unfold
from madoguchi.channels.mail.html_text import QUOTE_MARK
from madoguchi.channels.mail.invitations import read_invitation, summarise
from madoguchi.channels.mail.mime import Tree, transfer_decode
from madoguchi.channels.mail.parsed import Attachment, DeliveryStatus, Invitation, Kind, ParsedMail
from madoguchi.channels.mail.quotes import split

__all__ = ["Attachment", "DeliveryStatus", "Invitation", "Kind", "ParsedMail", "parse", "part_bytes"]

LOOP_HEADER = "x-madoguchi-loop"
MAX_SUBJECT = 2_000
# Larger than what any mailbox accepts; the rest is left to the raw file.
MAX_RAW = 200_000_000

_LIST_FIELDS = ("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-post", "list-archive", "list-help", "list-owner")
_RECIPIENT_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-forwarded-to")
_HTML_START = re.compile(r"\s*(?:<\?xml[^>]{0,100}>\s*)?(?:<!doctype html|<html|<head|<body|<div|<table|<p[ >])", re.IGNORECASE)
_PGP_BLOCK = re.compile(r"^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----", re.MULTILINE)


def parse(raw: bytes, *, own_addresses: frozenset[str] = frozenset(), own_loop_ids: frozenset[str] = frozenset()) -> ParsedMail:
    """Everything the desk needs to know of one mail.

    `own_addresses` (lower case) are the mailboxes of this installation, `own_loop_ids` the values of our
    loop header and the domains of our Message-IDs: mail that carries them is our own come back.
    """
    problems: set[str] = set()
    try:
        return _parse(raw, problems, own_addresses, own_loop_ids)
    except Exception as error:  # noqa: BLE001 - one bad mail must never stop the queue
        return ParsedMail(
            problems=("parser_failed", type(error).__name__),
            unreadable="parser_failed",
            text=clean_text(raw[:100_000].decode("utf-8", "replace")),
        )


def part_bytes(raw: bytes, index: int) -> bytes:
    """The decoded bytes of one attachment, by `Attachment.part`. Raises LookupError when there is no such part."""
    problems: set[str] = set()
    for part in Tree(raw[:MAX_RAW], problems).root.walk():
        if part.index == index:
            return transfer_decode(raw, part, problems)
    raise LookupError(f"the message has no part {index}")


def _parse(raw: bytes, problems: set[str], own_addresses: frozenset[str], own_loop_ids: frozenset[str]) -> ParsedMail:
    if len(raw) > MAX_RAW:
        problems.add("message_too_long")
        raw = raw[:MAX_RAW]
    tree = Tree(raw, problems)
    fields = tree.root.fields
    content = read_content(tree)
    hint = content.charset
    subject = decode_text(fields["subject"][0], problems, hint)[:MAX_SUBJECT] if "subject" in fields else ""
    senders = _addresses(fields, "from", problems, hint)
    sender = _addresses(fields, "sender", problems, hint)
    from_name, from_addr = next((s for s in senders if "@" in s[1]), senders[0] if senders else ("", ""))
    text, html, invitation, is_calendar = _texts(content, fields)
    mail_id = message_id(fields["message-id"][0]) if "message-id" in fields else ""
    references = message_ids(" ".join(fields["references"])) if "references" in fields else ()
    answered = message_ids(fields["in-reply-to"][0]) if "in-reply-to" in fields else ()
    return_path = _return_path(fields)
    keyword, signs, replied = kinds.automatic_signs(fields, subject, return_path, replies=bool(references or answered))
    loop_header = unfold(fields[LOOP_HEADER][0])[:200] if LOOP_HEADER in fields else ""
    kind = kinds.decide(
        fields=fields, is_report=_is_report(tree, content), is_receipt=_is_receipt(tree, content), from_addr=from_addr,
        return_path=return_path, subject=subject, text=text, replied=replied, is_calendar=is_calendar,
        own=kinds.is_own(
            from_addr=from_addr, message_id=mail_id, loop_header=loop_header, own_addresses=own_addresses, own_loop_ids=own_loop_ids
        ),
    )  # fmt: skip
    statuses = read_report(content, text, fields) if kind == "bounce" else ()
    reply_text, quoted_text, signature = split(text, sender=from_name)
    text = text.replace(QUOTE_MARK, "") if QUOTE_MARK in text else text
    if len(fields.get("from", ())) > 1:
        problems.add("several_from_fields")
    if "@" not in from_addr and fields:
        problems.add("no_sender")
    attachments = list_attachments(content, html) if content.files else ()
    return ParsedMail(
        subject=clean_text(subject), from_name=from_name, from_addr=from_addr,
        reply_to=_addresses(fields, "reply-to", problems, hint), to=_addresses(fields, "to", problems, hint),
        cc=_addresses(fields, "cc", problems, hint), sender=sender, date=_date(fields, problems), message_id=mail_id,
        in_reply_to=answered[0] if answered else "", references=references, kind=kind, text=text, html=html, reply_text=reply_text,
        quoted_text=quoted_text, signature=signature, attachments=attachments, charset=content.charset or "us-ascii",
        problems=tuple(sorted(problems)), unreadable=_unreadable(raw, fields), auto_submitted=keyword, automatic=signs,
        no_auto_answer=kinds.wants_no_answer(fields, from_addr, return_path, signs), spam=kinds.is_spam(fields),
        protected=content.protected or _inline_protection(text),
        encrypted=content.encrypted or text.startswith("-----BEGIN PGP MESSAGE-----"),
        list_headers={name: decode_text(fields[name][0], problems) for name in _LIST_FIELDS if name in fields},
        return_path=return_path, delivery_status=statuses, invitation=invitation, loop_header=loop_header,
        authentication_results=tuple(unfold(v) for v in fields.get("authentication-results", ())[:50]),
        recipients=_recipients(fields),
    )  # fmt: skip


def _texts(content: Content, fields: Fields) -> tuple[str, str, Invitation | None, bool]:
    blocks = content.blocks
    if not fields and len(blocks) == 1 and blocks[0].plain and _HTML_START.match(blocks[0].plain):
        # A file without header fields is a plain body, or a page that was saved.
        blocks[0] = Block(None, blocks[0].plain)
    html = join_html(blocks)
    text = join_text(blocks)
    if not text.strip() and content.embedded and not content.reports:
        text = _embedded_text(content)
    if not content.calendars:
        return text, html, None, False
    invitation, main = read_invitation(content)
    summary = summarise(invitation) if invitation else ""
    if invitation and summary and (not text.strip() or (invitation.summary and invitation.summary not in text)):
        text = f"{text.rstrip()}\n\n{summary}" if text.strip() else summary
    return text, html, invitation, main


def _embedded_text(content: Content) -> str:
    """A message that is nothing but another message: show that one's text."""
    part = content.embedded[0]
    raw = transfer_decode(content.tree.raw, part, set())
    inner = read_content(Tree(raw, set()))
    return join_text(inner.blocks)


def _addresses(fields: Fields, name: str, problems: set[str], hint: str) -> tuple[Address, ...]:
    values = fields.get(name)
    if not values:
        return ()
    found = parse_addresses(values[0] if len(values) == 1 else ", ".join(values), problems, hint)
    if values[0].isascii() and "=?" not in values[0]:
        return found
    return tuple((clean_text(n) if n else n, clean_text(a) if a else a) for n, a in found)


def _date(fields: Fields, problems: set[str]) -> datetime | None:
    if "date" not in fields:
        return None
    found = parse_date(fields["date"][0])
    if found is None:
        problems.add("bad_date")
        return None
    try:
        found.astimezone(UTC)
    except (OverflowError, ValueError):
        problems.add("bad_date")
        return None
    return found


def _return_path(fields: Fields) -> str | None:
    if "return-path" not in fields:
        return None
    return clean_text(unfold(fields["return-path"][0]).strip("<> "))[:500] if fields["return-path"][0].strip() else None


def _recipients(fields: Fields) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in _RECIPIENT_FIELDS:
        for value in fields.get(name, ())[:20]:
            address = unfold(value).strip("<> ")
            if "@" in address and address.isascii():
                found[address] = None
    return tuple(found)


def _is_receipt(tree: Tree, content: Content) -> bool:
    """A read receipt (RFC 8098)."""
    declared = tree.root.parameters.get("report-type", "").lower()
    if tree.root.type == "multipart/report" and declared in ("disposition-notification", "x-read-receipt"):
        return True
    return {part.type for part in content.reports} == {"message/disposition-notification"}


def _is_report(tree: Tree, content: Content) -> bool:
    if tree.root.type == "multipart/report":
        kind = tree.root.parameters.get("report-type", "").lower()
        return kind in ("delivery-status", "feedback-report", "global-delivery-status", "") or bool(content.reports)
    return any(part.type in ("message/delivery-status", "message/feedback-report") for part in content.reports)


def _inline_protection(text: str) -> str:
    return "pgp" if "-----BEGIN PGP " in text and _PGP_BLOCK.search(text) else ""


def _unreadable(raw: bytes, fields: Fields) -> str:
    if not raw.strip():
        return "empty"
    return "" if fields else "no_headers"
