"""Takes out of a text what tells of one person, as far as a machine can: an editor reads it before anybody else does. Pure."""

import re
from collections.abc import Iterable

GAP = "…"
_MARKS = re.compile(
    r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,250}"  # mail
    r"|https?://\S*[?#=]\S*"  # addresses that may carry a token
    r"|(?<![A-Za-z0-9])[A-Za-z]{1,4}[- ]?\d{5,14}(?!\d)"  # order numbers
    r"|\+?\d[\d\s()./-]{7,20}\d"  # telephone and card numbers
    r"|〒?\d{3}-\d{4}"  # postcodes
)


def without_person(text: str, names: Iterable[str]) -> str:
    """`names`: of the people in the conversation, whole and in parts."""
    plain = _MARKS.sub(GAP, text)
    parts = {part for name in names for part in (name, *name.split()) if len(part) > 1}
    for part in sorted(parts, key=len, reverse=True):
        edges = r"\b" if part.isascii() else ""
        plain = re.sub(f"{edges}{re.escape(part)}{edges}", GAP, plain, flags=re.IGNORECASE)
    return plain
