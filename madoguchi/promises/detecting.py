"""Promises in what we write: the sentence, and until when. Pure; five languages; for a person to confirm, never a record by itself."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from . import phrases

LONGEST_TEXT = 20_000  # characters looked at
LONGEST_SENTENCE = 500
MOST = 5
FAR = timedelta(days=120)  # a date further off belongs to the next or last year
_SENTENCE = re.compile(r"[^。！？!?\n]+?(?:[。！？!?\n]+|(?<=[^\d\s])\.(?=\s|$)|$)")
_QUOTE = re.compile(r"^\s*>")


@dataclass(frozen=True)
class Found:
    """A sentence that promises something; `due` is None where it names no time."""

    text: str
    due: datetime | None


def is_work_day(day: date) -> bool:
    """Monday to Friday, where nothing better is known."""
    return day.weekday() < 5  # noqa: PLR2004


def find_promises(text: str, *, language: str, written_at: datetime, works: Callable[[date], bool] = is_work_day) -> list[Found]:
    """At most five, in their order. `written_at`: aware, in the zone by which the reader understands "tomorrow"; `works`: our work days."""
    base = "zh" if language.startswith("zh") else language
    if base not in phrases.COMMITS:
        base = "en"
    found = []
    for sentence in _sentences(text):
        if _promises(sentence, base):
            found.append(Found(sentence, _due(sentence, base, written_at, works)))
        if len(found) == MOST:
            break
    return found


def _sentences(text: str) -> Iterator[str]:
    lines = (line for line in text[:LONGEST_TEXT].splitlines() if not _QUOTE.match(line))
    for match in _SENTENCE.finditer("\n".join(lines)):
        sentence = " ".join(match.group().split())
        if 4 <= len(sentence) <= LONGEST_SENTENCE:  # noqa: PLR2004
            yield sentence


def _folded(sentence: str) -> str:
    return unicodedata.normalize("NFKC", sentence).lower()


def _promises(sentence: str, language: str) -> bool:
    plain = unicodedata.normalize("NFKC", sentence)
    if re.search(phrases.DENIES[language], plain, re.IGNORECASE) or plain.rstrip().endswith("?"):
        return False
    if not any(re.search(pattern, plain, re.IGNORECASE) for pattern in phrases.COMMITS[language]):
        return False
    if re.search(phrases.PAST[language], plain, re.IGNORECASE) and not _names_a_time(plain, language):
        return False
    return language != "de" or "werde" in plain.lower() or _names_a_time(plain, language)  # German promises in the present tense


def _names_a_time(sentence: str, language: str) -> bool:
    folded = sentence.lower()
    spans = (phrases.SPANS, phrases.DATES, phrases.THIS_WEEK, phrases.NEXT_WEEK, phrases.CLOCKS)
    patterns = [*phrases.DAYS[language], *phrases.WEEKDAYS[language], *(one[language] for one in spans)]
    return any(re.search(pattern, folded) for pattern in patterns)


def _due(sentence: str, language: str, at: datetime, works: Callable[[date], bool]) -> datetime | None:
    folded = _folded(sentence)
    span = re.search(phrases.SPANS[language], folded)
    if span and (moment := _after(span, at, works)) is not None:
        return moment
    day = _day(folded, language, at.date())
    minutes = _minutes(folded, language)
    if day is None and minutes is None:
        return None
    day = day or at.date()
    due = _at(day, phrases.END_OF_DAY if minutes is None else minutes, at)
    if due <= at and day == at.date():
        due = _at(day, 24 * 60 - 1, at) if minutes is None else due + timedelta(days=1)
    return due


def _at(day: date, minutes: int, like: datetime) -> datetime:
    return datetime.combine(day, time(min(minutes, 1439) // 60, min(minutes, 1439) % 60), like.tzinfo)


def _after(match: re.Match[str], at: datetime, works: Callable[[date], bool]) -> datetime | None:
    said = match["n"]
    number = int(said) if said.isdecimal() else phrases.NUMBERS.get(said)
    if not number:
        return None
    unit = phrases.UNITS[match["unit"]]
    if unit == "days" and match.groupdict().get("work"):
        unit = "work days"
    match unit:
        case "minutes":
            return at + timedelta(minutes=number)
        case "hours":
            return at + timedelta(hours=number)
        case "work days":
            return _at(_work_days_after(at.date(), number, works), phrases.END_OF_DAY, at)
        case "weeks":
            return _at(at.date() + timedelta(weeks=number), phrases.END_OF_DAY, at)
    return _at(at.date() + timedelta(days=number), phrases.END_OF_DAY, at)


def _work_days_after(day: date, number: int, works: Callable[[date], bool]) -> date:
    for _ in range(400):
        if number == 0:
            break
        day += timedelta(days=1)
        number -= works(day)
    return day


def _day(folded: str, language: str, today: date) -> date | None:
    if date_said := _date(folded, language, today):
        return date_said
    next_week = re.search(phrases.NEXT_WEEK[language], folded)
    for number, name in enumerate(phrases.WEEKDAYS[language]):
        if re.search(rf"(?:{name})", folded):
            monday = today - timedelta(days=today.weekday())
            day = monday + timedelta(days=number)
            if next_week:
                return day + timedelta(weeks=1)
            return day if day > today else day + timedelta(weeks=1)
    for pattern, days in phrases.DAYS[language].items():
        if re.search(pattern, folded):
            return today + timedelta(days=days)
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    if next_week:
        return friday + timedelta(weeks=1 if today.weekday() <= 4 else 0)  # noqa: PLR2004
    return friday if re.search(phrases.THIS_WEEK[language], folded) else None


def _date(folded: str, language: str, today: date) -> date | None:
    match = re.search(phrases.DATES[language], folded)
    if match is None:
        return None
    said = {name: value for name, value in match.groupdict().items() if value}
    named = said.get("month") or said.get("month2")
    month = phrases.MONTHS[named] if named else int(said["m"])
    try:
        day = date(today.year, month, int(said.get("d") or said["d2"]))
        if day < today - FAR:
            day = day.replace(year=today.year + 1)
    except ValueError:
        return None
    return day if day >= today else None


def _minutes(folded: str, language: str) -> int | None:
    """Minutes after midnight that the sentence names: a clock time, else a part of the day."""
    for match in re.finditer(phrases.CLOCKS[language], folded):
        said = match.groupdict()
        hour, minute = int(said["h"]), int(said.get("m") or said.get("m2") or 0)
        half = said.get("half") or ""
        if language == "en" and not half and not said.get("m"):
            continue  # "by 5 May", "at 3 places"
        if half in {"pm", "p.m.", "午後", "下午", "晚上"} and hour < 12:  # noqa: PLR2004
            hour += 12
        if hour < 24 and minute < 60:  # noqa: PLR2004
            return hour * 60 + minute
    for pattern, minutes in phrases.PARTS[language].items():
        if re.search(pattern, folded):
            return minutes
    return None
