"""Texts as counts of short strings of characters and of words, hashed into a fixed number of places. Pure.

They see what a sentence's vector blurs: single words, endings, misspelt and disguised ones. The hash is CRC-32, the same on every machine;
its lowest bit gives the sign, so that strings which share a place cancel out instead of adding up.
"""

import itertools
import re
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from .folding import Folded, undisguise

LOOKED_AT = 1500
"""Characters of a folded text that are counted."""
_SPACES = re.compile(r"\s+")
_DIGITS = re.compile(r"\d")
_WORD = re.compile(r"[a-zà-ÿœß']+|[\u3041-\u3096]{2,}|[\u30a1-\u30fa]{2,}")


def grams(folded: Folded, *, short: int = 2, long: int = 4) -> list[str]:
    """Strings of `short` to `long` characters, words and pairs of words; each once."""
    text = _DIGITS.sub("0", _SPACES.sub(" ", undisguise(folded).text[:LOOKED_AT])).strip()
    padded = f" {text} "
    found = {padded[start : start + size] for size in range(short, long + 1) for start in range(len(padded) - size + 1)}
    words = _WORD.findall(text)
    found.update(f"w:{word}" for word in words)
    found.update(f"p:{first} {second}" for first, second in itertools.pairwise(words))
    return sorted(found)


def rows(texts: Sequence[Folded], places: int) -> Any:
    """One row of length 1 a text (float32)."""
    import numpy as np  # noqa: PLC0415  loaded with the model, not with the program

    out = np.zeros((len(texts), places), np.float32)
    for number, folded in enumerate(texts):
        hashes = np.fromiter((crc32(gram.encode()) for gram in grams(folded)), np.uint32)
        if len(hashes):
            np.add.at(out[number], (hashes >> 1) % places, np.where(hashes & 1, np.float32(1), np.float32(-1)))
            out[number] /= max(float(np.linalg.norm(out[number])), 1e-9)
    return out
