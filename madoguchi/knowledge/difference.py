"""What differs between two texts, so that people see it: lines, and within changed lines the words. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 1
"""Lines around a change that are shown."""
LONGEST_LINE = 4000
"""Characters of a line up to which its words are compared; longer ones are shown whole."""
MOST_LINES = 4000
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|\s+|[^\w\s]")
Segment = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Line:
    """kind: same | added | removed | gap (lines that did not change, left out). `segments`: text, and whether it is what changed."""

    kind: str
    segments: list[Segment]


def difference(old: str, new: str) -> list[Line]:
    """The lines of both texts in one order; empty when they are equal."""
    if old == new:
        return []
    before, after = old.splitlines()[:MOST_LINES], new.splitlines()[:MOST_LINES]
    lines: list[Line] = []
    for groups in SequenceMatcher(None, before, after, autojunk=len(before) > 500).get_grouped_opcodes(CONTEXT):  # noqa: PLR2004
        if lines or groups[0][1] > 0:
            lines.append(Line("gap", []))
        for tag, i, j, k, m in groups:
            if tag == "equal":
                lines.extend(Line("same", [(line, False)]) for line in before[i:j])
            else:
                lines.extend(_changed(before[i:j], after[k:m]))
    return lines


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    pairs = min(len(old), len(new))
    words = [_words(one, other) for one, other in zip(old, new, strict=False)]
    for at, line in enumerate(old):
        yield Line("removed", words[at][0] if at < pairs else [(line, True)])
    for at, line in enumerate(new):
        yield Line("added", words[at][1] if at < pairs else [(line, True)])


def _words(old: str, new: str) -> tuple[list[Segment], list[Segment]]:
    if max(len(old), len(new)) > LONGEST_LINE:
        return [(old, True)], [(new, True)]
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    left: list[Segment] = []
    right: list[Segment] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        changed = tag != "equal"
        if i < j:
            left.append(("".join(before[i:j]), changed))
        if k < m:
            right.append(("".join(after[k:m]), changed))
    return left, right
