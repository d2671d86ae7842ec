"""The tree of parts of one message (RFC 2045, 2046), cut by offsets into the raw bytes.

Python's own parser keeps every line as an object and recurses once per level; this one is
bounded in time and depth for any input, and five times as fast on ordinary mail.
"""

import binascii
import re

from madoguchi.channels.mail.headers import Fields, as_bytes, parse_parameters, read_fields

# Deeper parts are kept whole as an attachment.
MAX_DEPTH = 40
# Further parts of a message are not listed (they stay in the raw mail).
MAX_PARTS = 1_000
# A header block longer than this is cut.
MAX_HEADER = 1_000_000

_SNIFF_BOUNDARY = re.compile(rb"(?:^|\n)--([^\s]{1,200})[ \t]*\r?\n(?=[A-Za-z\-]+:)")


_TYPE = re.compile(r"[a-z0-9!#$&^_.+\-]+/[a-z0-9!#$&^_.+\-]+")


class Part:
    """One part: its fields, its type and where its body lies in the raw bytes."""

    __slots__ = ("_disposition", "children", "end", "fields", "head_start", "index", "parameters", "start", "type")

    def __init__(self, fields: Fields, head_start: int, start: int, end: int):
        self.fields = fields
        self.head_start = head_start
        self.start = start
        self.end = end
        self.children: list[Part] = []
        self.index = 0
        self.type = "text/plain"
        self.parameters: dict[str, str] = {}
        self._disposition: tuple[str, dict[str, str]] | None = None

    def get(self, name: str) -> str:
        values = self.fields.get(name)
        return values[0] if values else ""

    def disposition(self, problems: set[str]) -> tuple[str, dict[str, str]]:
        """`attachment`, `inline` or "", and its parameters."""
        if self._disposition is None:
            value = self.get("content-disposition")
            self._disposition = parse_parameters(value, problems) if value else ("", {})
        return self._disposition

    def walk(self):
        """This part and all below it, depth first: the order of `index`."""
        yield self
        for child in self.children:
            yield from child.walk()


class Tree:
    """The parts of one raw message, and what was wrong with its form."""

    def __init__(self, raw: bytes, problems: set[str]):
        self.raw = raw
        self.problems = problems
        self.count = 0
        self.root = self._part(0, len(raw), 0, "text/plain")

    def _part(self, start: int, end: int, depth: int, default_type: str) -> Part:
        fields, body = self._head(start, end, top=depth == 0)
        part = Part(fields, start, body, end)
        part.index = self.count
        self.count += 1
        content_type = part.get("content-type")
        if content_type:
            part.type, part.parameters = parse_parameters(content_type, self.problems)
            if not _TYPE.fullmatch(part.type):
                part.type = self._mended_type(part.type, default_type)
        else:
            part.type = default_type
        if part.type.startswith("multipart/"):
            self._split(part, depth)
        return part

    def _mended_type(self, found: str, default_type: str) -> str:
        if found in ("", default_type):
            return default_type
        self.problems.add("bad_content_type")
        prefix = _TYPE.match(found)
        if prefix:
            return prefix.group()
        if found.rstrip("/") in ("text", "plain"):
            return "text/plain"
        if found.rstrip("/") in ("html", "htm"):
            return "text/html"
        if found.startswith("multipart"):
            return "multipart/mixed"
        return "application/octet-stream"

    def _head(self, start: int, end: int, *, top: bool) -> tuple[Fields, int]:
        raw = self.raw
        if raw.startswith((b"\r\n", b"\n"), start, end):
            # An empty line first: a part without fields; a message whose sender began with empty lines.
            if not top:
                return {}, start + (2 if raw[start : start + 2] == b"\r\n" else 1)
            begin = start
            while begin < end and raw[begin] in b"\r\n":
                begin += 1
            start = begin
        stop = raw.find(b"\r\n\r\n", start, end)
        gap = 4
        bare = raw.find(b"\n\n", start, end if stop < 0 else stop)
        if bare >= 0:
            stop, gap = bare, 2
        if stop < 0:
            stop, gap = end, 0
        size = stop - start
        if size > MAX_HEADER:
            self.problems.add("header_too_long")
            size = MAX_HEADER
        block = raw[start : start + size]
        if block.find(b"\r") >= 0 and b"\n" not in block:
            block = block.replace(b"\r", b"\n")
            double = block.find(b"\n\n")
            if double >= 0:
                block, stop, gap = block[:double], start + double, 2
        # Surrogate escapes keep every byte; the common case is pure ASCII.
        text = block.decode("ascii", "surrogateescape")
        fields, ended, damaged = read_fields(text, strict_start=top)
        if damaged:
            self.problems.add("damaged_header")
        if not fields and (top or ended < len(text)):
            return fields, start
        if ended < len(text) and size == stop - start:
            return fields, start + ended
        return fields, stop + gap

    def _split(self, part: Part, depth: int) -> None:
        boundary = as_bytes(part.parameters.get("boundary", "")).rstrip()
        if not boundary:
            self.problems.add("no_boundary")
            sniffed = _SNIFF_BOUNDARY.search(self.raw, part.start, min(part.end, part.start + 65_536))
            if not sniffed:
                return
            boundary = sniffed[1]
        if depth >= MAX_DEPTH:
            self.problems.add("too_deep")
            return
        spans, closed = self._spans(boundary, part.start, part.end)
        if not closed:
            self.problems.add("no_end_boundary" if spans else "no_parts")
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for start, end in spans:
            if self.count >= MAX_PARTS:
                self.problems.add("too_many_parts")
                break
            part.children.append(self._part(start, end, depth + 1, default))

    def _spans(self, boundary: bytes, start: int, end: int) -> tuple[list[tuple[int, int]], bool]:
        raw, delimiter = self.raw, b"--" + boundary
        spans: list[tuple[int, int]] = []
        begin = -1
        at = start
        while True:
            found = raw.find(delimiter, at, end)
            if found < 0:
                break
            at = found + len(delimiter)
            if found > start and raw[found - 1] not in b"\r\n":
                continue
            line_end = raw.find(b"\n", at, end)
            if line_end < 0:
                line_end = end
            rest = raw[at : min(line_end, at + 200)].strip()
            if rest and not rest.startswith(b"--"):
                continue
            if rest and rest.strip(b"- \t\r"):
                continue
            if begin >= 0:
                spans.append((begin, self._before_line_end(found, begin)))
                if len(spans) > MAX_PARTS:
                    self.problems.add("too_many_parts")
                    return spans, True
            if rest:
                return spans, True
            begin = at = min(line_end + 1, end)
        if 0 <= begin < end:
            spans.append((begin, end))
        return spans, False

    def _before_line_end(self, at: int, begin: int) -> int:
        raw = self.raw
        if at > begin and raw[at - 1] == 10:
            at -= 1
        if at > begin and raw[at - 1] == 13:
            at -= 1
        return at


# ---- transfer encodings ---------------------------------------------------------------------------

_ENCODING_NOISE = re.compile(r"[^a-z0-9]+")
_IDENTITY = frozenset(
    (
        "7bit",
        "8bit",
        "binary",
        "",
        "7bits",
        "8bits",
        "7",
        "8",
        "none",
        "plain",
        "text",
        "textplain",
        "texthtml",
        "ascii",
        "utf8",
        "identity",
    )
)
# More blanks than this share of a body that is said to be base64: it is plain text.
_TEXT_BLANKS = 0.06
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}[ \t]*")


def transfer_decode(raw: bytes, part: Part, problems: set[str]) -> bytes:
    """The bytes of the part without base64, quoted-printable or uuencode."""
    body = raw[part.start : part.end]
    encoding = part.get("content-transfer-encoding")
    if not encoding:
        return body
    encoding = _ENCODING_NOISE.sub("", encoding.lower())
    if encoding in _IDENTITY:
        return body
    if encoding == "base64":
        return _from_base64(body, problems)
    if encoding in ("quotedprintable", "qp"):
        return binascii.a2b_qp(body)
    if encoding in ("xuuencode", "uuencode", "xuue", "uue"):
        return _from_uu(body, problems)
    problems.add("unknown_transfer_encoding")
    return body


def _from_base64(body: bytes, problems: set[str]) -> bytes:
    body = body.strip()
    pad = body.find(b"=")
    if pad < 0 or pad >= len(body) - 2:
        try:
            data = binascii.a2b_base64(body)
        except ValueError:
            data = b""
        # The decoder skips junk in silence; the length tells.
        if len(data) == len(body.translate(None, b"\r\n\t =")) * 3 // 4:
            return data
    problems.add("bad_base64")
    if body.count(b" ") > len(body) * _TEXT_BLANKS:
        return body
    # Lines of another kind before or after, such as a list's footer, are no part of the data.
    lines = [line for line in body.splitlines() if line]
    whole = [line for line in lines if _BASE64_LINE.fullmatch(line)]
    if len(whole) * 2 > len(lines) > len(whole):
        body = b"\n".join(whole)
    # Several padded pieces one after the other, or junk between: decode each run for itself.
    out = []
    for piece in re.split(rb"=+", body):
        clean = _NOT_BASE64.sub(b"", piece)
        clean = clean[: len(clean) - (len(clean) % 4 == 1)]
        out.append(binascii.a2b_base64(clean + b"=" * (-len(clean) % 4)))
    return b"".join(out)


def _from_uu(body: bytes, problems: set[str]) -> bytes:
    out, inside = [], False
    for line in body.splitlines():
        if not inside:
            inside = line.startswith(b"begin ")
            continue
        if line.strip() in (b"end", b"`", b""):
            if line.strip() == b"end":
                break
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except ValueError:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:length]))
            except ValueError:
                problems.add("bad_uuencode")
    return b"".join(out) if out else body
