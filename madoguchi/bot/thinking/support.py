"""Is what a language model wrote supported by the passage that it names? Pure, strict, and in doubt no.

A sentence passes when each of its numbers stands in the passage, most of its words do, it says no and names exceptions where the
passage does, and it holds no address, markup or instruction to the reader's program. That is less than understanding: it lets through
rewording and nothing new.
"""

import re
import unicodedata
from collections.abc import Sequence

MOST_SENTENCES = 6
LONGEST = 400
"""Characters of a sentence."""
SHARE = 0.7
"""Of a sentence's words (pairs of characters in Chinese and Japanese) that must stand in the passage."""
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[a-zäöüßà-ÿ]{3,}")
_HAN = re.compile(r"[぀-ヿ㐀-鿿]+")
_FORBIDDEN = re.compile(r"https?:|www\.|[\w.]+@[\w.]+|[<>\[\]{}`|]|\b\w+\.(?:com|net|org|io|jp|cn|de|tw)\b", re.IGNORECASE)
_NO = re.compile(r"\b(?:not|no|never|cannot|nicht|kein\w*|nie)\b|n't\b|ません|ない|なく|不|没|沒")
_ONLY = re.compile(r"\b(?:without|except|unless|only|ohne|außer|nur)\b|以外|除|だけ|のみ|仅|僅|只")
_COMMON = frozenset({
    "the", "and", "for", "you", "your", "are", "can", "with", "this", "that", "will", "our", "from", "have", "has", "was", "were", "when",
    "which", "they", "them", "please", "die", "der", "das", "und", "für", "sie", "ihr", "ihre", "ist", "mit", "den", "dem", "ein", "eine",
    "einen", "von", "wir", "uns", "bei", "auf", "werden", "wird", "können", "kann", "als", "auch", "bitte",
})  # fmt: skip
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")


def supported(sentences: Sequence[tuple[str, int]], passages: Sequence[str]) -> bool:
    """`sentences`: (text, number of the passage that it names, from 1)."""
    if not sentences or len(sentences) > MOST_SENTENCES:
        return False
    return all(0 < number <= len(passages) and _stands(text, passages[number - 1]) for text, number in sentences)


def _stands(sentence: str, passage: str) -> bool:
    said, there = _plain(sentence), _plain(passage)
    if not said.strip() or len(said) > LONGEST or _FORBIDDEN.search(said):
        return False
    if not set(_NUMBER.findall(said)) <= set(_NUMBER.findall(there)):
        return False
    terms = _terms(said)
    if not terms or len(terms & _terms(there)) < SHARE * len(terms):
        return False
    parts = _SENTENCE.findall(there) or [there]
    nearest = max(parts, key=lambda part: len(terms & _terms(part)) / (len(_terms(part)) + 3))
    return all(bool(sign.search(said)) == bool(sign.search(nearest)) for sign in (_NO, _ONLY))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _terms(text: str) -> set[str]:
    words = {word[:6] for word in _WORD.findall(text) if word not in _COMMON}
    pairs = {run[place : place + 2] for run in _HAN.findall(text) for place in range(len(run) - 1)}
    return words | pairs
