"""SentencePiece's Unigram segmentation: the likeliest way to cut a text into the pieces of the vocabulary (Viterbi)."""

import re
from array import array

from .e5_wheel import Vocabulary

MAX_TEXT = 4_000
"""Characters that are looked at; more than the longest row of tokens can hold."""
_SPACE = "▁"
_SPACES = re.compile(" {2,}")
UNKNOWN_PENALTY = 10.0
"""SentencePiece's: an unknown character costs this much more than the unlikeliest piece."""


class PieceTokenizer:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._pieces = {piece: number for number, piece in enumerate(vocabulary.pieces)}
        self._scores = array("f", vocabulary.scores)
        self._longest = max(map(len, self._pieces))
        self._normalisation = vocabulary.normalisation
        self._unknown = vocabulary.unknown
        self._unknown_score = min(vocabulary.scores) - UNKNOWN_PENALTY
        self._begin, self._end = vocabulary.begin, vocabulary.end
        self.padding = vocabulary.padding

    def ids(self, text: str, longest: int) -> list[int]:
        """Token numbers with the marks of beginning and end, at most `longest`."""
        clean = _SPACES.sub(" ", text[:MAX_TEXT].translate(self._normalisation))
        return [self._begin, *self._cut(_SPACE + clean.replace(" ", _SPACE))[: longest - 2], self._end]

    def _cut(self, text: str) -> list[int]:
        length = len(text)
        best = [0.0] + [float("-inf")] * length
        back: list[tuple[int, int]] = [(0, 0)] * (length + 1)
        pieces, scores = self._pieces, self._scores
        for start in range(length):
            here = best[start]
            for end in range(start + 1, min(start + self._longest, length) + 1):
                found = pieces.get(text[start:end])
                if found is not None and here + scores[found] > best[end]:
                    best[end] = here + scores[found]
                    back[end] = (start, found)
            if best[start + 1] == float("-inf"):
                best[start + 1] = here + self._unknown_score
                back[start + 1] = (start, self._unknown)
        found_ids: list[int] = []
        place = length
        while place:
            place, number = back[place]
            if not (number == self._unknown and found_ids and found_ids[-1] == self._unknown):  # runs of unknowns are one
                found_ids.append(number)
        return found_ids[::-1]
