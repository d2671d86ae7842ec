"""Variables in texts: `Dear {customer.name}`. Pure."""

import re
from collections.abc import Mapping

NAMES = ("customer.name", "ticket.number", "ticket.subject", "agent.name", "company", "due")
_PLACE = re.compile(r"\{([a-z][a-z_.]{0,40})\}")
_ADDRESS = re.compile(r"\S*(?:://|www\.)\S*", re.IGNORECASE)


def unknown_in(text: str) -> list[str]:
    """Names in braces that are no variables."""
    return [name for name in dict.fromkeys(_PLACE.findall(text)) if name not in NAMES]


def fill(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with its variables filled in, and the names of those that are unknown or have no value; these stay as they are."""
    missing: list[str] = []

    def value_of(place: re.Match[str]) -> str:
        value = values.get(place[1], "")
        if value:
            return value
        if place[1] not in missing:
            missing.append(place[1])
        return place[0]

    return _PLACE.sub(value_of, text), missing


def fill_unseen(text: str, values: Mapping[str, str]) -> str:
    """The same for a mail that nobody reads before it goes: no place stays open, and values bring no links of strangers.

    Name and subject are written by whoever wrote to us, maybe under somebody else's address, so they are quoted as bare words only.
    """
    return _PLACE.sub(lambda place: _bare(values.get(place[1], "")), text)


def _bare(value: str) -> str:
    return " ".join(_ADDRESS.sub("", value).replace("](", "] (").split())
