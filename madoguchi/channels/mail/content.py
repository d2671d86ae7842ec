"""Which parts of a message are its text and which are attachments (RFC 2046, 2387, 1847, 3462)."""

import mimetypes
import re
from dataclasses import dataclass, field

from madoguchi.channels.mail.charsets import decode
from madoguchi.channels.mail.flowed import unflow
from madoguchi.channels.mail.headers import decode_text
from madoguchi.channels.mail.html_text import html_to_text
from madoguchi.channels.mail.mime import Part, Tree, transfer_decode
from madoguchi.channels.mail.parsed import Attachment

# Text beyond this is left to the raw mail.
MAX_TEXT = 5_000_000
MAX_NAME = 200

_SMIME = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pkcs7-signature", "application/x-pkcs7-signature"))
_PGP = frozenset(("application/pgp-encrypted", "application/pgp-signature", "application/pgp-keys"))
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
# Report parts that are read for their meaning and not shown as files.
_REPORTS = frozenset(
    ("message/delivery-status", "message/disposition-notification", "message/feedback-report", "message/global-delivery-status")
)
_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "image/jpeg": ".jpg",
    "text/rfc822-headers": ".txt",
    "application/octet-stream": ".bin",
    "message/delivery-status": ".txt",
    "application/ms-tnef": ".dat",
    "audio/mpeg": ".mp3",
}


@dataclass(slots=True)
class Block:
    """A stretch of the message: the same content as plain text, as HTML, or both."""

    plain: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Content:
    """What the walk over the parts has found so far."""

    tree: Tree
    blocks: list[Block] = field(default_factory=list)
    files: list[tuple[Part, str]] = field(default_factory=list)
    reports: list[Part] = field(default_factory=list)
    embedded: list[Part] = field(default_factory=list)
    calendars: list[tuple[Part, bool]] = field(default_factory=list)
    charset: str = ""
    protected: str = ""
    encrypted: bool = False


def read_content(tree: Tree) -> Content:
    """Walk the tree once and sort its parts."""
    content = Content(tree)
    _take(tree.root, content, content.blocks, main=True)
    return content


def _take(part: Part, content: Content, blocks: list[Block], *, main: bool) -> None:
    kind = part.type
    if kind.startswith("multipart/"):
        _take_multipart(part, content, blocks, main=main)
        return
    disposition, parameters = part.disposition(content.tree.problems) if "content-disposition" in part.fields else ("", {})
    named = bool(parameters.get("filename") or part.parameters.get("name"))
    if kind in ("text/plain", "text/html", "text/enriched", "text/x-amp-html", "text/markdown") and disposition != "attachment":
        if kind == "text/x-amp-html":
            return
        if not named or (main and not any(b.plain or b.html for b in blocks) and disposition != "inline"):
            _take_text(part, content, blocks)
            return
    if kind == "text/calendar":
        content.calendars.append((part, main and disposition != "attachment"))
    elif kind in _REPORTS:
        content.reports.append(part)
    elif kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/news"):
        content.embedded.append(part)
    elif kind in _SMIME:
        content.protected = content.protected or "smime"
        if kind.endswith("pkcs7-mime") and part.parameters.get("smime-type", "enveloped-data") != "signed-data":
            content.encrypted = True
    elif kind in _PGP:
        content.protected = content.protected or "pgp"
        content.encrypted = content.encrypted or kind == "application/pgp-encrypted"
    content.files.append((part, disposition))


def _take_multipart(part: Part, content: Content, blocks: list[Block], *, main: bool) -> None:
    if not part.children:
        if part.end > part.start:
            _take_text(part, content, blocks)
        return
    if part.type == "multipart/alternative":
        _take_alternative(part, content, blocks, main=main)
        return
    if part.type == "multipart/related":
        root = _related_root(part)
        _take(root, content, blocks, main=main)
        for child in part.children:
            if child is not root:
                _take(child, content, [Block("")] if child.type.startswith("text/") else blocks, main=False)
        return
    if part.type == "multipart/encrypted":
        content.encrypted = True
        content.protected = "pgp"
    for number, child in enumerate(part.children):
        _take(child, content, blocks, main=main and (number == 0 or part.type != "multipart/signed"))


def _take_alternative(part: Part, content: Content, blocks: list[Block], *, main: bool) -> None:
    """One block from the alternatives: the last plain and the last HTML reading."""
    plain: str | None = None
    html: str | None = None
    for child in part.children:
        found: list[Block] = []
        _take(child, content, found, main=main)
        if not found:
            continue
        htmls = [b.html for b in found if b.html is not None]
        plains = [b.plain for b in found if b.plain is not None]
        if htmls:
            html = "\n".join(h if h is not None else "" for h in htmls)
            if len(plains) > len(htmls) or (plains and not (plain or "").strip()):
                plain = "\n".join(plains)
        elif any(p.strip() for p in plains) or plain is None:
            plain = "\n".join(plains)
    if plain is not None or html is not None:
        blocks.append(Block(plain, html))


def _related_root(part: Part) -> Part:
    start = part.parameters.get("start")
    if start:
        for child in part.children:
            if child.get("content-id").strip() == start.strip():
                return child
    wanted = part.parameters.get("type", "text/html").lower()
    for child in part.children:
        if child.type in (wanted, "text/html") or child.type.startswith("multipart/"):
            return child
    return part.children[0]


def _take_text(part: Part, content: Content, blocks: list[Block]) -> None:
    problems = content.tree.problems
    data = transfer_decode(content.tree.raw, part, problems)
    if len(data) > MAX_TEXT * 2:
        problems.add("text_too_long")
        data = data[: MAX_TEXT * 2]
    if b"\0" in data and not (part.parameters.get("charset") or "").lower().startswith(
        ("utf-16", "utf16", "utf-32", "utf32", "ucs", "unicode", "iso-10646")
    ):
        if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            problems.add("nul_bytes")
            data = data.replace(b"\0", b"")
    is_html = part.type == "text/html"
    declared = part.parameters.get("charset")
    if not declared and is_html:
        declared = _meta_charset(data)
    text, charset, problem = decode(data, declared)
    if problem and not (problem == "charset_missing" and charset in ("utf-8", "iso-2022-jp")):
        problems.add(problem)
    if not content.charset or (content.charset == "us-ascii" and charset != "us-ascii"):
        content.charset = charset
    text = clean_text(text)
    if is_html:
        blocks.append(Block(None, text))
        return
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
    elif part.type == "text/enriched":
        text = html_to_text(text.replace("<<", "&lt;"))
    blocks.append(Block(text, None))


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_\-]{2,40})", re.IGNORECASE)


def _meta_charset(data: bytes) -> str | None:
    match = _META_CHARSET.search(data[:4000])
    return match[1].decode("ascii") if match else None


_C1 = re.compile("[\x80-\x9f]")
_C1_TABLE = {code: bytes((code,)).decode("cp1252", "replace") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def clean_text(text: str) -> str:
    """\\n line ends, no NUL, no byte order mark, nothing that UTF-8 cannot carry."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    if text[0] == "\ufeff":
        text = text[1:]
    if _C1.search(text):
        # Windows characters that were taken for Latin-1 on their way: what browsers show.
        text = text.translate(_C1_TABLE)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text


def join_html(blocks: list[Block]) -> str:
    """The HTML of all blocks; empty when there is none."""
    if not any(b.html for b in blocks):
        return ""
    return "\n".join(b.html if b.html is not None else _as_html(b.plain or "") for b in blocks if b.html or b.plain)


def _as_html(plain: str) -> str:
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<pre>{escaped}</pre>" if escaped.strip() else ""


def join_text(blocks: list[Block]) -> str:
    """The text of all blocks; HTML is turned into text where no plain reading says anything."""
    out = []
    for block in blocks:
        if block.plain and block.plain.strip():
            out.append(block.plain)
        elif block.html:
            out.append(html_to_text(block.html))
    if len(out) == 1:
        return out[0]
    return "\n\n".join(piece.strip("\n") for piece in out)


def list_attachments(content: Content, html: str) -> tuple[Attachment, ...]:
    """The attachments with decoded names and exact sizes."""
    return tuple(_attachment(part, disposition, content, html) for part, disposition in content.files)


def _attachment(part: Part, disposition: str, content: Content, html: str) -> Attachment:
    problems = content.tree.problems
    parameters = part.disposition(problems)[1] if disposition else {}
    name = parameters.get("filename") or part.parameters.get("name") or ""
    content_id = part.get("content-id").strip().strip("<>").strip()
    size = len(transfer_decode(content.tree.raw, part, problems))
    shown = bool(content_id) and f"cid:{content_id}" in html
    protected = "smime" if part.type in _SMIME else "pgp" if part.type in _PGP or (content.protected == "pgp" and content.encrypted) else ""
    return Attachment(
        name=safe_name(name) or _made_up_name(part, content),
        type=part.type,
        size=size,
        part=part.index,
        content_id=content_id[:500],
        inline=shown or (disposition == "inline" and part.type.startswith("image/")),
        disposition=disposition,
        protected=protected,
    )


def safe_name(name: str) -> str:
    """A file name without folders, control or direction characters, at most MAX_NAME long."""
    name = _UNSAFE.sub("", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    if len(name) > MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        name = stem[: MAX_NAME - 12] + dot + extension[:10] if dot else name[:MAX_NAME]
    return clean_text(name) if name else ""


def _made_up_name(part: Part, content: Content) -> str:
    if part.type in ("message/rfc822", "message/global", "message/news"):
        subject = _embedded_subject(part, content)
        return (safe_name(subject.replace("/", "-"))[:80] or "message") + ".eml"
    if part.type == "application/ms-tnef":
        return "winmail.dat"
    if part.type == "text/calendar":
        return "invite.ics"
    extension = _EXTENSIONS.get(part.type) or mimetypes.guess_extension(part.type) or ".bin"
    return f"part-{part.index}{extension}"


_SUBJECT = re.compile(rb"(?:^|\n)subject:([^\r\n]*(?:\r?\n[ \t][^\r\n]*){0,10})", re.IGNORECASE)


def _embedded_subject(part: Part, content: Content) -> str:
    head = content.tree.raw[part.start : min(part.end, part.start + 20_000)]
    match = _SUBJECT.search(head.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0])
    return decode_text(match[1].decode("ascii", "surrogateescape"), content.tree.problems) if match else ""
