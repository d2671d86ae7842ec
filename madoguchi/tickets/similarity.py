"""How alike two texts are, and which order numbers they name; cheap, explainable, the same in every language. Pure."""

import re

from madoguchi.foundation import text

ORDER_NUMBER = re.compile(r"(?<![a-z0-9@./-])(?:[a-z]{1,5}[-_ ]?(?=\d{4})[0-9-]{4,17}|\d{7,14})(?![a-z0-9@])")
LOOKED_AT = 4_000  # characters; a number that matters stands near the beginning
MOST_NUMBERS = 3


def order_numbers(*texts: str) -> list[str]:
    """Things like HZ264762, INV-2024-0042 or 4501234567 in the order they appear, folded and without separators; at most three."""
    found: dict[str, None] = {}
    for one in texts:
        for match in ORDER_NUMBER.finditer(text.fold(one[:LOOKED_AT])):
            number = re.sub(r"[^a-z0-9]", "", match[0])
            if sum(map(str.isdigit, number)) >= 5:  # noqa: PLR2004  shorter ones are years, sizes, house numbers
                found[number] = None
    return list(found)[:MOST_NUMBERS]


def likeness(one: str, other: str) -> float:
    """0 to 1: the share of the terms that both have (Dice's coefficient over `foundation.text` terms)."""
    left, right = set(text.index_terms(one[:LOOKED_AT])[0]), set(text.index_terms(other[:LOOKED_AT])[0])
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))
