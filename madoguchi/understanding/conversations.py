"""Conversations as the `understand` command is given them: liberal in what it takes, clear about what it cannot take."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .readers.patterns import AGENT, CUSTOMER, EVENT, Pattern, Said, read_over_time
from .readers.reading import Understood

MOST = 5000
_START = datetime(2000, 1, 1, 9, tzinfo=UTC)
_MINUTES_BELOW = 10_000_000
"""A bare number below this is minutes since the start, above it seconds since 1970."""
_LENGTHS = {"minutes": 1.0, "duration_minutes": 1.0, "duration_min": 1.0, "duration": 1 / 60, "duration_s": 1 / 60, "seconds": 1 / 60}
_SPEAKERS = {
    CUSTOMER: ("customer", "user", "client", "caller", "visitor", "in", "inbound", "incoming", "guest", "consumer"),
    AGENT: ("agent", "staff", "bot", "assistant", "out", "outbound", "outgoing", "operator", "support", "us", "company", "employee"),
    EVENT: ("event", "system", "status", "note"),
}


class WrongConversation(ValueError):
    """The line does not hold a conversation; the message says what is wrong."""


def said_in(row: dict[str, Any]) -> list[Said]:
    """The messages of one line in order. `messages`: texts, or objects with text, from (customer, agent), at, channel, minutes."""
    messages = row.get("messages", [row["text"]] if "text" in row else None)
    if not isinstance(messages, list) or not messages:
        raise WrongConversation("'messages' must be a list of messages")
    if len(messages) > MOST:
        raise WrongConversation(f"a conversation of more than {MOST} messages is not read")
    channel, language = str(row.get("channel") or ""), str(row.get("lang") or "").lower()
    return [_said(one, number, channel, language) for number, one in enumerate(messages)]


def _said(one: Any, number: int, channel: str, language: str) -> Said:
    if isinstance(one, str):
        return Said(CUSTOMER, one, channel=channel, language=language)
    if not isinstance(one, dict):
        raise WrongConversation(f"message {number} is neither a text nor an object")
    text = _first(one, ("text", "body", "content", "message"))
    if not isinstance(text, str):
        raise WrongConversation(f"message {number} has no 'text'")
    return Said(
        _speaker(_first(one, ("from", "by", "role", "author", "sender", "speaker", "direction"))), text,
        at=_time(_first(one, ("at", "time", "timestamp", "ts", "date", "sent_at")), number),
        channel=str(one.get("channel") or channel), minutes=_minutes(one), language=language,
    )  # fmt: skip


def _first(one: dict[str, Any], names: Sequence[str]) -> Any:
    return next((one[name] for name in names if one.get(name) is not None), None)


def _speaker(name: Any) -> str:
    word = str(name or CUSTOMER).strip().lower()
    return next(
        (who for who, names in _SPEAKERS.items() if word in names), AGENT if word.startswith(("agent", "support", "staff")) else CUSTOMER
    )


def _minutes(one: dict[str, Any]) -> float:
    for name, share in _LENGTHS.items():
        value = one.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MINUTES_BELOW:
            return float(value) * share
    return 0.0


def _time(value: Any, number: int) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float):
            return _START + timedelta(minutes=value) if value < _MINUTES_BELOW else datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError) as error:
        raise WrongConversation(f"message {number}: the time {value!r} is not one of ISO 8601") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def pattern_of(talk: Sequence[Said], readings: Sequence[Understood]) -> Pattern:
    """The pattern over time; `readings`: of the customer's messages, in order."""
    left = iter(readings)
    return read_over_time([one.with_reading(next(left)) if one.by == CUSTOMER else one for one in talk])
