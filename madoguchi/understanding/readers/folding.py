"""Texts as the readers compare them: full-width and half-width alike, disguises taken off. Every folded character knows where it stood.

Taken off are what people use to slip an insult past a filter: letters set apart by spaces or dots (i d i o t, し.ね), digits and signs for
letters (1d10t, sch3isse), masks in the middle of a word (死〇, f*ck: kept as `*`), drawn-out letters (baaaaka) and invisible characters.
"""

import re
import unicodedata
from dataclasses import dataclass

LOOKED_AT = 20_000
"""Characters of a text that are folded at all; a longer text is read in its first and last halves of this."""

_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "€": "e"}
_LEET_WORD = re.compile(
    r"(?<![\w@$€])(?=[a-z013457@$€!]*[a-z])(?=[a-z013457@$€!]*[013457@$€])[a-z013457@$€]+[a-z013457@$€!]*(?<!!)(?![\w@$€])"
)
_MASKS = frozenset("〇○◯●＊*✕×✖❌█■□▇#_")
_HAS_MASKED = re.compile(r"(?<=\w)[〇○◯●*✕×✖❌█■□▇#_]{1,4}(?=\w|$)|(?<!\w)[〇○◯●✕×✖❌█■□▇]{1,3}(?=[\w])")
_SPACED_LATIN = re.compile(r"(?<!\w)(?:[a-zäöüß][ .\-_*·・]{1,2}){2,}[a-zäöüß](?!\w)")
_SPACED_EAST = re.compile(r"(?<=[\u3041-\u30ff\u4e00-\u9fff])[ .·・,/|‧\-_~～*]{1,2}(?=[\u3041-\u30ff\u4e00-\u9fff])")
_DRAWN = re.compile(r"(.)\1{2,}")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\ufe00-\ufe0f\u202a-\u202e]")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` for comparing; `places[i]` is where its character i stood in the original."""

    text: str
    places: list[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that the folded stretch came from."""
        if start >= end or start >= len(self.places):
            return 0, 0
        return self.places[start], self.places[min(end, len(self.places)) - 1] + 1


def fold(text: str) -> Folded:
    """NFKC and lower case, invisible characters gone; nothing else, so that it stays readable for rules."""
    if len(text) > LOOKED_AT:
        half = LOOKED_AT // 2
        head, tail = _plain(text[:half], 0), _plain(text[-half:], len(text) - half)
        return Folded(f"{head.text}\n{tail.text}", [*head.places, half, *tail.places])
    return _plain(text, 0)


def _plain(text: str, start: int) -> Folded:
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text, start):
        if _INVISIBLE.match(char):
            continue
        folded = char if "a" <= char <= "z" else unicodedata.normalize("NFKC", char).lower()
        letters.append(folded)
        places.extend([place] * len(folded))
    return Folded("".join(letters), places)


def undisguise(folded: Folded) -> Folded:
    """The same with disguises taken off, for comparing with words that people hide."""
    text, places = folded.text, folded.places
    for pattern, change in ((_SPACED_LATIN, _only_letters), (_SPACED_EAST, _nothing), (_LEET_WORD, _as_letters), (_DRAWN, _twice)):
        text, places = _changed(text, places, pattern, change)
    return Folded(text, places)


def _changed(text: str, places: list[int], pattern: re.Pattern[str], change: object) -> tuple[str, list[int]]:
    out: list[str] = []
    where: list[int] = []
    last = 0
    for found in pattern.finditer(text):
        out.append(text[last : found.start()])
        where.extend(places[last : found.start()])
        for offset, char in change(found.group()):  # type: ignore[operator]
            out.append(char)
            where.append(places[found.start() + offset])
        last = found.end()
    if not last:
        return text, places
    return "".join([*out, text[last:]]), [*where, *places[last:]]


def _only_letters(found: str) -> list[tuple[int, str]]:
    return [(offset, char) for offset, char in enumerate(found) if char.isalpha()]


def _nothing(_found: str) -> list[tuple[int, str]]:
    return []


def _as_letters(found: str) -> list[tuple[int, str]]:
    return [(offset, _LEET.get(char, char)) for offset, char in enumerate(found)]


def _twice(found: str) -> list[tuple[int, str]]:
    return [(0, found[0]), (1, found[0])] if found[0].isalpha() else [(0, found[0])]
