"""Bytes to text: what the sender declared, what the bytes really are, and never an exception.

Mail of Japan and China carries vendor extensions that the registered names do not cover, and
many senders declare one charset and write another. `decode` therefore tries the declared one
first, checks it against the bytes, and falls back to a guess by plausibility.
"""

import codecs
import re
from encodings.aliases import aliases as _python_aliases
from functools import lru_cache

from madoguchi.channels.mail.charset_guess import doubtful, guess
from madoguchi.channels.mail.iso2022 import decode_eucjp, decode_iso2022jp

# Codecs of Python that are not charsets, or that a stranger must not be able to start.
_NOT_CHARSETS = frozenset(
    {
        "base64_codec",
        "bz2_codec",
        "hex_codec",
        "quopri_codec",
        "rot_13",
        "uu_codec",
        "zlib_codec",
        "mbcs",
        "oem",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
    }
)

# Names seen in mail that Python does not know, or knows too narrowly. WHATWG's Encoding
# Standard does the same: gb2312 is read as gb18030, latin-1 as windows-1252, and so on.
_OWN_NAMES = {
    "gb2312": "gb18030",
    "gb231280": "gb18030",
    "gb23121980": "gb18030",
    "gbk": "gb18030",
    "xgbk": "gb18030",
    "gb18030": "gb18030",
    "gb180302000": "gb18030",
    "gb180302005": "gb18030",
    "eucgb2312cn": "gb18030",
    "euccn": "gb18030",
    "chinesegb2312": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "936": "gb18030",
    "windows936": "gb18030",
    "gb": "gb18030",
    "xgb": "gb18030",
    "csgb2312": "gb18030",
    "csiso58gb231280": "gb18030",
    "isoir58": "gb18030",
    "chinese": "gb18030",
    "xeuccn": "gb18030",
    "big5": "big5",
    "big5eten": "big5",
    "xxbig5": "big5",
    "cnbig5": "big5",
    "csbig5": "big5",
    "cp950": "big5",
    "windows950": "big5",
    "ms950": "big5",
    "xbig5": "big5",
    "big5hkscs": "big5",
    "big5hk": "big5",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "xsjis": "cp932",
    "mskanji": "cp932",
    "ms932": "cp932",
    "windows31j": "cp932",
    "cswindows31j": "cp932",
    "csshiftjis": "cp932",
    "cp932": "cp932",
    "cp943": "cp932",
    "windows932": "cp932",
    "932": "cp932",
    "xmscp932": "cp932",
    "shiftjisx0213": "shift_jisx0213",
    "eucjp": "euc-jp",
    "xeucjp": "euc-jp",
    "xeuc": "euc-jp",
    "ujis": "euc-jp",
    "cp51932": "euc-jp",
    "eucjpms": "euc-jp",
    "eucjpwin": "euc-jp",
    "cseucpkdfmtjapanese": "euc-jp",
    "iso2022jp": "iso-2022-jp",
    "iso2022jp1": "iso-2022-jp",
    "iso2022jp2": "iso-2022-jp",
    "iso2022jp3": "iso-2022-jp",
    "iso2022jpms": "iso-2022-jp",
    "iso2022jpext": "iso-2022-jp",
    "csiso2022jp": "iso-2022-jp",
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp",
    "jis": "iso-2022-jp",
    "xiso2022jp": "iso-2022-jp",
    "euckr": "cp949",
    "xeuckr": "cp949",
    "ksc56011987": "cp949",
    "ksc5601": "cp949",
    "ksx1001": "cp949",
    "ksc5601.1987": "cp949",
    "windows949": "cp949",
    "ms949": "cp949",
    "cseuckr": "cp949",
    "korean": "cp949",
    "uhc": "cp949",
    "xwindows949": "cp949",
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "latin": "cp1252",
    "l1": "cp1252",
    "iso88591windows30latin1": "cp1252",
    "isoir100": "cp1252",
    "csisolatin1": "cp1252",
    "cp819": "cp1252",
    "ansi": "cp1252",
    "xansi": "cp1252",
    "western": "cp1252",
    "xcp1252": "cp1252",
    "cp1252": "cp1252",
    "windows1252": "cp1252",
    "iso8859": "cp1252",
    "iso88598i": "iso8859-8",
    "iso88598e": "iso8859-8",
    "iso88596i": "iso8859-6",
    "iso88596e": "iso8859-6",
    "iso88599": "cp1254",
    "latin5": "cp1254",
    "iso885911": "cp874",
    "tis620": "cp874",
    "dos874": "cp874",
    "windows874": "cp874",
    "macintosh": "mac-roman",
    "xmacroman": "mac-roman",
    "mac": "mac-roman",
    "xmacjapanese": "cp932",
    "xmacchinesesimp": "gb18030",
    "xmacchinesetrad": "big5",
    "xmaccyrillic": "mac-cyrillic",
    "koi8ru": "koi8-u",
    "koi8": "koi8-r",
    "cskoi8r": "koi8-r",
    "cp878": "koi8-r",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "xutf8": "utf-8",
    "unicode11utf8": "utf-8",
    "utf": "utf-8",
    "unicode": "utf-16",
    "ucs2": "utf-16",
    "iso10646ucs2": "utf-16",
    "utf7": "utf-7",
    "xunicode20utf7": "utf-7",
    "unicode11utf7": "utf-7",
    "csunicode11utf7": "utf-7",
    "usascii": "ascii",
    "ascii": "ascii",
    "ansix3.41968": "ascii",
    "ansix341968": "ascii",
    "iso646us": "ascii",
    "7bit": "ascii",
    "8bit": "ascii",
    "default": "ascii",
    "none": "ascii",
    "hzgb2312": "hz",
    "hz": "hz",
    "hzgb": "hz",
}
_PYTHON_NAMES = {re.sub(r"[^a-z0-9.]", "", k): v for k, v in _python_aliases.items() if v not in _NOT_CHARSETS}
_PYTHON_NAMES |= {re.sub(r"[^a-z0-9.]", "", v): v for v in _python_aliases.values() if v not in _NOT_CHARSETS}

_ISO2022_ESCAPE = re.compile(rb"\x1b\$[@BA(]|\x1b\([IJ]")
_SINGLE_BYTE = re.compile(r"(cp|windows|iso8859|koi8|mac|latin|ascii|hp_|ptcp|kz)")
# Above this share of undecodable characters the declared charset is taken as a lie.
_TOLERATED_DAMAGE = 0.08


@lru_cache(maxsize=512)
def codec_for(name: str) -> str | None:
    """The codec for a charset name as written in mail, or None when nobody knows it.

    Only names of a closed table are looked up: Python caches every unknown name for ever,
    which would let a stranger fill the memory.
    """
    key = re.sub(r"[^a-z0-9.]", "", name.lower()[:60])
    found = _OWN_NAMES.get(key) or _PYTHON_NAMES.get(key)
    if found is None and key.startswith(("windows", "cp", "ibm", "xcp", "xwindows")):
        found = _PYTHON_NAMES.get("cp" + re.sub(r"\D", "", key))
    if found is None or found == "iso-2022-jp":
        return found
    try:
        codecs.lookup(found)
    except LookupError:
        return None
    return found


def decode(data: bytes, declared: str | None = None, hint: str | None = None) -> tuple[str, str, str | None]:
    """Text, the charset that was used, and a problem code or None.

    `declared` is the name from the header as it stands; `hint` is a charset to prefer when
    the bytes have to be guessed (a header in raw bytes takes the one of its body).
    The charset comes back as declared when it was right.
    """
    declared = (declared or "").strip().strip("\"'").lower()
    if data.isascii() and b"\x1b" not in data and (not declared or declared in ("us-ascii", "utf-8")):
        return data.decode("ascii"), declared or "us-ascii", None
    codec = codec_for(declared) if declared else None
    problem = "unknown_charset" if declared and codec is None else None
    if codec is None or codec == "ascii":
        return _decode_undeclared(data, declared, problem, hint)
    text = _decode_declared(data, codec)
    if text is not None:
        return text, declared, None
    text, used = guess(data, hint=codec)
    if used is None or (used == codec == "utf-8"):
        return _replacing(data, codec), declared, "charset_damaged"
    if "\ufffd" in text or used == codec:
        best = _replacing(data, codec)
        if best.count("\ufffd") <= max(text.count("\ufffd"), _TOLERATED_DAMAGE * len(best)):
            return best, declared, "charset_damaged"
    return text, used, "charset_mismatch"


def _decode_undeclared(data: bytes, declared: str, problem: str | None, hint: str | None) -> tuple[str, str, str | None]:
    if data.isascii() and not _ISO2022_ESCAPE.search(data):
        return data.decode("ascii"), "us-ascii" if problem else declared or "us-ascii", problem
    text, used = guess(data, hint=codec_for(hint) if hint else None)
    if used is None:
        return data.decode("cp1252", "replace"), "windows-1252", problem or "charset_damaged"
    if problem is None:
        problem = "charset_mismatch" if declared else "charset_missing"
    return text, used, problem


def _decode_declared(data: bytes, codec: str) -> str | None:
    """The text, or None when the bytes cannot be what the name says."""
    if codec == "utf-8":
        if b"\x1b" in data and data.isascii() and _ISO2022_ESCAPE.search(data):
            return None
        return _strict(data, "utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "utf-8")
    if codec == "iso-2022-jp":
        return decode_iso2022jp(data)
    if data.isascii():
        if _ISO2022_ESCAPE.search(data) and codec not in ("utf-7", "hz"):
            return None
        return _wide_or_ascii(data, codec)
    if codec.startswith(("utf-", "utf_")):
        return _wide_or_ascii(data, codec)
    as_utf8 = _strict(data, "utf-8")
    if codec in ("gb18030", "big5", "cp932", "euc-jp", "cp949"):
        if as_utf8 is not None and _only_wide(as_utf8):
            return None
        text = _decode_east_asian(data, codec)
        return None if text is not None and doubtful(text, data, codec) else text
    if as_utf8 is not None and codec != "utf-8":
        return None
    if _SINGLE_BYTE.match(codec):
        if _looks_double_byte(data):
            return None
        text = _strict(data, codec)
        if text is not None or codec != "cp1252":
            return text
        # Bytes that windows-1252 does not have: a second byte of Shift_JIS rather than a control character of Latin-1.
        return None if guess(data, only_double_byte=True)[1] else data.decode("latin-1")
    return _strict(data, codec)


def _decode_east_asian(data: bytes, codec: str) -> str | None:
    if codec == "big5":
        return _strict(data, "cp950") or _strict(data, "big5hkscs")
    if codec == "euc-jp":
        return decode_eucjp(data)
    if codec == "cp932":
        return _strict(data, "cp932") or _strict(data, "shift_jis_2004")
    return _strict(data, codec)


def _wide_or_ascii(data: bytes, codec: str) -> str | None:
    if codec.startswith(("utf-16", "utf_16", "utf-32", "utf_32")) and b"\0" not in data and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return None
    if codec in ("utf-16", "utf_16") and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        # RFC 2781: without a mark the order is big-endian; many senders write little-endian.
        codec = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    return _strict(data, codec)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _replacing(data: bytes, codec: str) -> str:
    if codec == "iso-2022-jp":
        return decode_iso2022jp(data, strict=False) or ""
    try:
        return data.decode("cp950" if codec == "big5" else codec, "replace")
    except (UnicodeError, ValueError):
        return data.decode("latin-1")


def _only_wide(text: str) -> bool:
    """All of the non-ASCII text lies where UTF-8 needs three bytes: real double-byte text never does by chance."""
    wide = [c for c in text if c > "\x7f"]
    return len(wide) >= 2 and all(c >= "\u0800" for c in wide)


_HIGH_RUN = re.compile(rb"[\x80-\xff]{4,}")


def _looks_double_byte(data: bytes) -> bool:
    """Mostly long runs of high bytes: not the prose of a single-byte Latin alphabet, nor Cyrillic words with spaces."""
    high = len(data) - len(data.translate(None, _HIGH_BYTES))
    if high < 8:
        return False
    even = sum(len(run) for run in _HIGH_RUN.findall(data))
    return even / high > 0.9 and guess(data, only_double_byte=True)[1] is not None


_HIGH_BYTES = bytes(range(0x80, 0x100))
