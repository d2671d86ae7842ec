"""What only shows over time: repeats, floods, night calls, holding for hours, contact after an answer, serial claims, drift into stalking.

Pure. The same facts have innocent readings, which are looked at first: a customer left without an answer asks again; a process that needs
daily contact is not persistence; an emergency may call as often as it likes.
`first_at` is the number of the message at which the alarm belongs,
counted over all messages that were given, ours included.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from . import pattern_words as words
from .folding import fold
from .reading import Understood

CUSTOMER, AGENT, EVENT = "customer", "agent", "event"

REPEATS_AFTER_ANSWER = 2
"""Customer messages in a row that ask again what was answered, before it counts."""
FLOOD = 5
FLOOD_WITHIN = timedelta(hours=1)
NEAR_IDENTICAL = 0.8
NIGHT = (23, 0, 1, 2, 3, 4)
NIGHT_CONTACTS = 4
AT_ONCE = timedelta(seconds=60)
"""What arrives within this is one push of a button that failed, not a flood."""
HOLDING = timedelta(hours=2)
PAUSE = timedelta(minutes=45)
CLAIMS = 3
RUDE = 3
AFTER_CLOSURE = 3
MOST = 2000
"""Messages of a conversation that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation with the machine's reading of it (None for ours)."""

    by: str
    text: str
    at: datetime | None = None
    reading: Understood | None = None
    channel: str = ""
    minutes: float = 0.0
    """How long the call or chat lasted, where it is known."""
    language: str = ""

    def with_reading(self, reading: Understood) -> "Said":
        return replace(self, reading=reading)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`kinds`: repeats, flood, night, holding, after_closure, serial_claims, stalking, escalation, messages."""

    labels: list[str] = field(default_factory=list)
    severity: int = 0
    first_at: int | None = None
    kinds: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Alarm:
    at: int
    kind: str
    label: str
    severity: int


def read_over_time(messages: Sequence[Said]) -> Pattern:
    """The pattern of a whole conversation; messages in the order of time."""
    skipped = max(0, len(messages) - MOST)
    talk = _Talk(list(messages[skipped:]))
    alarms = [alarm for find in _FINDERS for alarm in find(talk)]
    if talk.emergency:
        alarms = [alarm for alarm in alarms if alarm.kind == "messages"]
    if not alarms:
        return Pattern()
    first = min(alarms, key=lambda alarm: alarm.at)
    return Pattern(
        labels=sorted({label for alarm in alarms for label in alarm.label.split()}),
        severity=max(alarm.severity for alarm in alarms),
        first_at=first.at + skipped,
        kinds=sorted({alarm.kind for alarm in alarms}),
    )


class _Talk:
    """The conversation with what several finders ask for."""

    def __init__(self, messages: list[Said]) -> None:
        self.messages = messages
        self.folded = [re.sub(r"\W+", "", fold(one.text).text)[:400] for one in messages]
        self.customers = [number for number, one in enumerate(messages) if one.by == CUSTOMER]
        whole = "\n".join(fold(messages[number].text).text for number in self.customers)
        self.emergency = bool(words.EMERGENCY.search(whole)) and not any(
            (messages[number].reading or Understood("")).severity > 1 for number in self.customers
        )
        self.daily = any(words.DAILY.search(fold(one.text).text) for one in messages if one.by == AGENT)

    def answered_before(self, number: int) -> int | None:
        """The last message of ours before this one that answers (not one that only promises to come back)."""
        for earlier in range(number - 1, -1, -1):
            one = self.messages[earlier]
            if one.by == AGENT and not words.PROMISE.search(fold(one.text).text):
                return earlier
        return None

    def without_pause(self, start: int, end: int) -> timedelta:
        """How long the call or chat went on between these messages; nothing when it was left in between, or is no call or chat."""
        times = [one.at for one in self.messages[start : end + 1] if one.at and one.channel in {"phone", "chat"}]
        pairs = list(pairwise(times))
        return times[-1] - times[0] if pairs and all(later - earlier <= PAUSE for earlier, later in pairs) else timedelta()

    def final_before(self, number: int) -> int | None:
        """The message with which we closed the matter, before this one."""
        for earlier in range(number - 1, -1, -1):
            one = self.messages[earlier]
            if one.by in {AGENT, EVENT} and words.FINAL.search(fold(one.text).text):
                return earlier
        return None


def _by_messages(talk: _Talk) -> list[_Alarm]:
    """Single messages that are harassment by themselves; two rude ones in a row of three are a warning too."""
    found = []
    rude: list[int] = []
    for number in talk.customers:
        reading = talk.messages[number].reading
        if reading is None or not reading.severity:
            continue
        if reading.severity > 1:
            found.append(_Alarm(number, "messages", " ".join(reading.labels), reading.severity))
        else:
            rude.append(number)
            if len(rude) == RUDE:
                found.append(_Alarm(number, "escalation", " ".join(reading.labels), 1))
    return found


def _repeats(talk: _Talk) -> list[_Alarm]:
    """The same demand again and again although it was answered; without an answer of ours, asking again is the customer's right."""
    if talk.daily:
        return []
    run: list[int] = []
    for number in talk.customers:
        answered = talk.final_before(number)
        if answered is None:
            continue
        alike = [earlier for earlier in talk.customers if earlier < number and _alike(talk.folded[earlier], talk.folded[number])]
        if alike:
            run.append(number)
        if len(run) >= REPEATS_AFTER_ANSWER:
            return [_Alarm(number, "repeats", "persistence", 2)]
    return []


def _flood(talk: _Talk) -> list[_Alarm]:
    """Many messages within the hour that say nearly the same, or nothing at all, faster than anybody could answer."""
    for place, number in enumerate(talk.customers):
        if place + 1 < FLOOD:
            continue
        window = talk.customers[place + 1 - FLOOD : place + 1]
        start, end = talk.messages[window[0]].at, talk.messages[number].at
        if start and end and not AT_ONCE < end - start <= FLOOD_WITHIN:
            continue
        last = talk.folded[number]
        if sum(_alike(talk.folded[other], last) for other in window[:-1]) >= FLOOD - 2 and (
            start is not None or number - window[0] < FLOOD
        ):
            return [_Alarm(number, "flood", "persistence", 2)]
    return []


def _night(talk: _Talk) -> list[_Alarm]:
    """Calls or chats at night again and again, of somebody who has been answered."""
    contacts = 0
    for number in talk.customers:
        one = talk.messages[number]
        if one.at is None or one.at.hour not in NIGHT or one.channel in {"email", "mail", "social"}:
            continue
        if talk.answered_before(number) is None:
            continue
        contacts += 1
        if contacts >= NIGHT_CONTACTS:
            return [_Alarm(number, "night", "persistence", 2)]
    return []


def _holding(talk: _Talk) -> list[_Alarm]:
    """A line or chat that is held for hours after the matter was answered."""
    for number in talk.customers:
        one = talk.messages[number]
        final = talk.final_before(number)
        if final is None:
            continue
        if max(talk.without_pause(final, number), timedelta(minutes=one.minutes)) >= HOLDING:
            return [_Alarm(number, "holding", "persistence", 2)]
    return []


def _after_closure(talk: _Talk) -> list[_Alarm]:
    """Contact that goes on after we said that this is our last word, without anything new."""
    if talk.daily:
        return []
    since: list[int] = []
    for number in talk.customers:
        final = talk.final_before(number)
        if final is None or words.NEW.search(fold(talk.messages[number].text).text):
            continue
        since.append(number)
        if len(since) >= AFTER_CLOSURE:
            return [_Alarm(number, "after_closure", "persistence", 2)]
    return []


def _serial_claims(talk: _Talk) -> list[_Alarm]:
    """Refunds asked for one order after the other, each said to be missing or broken."""
    claims: list[int] = []
    orders: set[str] = set()
    for number in talk.customers:
        text = fold(talk.messages[number].text).text
        if not (words.CLAIM.search(text) and words.REFUND.search(text)):
            continue
        found = set(words.ORDER.findall(text))
        if found and found <= orders:
            continue
        orders |= found
        claims.append(number)
        if len(claims) > CLAIMS or (len(claims) == CLAIMS and any(words.SENT_BACK.search(fold(one.text).text) for one in talk.messages)):
            return [_Alarm(number, "serial_claims", "excessive", 2)]
    return []


def _stalking(talk: _Talk) -> list[_Alarm]:
    """Interest in the person instead of the matter, more than once; where they are and when they leave is grave."""
    personal: list[int] = []
    found: list[_Alarm] = []
    for number in talk.customers:
        text = fold(talk.messages[number].text).text
        if words.WHEREABOUTS.search(text):
            return [*found, _Alarm(number, "stalking", "sexual", 3)]
        if words.PERSONAL.search(text):
            personal.append(number)
            if len(personal) == 2:  # noqa: PLR2004  once may be a clumsy compliment
                found.append(_Alarm(number, "stalking", "sexual", 2))
    return found


_FINDERS = (_by_messages, _repeats, _flood, _night, _holding, _after_closure, _serial_claims, _stalking)


def _alike(one: str, other: str) -> bool:
    """Nearly the same: most pairs of characters are shared (Dice)."""
    if one == other or (min(len(one), len(other)) > 1 and (one in other or other in one)):
        return True
    pairs, others = {one[i : i + 2] for i in range(len(one) - 1)}, {other[i : i + 2] for i in range(len(other) - 1)}
    if not pairs or not others:
        return False
    return 2 * len(pairs & others) / (len(pairs) + len(others)) >= NEAR_IDENTICAL
