"""ISO-2022-JP and EUC-JP as they are really sent: with NEC and IBM characters and half-width kana.

Python's codecs follow the standards to the letter and refuse what Windows and the carriers
send (CP50220, CP50221, CP51932). The JIS rows are mapped to Shift_JIS here and read as CP932,
which holds all of those characters.
"""

import re

_ESCAPE = re.compile(rb"\x1b(?:\$\([A-Z]|\$[@AB]|\([A-Z]|\.[A-Z]|N|&@)")
_REPLACEMENT = "\ufffd"


def decode_iso2022jp(data: bytes, *, strict: bool = True) -> str | None:
    """The text; None when `strict` and the bytes are not ISO-2022-JP of any kind."""
    try:
        return data.decode("iso2022_jp")
    except UnicodeError:
        pass
    if strict and (b"\x1b" not in data and b"\x0e" not in data):
        return data.decode("ascii") if data.isascii() else None
    if b"\x1b$A" in data or b"\x1b$(C" in data or b"\x1b." in data:
        try:
            return data.decode("iso2022_jp_2")
        except UnicodeError:
            pass
    text = _decode_by_segments(data)
    if strict and text.count(_REPLACEMENT) > max(2, len(text) * 0.05):
        return None
    return text


def _decode_by_segments(data: bytes) -> str:
    out, mode, at = [], b"(B", 0
    for match in _ESCAPE.finditer(data):
        out.append(_segment(data[at : match.start()], mode))
        mode, at = match.group()[1:], match.end()
    out.append(_segment(data[at:], mode))
    return "".join(out)


def _segment(chunk: bytes, mode: bytes) -> str:
    if not chunk:
        return ""
    if mode in (b"$B", b"$@", b"$(B", b"$(O", b"$(Q", b"$(P"):
        return _double_byte(chunk)
    if mode == b"(I":
        return _half_width(chunk)
    if mode == b"$(D":
        return _supplementary(chunk)
    if b"\x0e" in chunk:
        return _shifted(chunk)
    return chunk.decode("ascii") if chunk.isascii() else chunk.decode("cp932", "replace")


def _double_byte(chunk: bytes) -> str:
    """JIS X 0208 with vendor rows. A line end returns to ASCII (RFC 1468), which senders forget to say."""
    lines = chunk.split(b"\n")
    if len(lines) > 1:
        head = _double_byte(lines[0].rstrip(b"\r"))
        return head + "\n" + b"\n".join(lines[1:]).decode("ascii", "replace")
    out = bytearray()
    i, size = 0, len(chunk)
    while i < size:
        first = chunk[i]
        if 0x21 <= first <= 0x7E and i + 1 < size and 0x21 <= chunk[i + 1] <= 0x7E:
            out += _to_shift_jis(first, chunk[i + 1])
            i += 2
        else:
            out.append(first if first < 0x80 or 0xA1 <= first <= 0xDF else 0x3F)
            i += 1
    return bytes(out).decode("cp932", "replace")


def _to_shift_jis(row: int, cell: int) -> bytes:
    lead = ((row - 0x21) >> 1) + 0x81
    if lead > 0x9F:
        lead += 0x40
    if row & 1:
        trail = cell + (0x1F if cell < 0x60 else 0x20)
    else:
        trail = cell + 0x7E
    return bytes((min(lead, 0xFC), trail))


def _half_width(chunk: bytes) -> str:
    return bytes(b | 0x80 if 0x21 <= b <= 0x5F else b for b in chunk).decode("cp932", "replace")


def _shifted(chunk: bytes) -> str:
    """Half-width kana between SO and SI, as old mail programs sent them."""
    out = []
    for n, piece in enumerate(re.split(rb"[\x0e\x0f]", chunk)):
        out.append(_half_width(piece) if n % 2 else piece.decode("cp932", "replace"))
    return "".join(out)


def _supplementary(chunk: bytes) -> str:
    """JIS X 0212: EUC-JP carries it behind a single shift."""
    euc = bytearray()
    for i in range(0, len(chunk) - 1, 2):
        euc += bytes((0x8F, chunk[i] | 0x80, chunk[i + 1] | 0x80))
    return bytes(euc).decode("euc_jp", "replace")


def decode_eucjp(data: bytes) -> str | None:
    """EUC-JP, with the vendor rows of CP51932 where the standard has none; None when it is neither."""
    try:
        return data.decode("euc_jp")
    except UnicodeError:
        pass
    out, at = [], 0
    for match in _EUC_RUN.finditer(data):
        out.append(data[at : match.start()])
        run = match.group()
        out.append(b"".join(_to_shift_jis(run[i] & 0x7F, run[i + 1] & 0x7F) for i in range(0, len(run), 2)))
        at = match.end()
    out.append(data[at:])
    joined = b"".join(out)
    if b"\x8f" in data:
        return None
    try:
        return joined.replace(b"\x8e", b"").decode("cp932")
    except UnicodeError:
        return None


_EUC_RUN = re.compile(rb"(?:(?<!\x8e)[\xa1-\xfe][\xa1-\xfe])+")
