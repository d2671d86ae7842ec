"""Header fields: values, encoded words, parameters, dates and message ids (RFC 5322, 2047, 2231, 6532).

Written for speed and for what really arrives: plain ASCII takes a short way, and broken,
split or raw 8-bit values give the best text that can be had. Nothing here raises on any input.
"""

import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from madoguchi.channels.mail.charsets import decode

# A single field longer than this is cut; RFC 5322 allows 998 a line, real ones reach some kilobytes.
MAX_FIELD = 200_000
# Fields after this many are ignored.
MAX_FIELDS = 2_000
MAX_MESSAGE_IDS = 1_000
# So many lines that are no fields may stand before the first field; more make it plain text.
_MAX_JUNK_LINES = 1

Fields = dict[str, list[str]]

_FIELD_NAME = re.compile(r"[!-9;-~]+[ \t]*$")
_FIELDS = re.compile(r"^([!-9;-~]+):(.*(?:\n[ \t].*)*)(?:\n|$)", re.MULTILINE)
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")

# The names by which a message is told from plain text.
_KNOWN = frozenset(
    [
        "from",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "sender",
        "reply-to",
        "message-id",
        "in-reply-to",
        "references",
        "received",
        "return-path",
        "delivered-to",
        "x-original-to",
        "envelope-to",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "dkim-signature",
        "resent-from",
        "resent-to",
        "resent-date",
        "authentication-results",
        "x-mailer",
        "user-agent",
        "list-id",
        "x-sender",
        "newsgroups",
        "x-received",
        "arc-seal",
        "received-spf",
        "auto-submitted",
        "precedence",
    ]
)


def read_fields(block: str, *, strict_start: bool = False) -> tuple[Fields, int, bool]:
    """The fields of a header block, where the block ends in it, and whether lines were damaged.

    The end is less than the block's length when a line is no field: then the body began
    without an empty line. With `strict_start`, a block that has no known field is no header at all (end 0).
    """
    found = _FIELDS.findall(block)
    if sum(len(name) + len(value) + 2 for name, value in found) == len(block) + (not block.endswith("\n")) and len(found) <= MAX_FIELDS:
        fields: Fields = {}
        for name, value in found:
            fields.setdefault(name.lower(), []).append(value[:MAX_FIELD])
        if not (strict_start and _KNOWN.isdisjoint(fields)):
            return fields, len(block), False
        return {}, 0, False
    return _read_damaged_fields(block, strict_start=strict_start)


def _read_damaged_fields(block: str, *, strict_start: bool) -> tuple[Fields, int, bool]:
    """Line by line, for blocks that hold something else than fields."""
    fields: Fields = {}
    values: list[str] | None = None
    if strict_start:
        block = block.lstrip(" \t")  # a blank before the first field
    at, damaged, count = 0, False, 0
    lines = block.split("\n")
    for number, line in enumerate(lines):
        start, at = at, at + len(line) + 1
        if line[:1] in (" ", "\t"):
            if values is not None and len(values[-1]) < MAX_FIELD:
                values[-1] += "\n" + line
            continue
        name, colon, value = line.partition(":")
        if colon and _FIELD_NAME.match(name):
            count += 1
            if count > MAX_FIELDS:
                damaged = True
                break
            values = fields.setdefault(name.rstrip().lower(), [])
            values.append(value[:MAX_FIELD] if len(value) > MAX_FIELD else value)
            continue
        if not line.strip("\r"):
            continue
        if number == 0 and line.startswith(("From ", ">From ")):
            values = None
            continue
        damaged = True
        values = None
        if strict_start and not fields and number >= _MAX_JUNK_LINES:
            return {}, 0, False
        if not _fields_follow(lines, number + 1):
            at = start
            break
    if strict_start and _KNOWN.isdisjoint(fields):
        return {}, 0, False
    return fields, at, damaged


def _fields_follow(lines: list[str], number: int) -> bool:
    for line in lines[number : number + 30]:
        name, colon, _ = line.partition(":")
        if colon and name.rstrip().lower() in _KNOWN:
            return True
    return False


def unfold(value: str) -> str:
    """One line, without the white space around."""
    if "\n" in value or "\r" in value:
        value = _FOLD.sub(" ", value)
    return value.strip()


def as_bytes(value: str) -> bytes:
    """The bytes as they came (header blocks are read as ASCII with surrogate escapes)."""
    return value.encode("utf-8", "surrogateescape")


_WORD_START = re.compile(r"=\?([A-Za-z0-9_.:+\-]{1,60})(?:\*[A-Za-z0-9\-]{0,30})?\?([BbQq])\?")


def decode_text(value: str, problems: set[str], hint: str | None = None) -> str:
    """The readable text of an unstructured value or a phrase."""
    # Trailing white space stays: a subject is kept as it was sent.
    value = (_FOLD.sub(" ", value.rstrip("\r\n")) if "\n" in value or "\r" in value else value).lstrip()
    if value.isascii() and "\x1b" not in value:
        if "=?" in value:
            value = _decode_words(value, problems)
        return _CONTROL.sub("", value) if not value.isprintable() else value
    if "=?" in value and _WORD_START.search(value):
        value = _decode_words(value, problems, hint)
    else:
        value = _decode_raw(value, problems, hint)
    return _CONTROL.sub("", value)


def _decode_raw(value: str, problems: set[str], hint: str | None) -> str:
    data = as_bytes(value)
    text, charset, problem = decode(data, None, hint)
    if problem and charset != "utf-8":
        problems.add("raw_8bit_header")
    return text


def _decode_words(value: str, problems: set[str], hint: str | None = None) -> str:
    """Encoded words and the text between them; neighbours of one charset are joined before decoding,
    because many senders cut in the middle of a character."""
    out: list[str] = []
    charset, pending, last_end, joined_text = "", b"", 0, ""
    at = 0
    while True:
        match = _WORD_START.search(value, at)
        if match is None:
            break
        begin, payload_at = match.span()
        end = value.find("?=", payload_at)
        if end < 0:
            problems.add("bad_encoded_word")
            end = len(value)
        payload = value[payload_at:end]
        between = value[last_end:begin]
        name, base64 = match[1].lower(), match[2] in "Bb"
        adjoining = last_end and not between.strip()
        if not adjoining or name != charset:
            out.append(_finish(charset, pending, problems))
            charset, pending, joined_text = name, b"", ""
            if not adjoining:
                out.append(between if between.isascii() else _decode_raw(between, problems, hint))
        if base64:
            payload = joined_text + payload
            joined_text = ""
            if len(payload) % 4 and "=" not in payload and _neighbour_follows(value, end + 2, name):
                whole = len(payload) - len(payload) % 4
                payload, joined_text = payload[:whole], payload[whole:]
            pending += _base64(payload, problems)
        else:
            pending += binascii.a2b_qp(as_bytes(payload), header=True)
        at = last_end = min(end + 2, len(value))
    out.append(_finish(charset, pending, problems))
    rest = value[last_end:]
    out.append(rest if rest.isascii() else _decode_raw(rest, problems, hint))
    text = "".join(out)
    return _FOLD.sub(" ", text) if "\n" in text or "\r" in text else text


def _neighbour_follows(value: str, at: int, name: str) -> bool:
    rest = value[at : at + 80].lstrip().lower()
    return rest.startswith(f"=?{name}?b?")


def _finish(charset: str, data: bytes, problems: set[str]) -> str:
    if not data:
        return ""
    text, _used, problem = decode(data, charset)
    if problem:
        problems.add("bad_encoded_word" if problem in ("unknown_charset", "charset_damaged") else problem)
    return text


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def _base64(payload: str, problems: set[str]) -> bytes:
    try:
        return binascii.a2b_base64(payload + "=" * (-len(payload) % 4))
    except ValueError:
        problems.add("bad_encoded_word")
    clean = _NOT_BASE64.sub(b"", as_bytes(payload))
    clean = clean[: len(clean) - (len(clean) % 4 == 1)]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


# ---- parameters -----------------------------------------------------------------------------------

_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_SEGMENT = re.compile(r"^(.+?)(?:\*(\d{1,4}))?(\*)?$")
_SIMPLE_PARAMETER = re.compile(r'^\s*([A-Za-z\-]+)\s*=\s*(?:"([^"\\\r\n]*)"|([^\s;"]+))\s*$')


def parse_parameters(value: str, problems: set[str]) -> tuple[str, dict[str, str]]:
    """A value such as `text/plain; charset=utf-8`: its lower-case main part and its decoded parameters."""
    main, semicolon, rest = value.partition(";")
    main = "".join(main.split()).lower()
    if not semicolon:
        return main, {}
    simple = _SIMPLE_PARAMETER.match(rest)
    if simple and rest.isascii() and "=?" not in rest:
        return main, {simple[1].lower(): simple[2] if simple[2] is not None else simple[3]}
    found: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, raw in _PARAMETER.findall(";" + unfold(rest)):
        raw = raw.strip()
        if raw[:1] == '"':
            raw = raw[1:-1] if len(raw) > 1 and raw[-1] == '"' else raw[1:]
            if "\\" in raw:
                raw = re.sub(r"\\(.)", r"\1", raw)
        segment = _SEGMENT.match(name.lower())
        if segment is None:
            continue
        base, number, extended = segment[1], segment[2], bool(segment[3])
        # The extended form of RFC 2231 wins over a plain one of the same name.
        slot = found.setdefault(base, {})
        key = int(number) if number else (-1 if extended else -2)
        slot.setdefault(key, (raw, extended))
    return main, {name: _join_segments(slot, problems) for name, slot in found.items()}


def _join_segments(slot: dict[int, tuple[str, bool]], problems: set[str]) -> str:
    if 0 in slot or -1 in slot:
        keys = sorted(k for k in slot if k >= 0) if 0 in slot else [-1]
        charset, data = "", b""
        for position, key in enumerate(keys):
            raw, extended = slot[key]
            if extended and position == 0:
                parts = raw.split("'", 2)
                if len(parts) == 3:
                    charset, raw = parts[0], parts[2]
            data += unquote_to_bytes(as_bytes(raw)) if extended else as_bytes(raw)
        text, _used, problem = decode(data, charset or None)
        if problem and problem != "charset_missing":
            problems.add("bad_parameter")
        return _CONTROL.sub("", text)
    raw = slot.get(-2, slot[min(slot)])[0]
    return decode_text(raw, problems)


# ---- message ids and dates ------------------------------------------------------------------------

_MESSAGE_ID = re.compile(r"<[^<>]{1,996}>")
_BARE_ID = re.compile(r"[^\s<>,;\"]{1,500}@[^\s<>,;\"]{1,400}")


def message_ids(value: str) -> tuple[str, ...]:
    """All ids in order, each once, in angle brackets."""
    found = _MESSAGE_ID.findall(value)
    if not found:
        found = [f"<{bare}>" for bare in _BARE_ID.findall(value[:MAX_FIELD])]
    ids = dict.fromkeys(_clean_id(i) for i in found[:MAX_MESSAGE_IDS])
    ids.pop("<>", None)
    return tuple(ids)


def message_id(value: str) -> str:
    """The one id of a Message-ID field; whatever stands there when it has no brackets."""
    ids = message_ids(value)
    if ids:
        return ids[0]
    bare = _clean_id(unfold(value))[:996].strip("<>")
    return f"<{bare}>" if bare else ""


def _clean_id(value: str) -> str:
    if value.isascii() and value.isprintable() and " " not in value:
        return value
    value = as_bytes(value).decode("utf-8", "replace")
    return _CONTROL.sub("", "".join(value.split()))


_MONTHS = {m: n for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}
_DATE = re.compile(
    r"\s*(?:[A-Za-z]{3,9}\s*,?\s*)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(?:([+-])(\d\d):?(\d\d)|(GMT|UTC?|Z)\b)"
)


def parse_date(value: str) -> datetime | None:
    """An aware time; UTC when no zone is given; None for nonsense."""
    try:
        match = _DATE.match(value)
        if match:
            day, month, year, hour, minute, second, sign, off_h, off_m, _utc = match.groups()
            zone = UTC
            if sign and (off_h != "00" or off_m != "00"):
                offset = timedelta(hours=int(off_h), minutes=int(off_m))
                zone = timezone(-offset if sign == "-" else offset)
            return datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=zone)
    except (ValueError, KeyError, OverflowError):
        pass
    return _odd_date(unfold(value)[:200])


def _odd_date(value: str) -> datetime | None:
    try:
        parsed = parsedate_tz(value)
        if parsed is not None:
            offset = parsed[9] or 0
            if abs(offset) >= 86_400:
                offset = 0
            return datetime(*parsed[:5], min(parsed[5], 59), tzinfo=timezone(timedelta(seconds=offset)))
        found = datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
