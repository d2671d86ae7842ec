"""What is asked, without the abuse: sentences that hold a flagged stretch are left out, the others stay word for word. Pure."""

import re
from collections.abc import Sequence

LEFT_OUT = "[…]"
_SENTENCE = re.compile(r"[^.!?。！？\n]*(?:[.!?。！？]+[」』”\"')]*|\n|$)[ \t]*")


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences stand; together they are the whole text."""
    return [found.span() for found in _SENTENCE.finditer(text) if found.end() > found.start()]


def soften(text: str, spans: Sequence[Sequence[object]]) -> str:
    """`spans`: [start, end, label] in characters of `text`. Stretches of left-out sentences become one `[…]`."""
    bad = [(int(str(span[0])), int(str(span[1]))) for span in spans]
    kept: list[str] = []
    for start, end in sentences(text):
        if any(a < end and b > start for a, b in bad):
            if not kept or kept[-1] != LEFT_OUT:
                kept.append(LEFT_OUT)
            if text[start:end].endswith("\n"):
                kept.append("\n")
        else:
            kept.append(text[start:end])
    out = ""
    for piece in kept:
        if piece == LEFT_OUT:
            gap = "" if not out or out[-1].isspace() else " "
            out += "" if out.rstrip().endswith(LEFT_OUT) else gap + LEFT_OUT + " "
        else:
            out += piece
    return out.strip()
