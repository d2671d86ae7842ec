"""A text without its abuse: the stretches that hurt are veiled, what is asked stays. Pure; nothing of the record is changed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

VEIL = "▒▒▒▒"  # of one length, so that it tells nothing about what it covers
SHOWN = 4  # sentences
LONGEST = 400  # characters of what is asked
_SENTENCE = re.compile(r"[^。！？!?.\n]+[。！？!?.\n]*")
_SAYS_NOTHING = re.compile(r"^[\W\d_]*$")

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Piece:
    """A stretch of the text as it may be shown, or one that is veiled: then `label` says what was done there and `text` is empty."""

    text: str = ""
    label: str = ""
    size: int = 0


def tidy(spans: Iterable[Sequence[object]], length: int) -> list[Span]:
    """Spans within the text, in order, overlapping ones as one."""
    found: list[Span] = []
    for start, end, label in sorted((int(str(a)), int(str(b)), str(c)) for a, b, c in spans):
        low, high = max(0, start), min(length, end)
        if low >= high:
            continue
        if found and low <= found[-1][1]:
            last = found[-1]
            found[-1] = (last[0], max(last[1], high), last[2])
        else:
            found.append((low, high, label))
    return found


def pieces(text: str, spans: Iterable[Sequence[object]]) -> list[Piece]:
    """The text in pieces, veiled where a span lies. Without a span the whole text is veiled: nobody knows which part hurts."""
    known = tidy(spans, len(text))
    if not known:
        return [Piece(label="all", size=len(text))]
    found, at = [], 0
    for start, end, label in known:
        if start > at:
            found.append(Piece(text[at:start]))
        found.append(Piece(label=label, size=end - start))
        at = end
    if at < len(text):
        found.append(Piece(text[at:]))
    return found


def veiled(text: str, spans: Iterable[Sequence[object]]) -> str:
    """The same as plain text, for lists, search, mail and the API."""
    return "".join(piece.text or VEIL for piece in pieces(text, spans))


def asked(text: str, spans: Iterable[Sequence[object]]) -> str:
    """What is asked: the first sentences that no span touches; empty when none is left or it is not known where the abuse lies."""
    known = tidy(spans, len(text))
    if not known:
        return ""
    calm = [
        match.group().strip()
        for match in _SENTENCE.finditer(text)
        if not any(start < match.end() and end > match.start() for start, end, _ in known) and not _SAYS_NOTHING.match(match.group())
    ]
    return " ".join(calm[:SHOWN])[:LONGEST]


def without_words(line: str, text: str, spans: Iterable[Sequence[object]]) -> str:
    """A line, such as the subject, without the words that are veiled in the text."""
    for start, end, _label in tidy(spans, len(text)):
        word = text[start:end].strip()
        if len(word) > 1:
            line = re.sub(re.escape(word), VEIL, line, flags=re.IGNORECASE)
    return line
