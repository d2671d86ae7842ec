"""Our own search terms: the same pure function for every database.

Neither SQLite's nor PostgreSQL's tokenizer finds 退款 inside a Chinese sentence, Rücksendung inside Paketrücksendung,
or HZ-264762 when HZ264762 was typed. So we cut texts into terms ourselves and hand both databases ready terms.

* `fold` makes characters equal that people take for equal: width, case, kana, Chinese and Japanese forms, accents.
* `index_terms` cuts a text into `words` in order (for phrases) and `parts`, a set of further terms that also find it.

Terms hold letters and digits only, no white space and no ASCII punctuation.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from operator import add
from pathlib import Path

TERMS_VERSION = 1
"""Raised with every change that gives other terms for the same text: the index must then be built again."""

MAX_TEXT = 60_000
"""Characters of one field that are indexed; the rest is not searchable."""
MAX_WORDS = 15_000
"""Words of one text. Below the 16,383 positions that PostgreSQL's tsvector can count, so both databases agree."""
MAX_PARTS = 8_000
MAX_TERM = 64
"""Characters of one term; longer ones are cut."""

LONG_WORD = 9
"""From this many letters on, a word may be a compound and is found by its endings too."""
SHORTEST_HEAD = 3
SHORTEST_TAIL = 4
"""A compound's first and last part have at least this many letters."""
JOINED_PIECES = 8
"""A name of at most so many pieces (e-mail, anna.meier@example.de) is found without its separators too."""
PHONE_TAIL = 8
"""Digits from the end that make two telephone numbers equal, with or without the country's prefix."""

# Scripts that are written without spaces, and Hangul, whose words change at the end: cut into overlapping pairs.
DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"
    "\u3040-\u30ff\u3100-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_WORD = rf"[^\x00-/:-`{{-\x7f{DENSE}]+"
TOKEN = re.compile(rf"([{DENSE}]+)|{_WORD}(?:[-'._@]{_WORD})*")
"""One run of a dense script (group 1), or a word, or words tied by separators. Works on folded text."""
_PIECE = re.compile(r"\d+|\D+")
_PIECES = re.compile(r"[-'._@]")
PHONE = re.compile(r"[+0-9](?<![a-z0-9].)(?:[ ()./-]{0,2}\d){8,19}")
"""Nine to twenty digits with separators between them: telephone, card and customer numbers."""
_ENDING = re.compile(r"(?:e[mnrsd]?|s|n|ing)+\Z")
_SPELT_UMLAUT = re.compile(r"(?<=[aou])(?<![aeq]u)e+(?=[a-df-rt-z]|s[a-z])")
_LONG_SOUND_AS_DASH = re.compile(r"(?<=\d)ー(?=\d)")

_MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f"
_COMBINING = re.compile(rf"[{_MARKS}\u0900-\u109f\u1160-\u11ff]")
"""Characters that may melt into the one before them under NFKC: ﾊ + ﾟ, u + ¨, Indic vowels, Hangul letters."""
_CLUSTER_END = re.compile(rf"(?<=.)(?![{_MARKS}])", re.DOTALL)

_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u300c": '"', "\u300d": '"'}
_ABOVE_OR_BELOW = 200  # Unicode's combining classes of accents; lower ones belong to particular scripts
_MEMO_LIMIT = 60_000


def _han_classes() -> dict[str, str]:
    equal = {}
    for line in (Path(__file__).parent / "han_fold.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            equal.update(dict.fromkeys(line[1:], line[0]))
    return equal


class _Characters(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    han: dict[str, str] | None = None

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chr(code)).casefold())
        folded = "".join(map(self.fold_one, plain))
        if len(self) < _MEMO_LIMIT:  # hostile text may hold every character there is
            self[code] = folded
        return folded

    def fold_one(self, char: str) -> str:
        if char.isascii():
            return char if " " <= char < "\x7f" else " "
        known = _LETTERS.get(char) or _QUOTES.get(char)
        if known:
            return known
        if "ァ" <= char <= "ヶ" or char in "ヽヾ":
            return chr(ord(char) - 0x60)
        category = unicodedata.category(char)
        if category in ("Mn", "Me"):
            # Marks on Latin, Greek and Cyrillic letters fall away; those of Indic scripts are parts of their letters.
            return "" if unicodedata.combining(char) >= _ABOVE_OR_BELOW or "\u0300" <= char <= "\u036f" else char
        if category == "Pd":
            return "-"
        if category in ("Cf", "Cs"):
            return ""
        if category[0] not in "LMN" and category != "Co":
            return " "
        if char >= "\u2e80":
            if self.han is None:
                self.han = _han_classes()
            return self.han.get(char, char)
        base = unicodedata.normalize("NFD", char)[0]
        return _LETTERS.get(base, base) if base < "\u0530" else char


_CHARACTERS = _Characters()


def fold(text: str) -> str:
    """The text with every character in its plainest form; spelling variants such as ue for ü are left to `stem`."""
    if text.isascii():
        return text.lower() if text.isprintable() else text.lower().translate(_CHARACTERS)
    if _COMBINING.search(text):
        # Once more at the end: an invisible character that fell away may have kept か and its voicing mark apart.
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).translate(_CHARACTERS))
    else:
        folded = text.translate(_CHARACTERS)
    return _LONG_SOUND_AS_DASH.sub("-", folded) if "ー" in folded else folded


def fold_with_offsets(text: str) -> tuple[str, list[int] | None]:
    """`fold`, and for each folded character the place of its source in `text`; None where the two run side by side.

    Ends with one more offset, the length of `text`. Characters are folded with the marks that follow them.
    """
    if text.isascii():
        return fold(text), None
    clusters = _CLUSTER_END.split(text) if _COMBINING.search(text) else text
    folded = [_fold_cluster(cluster) for cluster in clusters]
    joined = "".join(folded)
    joined = _LONG_SOUND_AS_DASH.sub("-", joined)
    if len(joined) == len(text) == len(folded) and all(len(piece) == 1 for piece in folded):
        return joined, None
    offsets = []
    at = 0
    for cluster, piece in zip(clusters, folded, strict=True):
        offsets.extend([at] * len(piece))
        at += len(cluster)
    return joined, [*offsets, len(text)]


@lru_cache(maxsize=8192)
def _fold_cluster(cluster: str) -> str:
    return fold(cluster)


def stem(word: str) -> str:
    """One folded word of letters without spelt-out umlauts and common endings; the same for text and query.

    Not linguistics: it only has to bring a word's forms together (Rechnung, Rechnungen; invoice, invoices, invoiced).
    At least four letters remain.
    """
    word = _SPELT_UMLAUT.sub("", word)
    ending = _ENDING.search(word, SHORTEST_TAIL)
    return word[: ending.start()] if ending else word


@lru_cache(maxsize=16384)
def word_terms(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The (words, parts) of one folded word without separators: HZ264762 is two words, Paketrücksendung has parts."""
    if len(word) > MAX_TERM:
        return (word[:MAX_TERM],), ()
    pieces = [word] if word.isalpha() else _PIECE.findall(word)
    words = tuple([piece if piece.isdigit() else stem(piece) for piece in pieces])
    parts = [tail for piece in pieces if len(piece) >= LONG_WORD for _, tail in tails(piece)]
    return words, tuple(dict.fromkeys(parts))


def tails(word: str) -> Iterator[tuple[int, str]]:
    """Each ending that may be the last part of a compound: where it starts, and its term."""
    if not word.isalpha():
        return
    spelt = _SPELT_UMLAUT.sub("", word)
    removed = len(word) - len(spelt)
    for start in range(SHORTEST_HEAD, len(spelt) - SHORTEST_TAIL + 1):
        yield start + removed, stem(spelt[start:])


def pieces_of(token: str) -> list[str]:
    """The words of a token that are tied by separators."""
    return _PIECES.split(token)


def joined(pieces: list[str]) -> str | None:
    """One term for pieces that may also be written without separators: e-mail and email; None where that is noise."""
    whole = "".join(pieces)
    if len(pieces) > JOINED_PIECES or len(whole) > MAX_TERM:
        return None
    return stem(whole) if whole.isalpha() else whole


def phone_terms(number: str) -> list[str]:
    """The terms of a match of `PHONE`: its digits without separators, and its tail where it looks like a telephone."""
    terms = []
    for written in [number, *number.split(" ")] if " " in number else [number]:
        digits = "".join(filter(str.isdigit, written))
        if len(digits) > PHONE_TAIL:
            terms.append(digits)
            if written[0] in "+0":
                terms.append("tel" + digits[-PHONE_TAIL:])
    return terms


def index_terms(text: str) -> tuple[list[str], set[str]]:
    """The terms that find a text: its words in order, and parts that are found without order."""
    folded = fold(text[:MAX_TEXT])
    words: list[str] = []
    parts: set[str] = set()
    dense: list[str] = []
    for match in TOKEN.finditer(folded):
        token = match[0]
        if match[1]:
            if len(token) == 1:
                words.append(token)
            else:
                words.extend(map(add, token, token[1:]))
                dense.append(token)
            continue
        ends, more = word_terms(token) if token.isalnum() else _tied(token)
        words.extend(ends)
        if more:
            parts.update(more)
    parts.update("".join(dense))
    for match in PHONE.finditer(folded):
        parts.update(phone_terms(match[0]))
    if len(words) > MAX_WORDS:
        del words[MAX_WORDS:]
    if len(parts) > MAX_PARTS:
        parts = set(sorted(parts)[:MAX_PARTS])
    return words, parts


def _tied(token: str) -> tuple[list[str], list[str]]:
    pieces = pieces_of(token)
    words: list[str] = []
    parts: list[str] = []
    for piece in pieces:
        ends, more = word_terms(piece)
        words.extend(ends)
        parts.extend(more)
    whole = joined(pieces)
    if whole and len(pieces) > 1:
        parts.append(whole)
    return words, parts
