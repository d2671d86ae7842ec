"""What people type for times, and how it is shown again: shifts of a day, lengths of working time, special days. Pure.

Full-width digits, Japanese and Chinese marks and the dashes that word processors make are all understood.
"""

import re
import unicodedata
from datetime import date

from madoguchi.workplace.hours import DAY, Shift

_DASHES = str.maketrans(dict.fromkeys("–—−〜~～ー至", "-"))
_SEPARATORS = re.compile(r"[,;、;\n]|(?<=\d)\s+(?=\d{1,2}:)")
_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*-\s*(\d{1,2})(?::(\d{2}))?")
_CLOCKED = re.compile(r"(\d{1,5}):([0-5]\d)")
_HOURS = r"(?:(\d+(?:[.,]\d+)?)\s*(?:h|hours?|std|stunden?|時間|小时|小時)\.?)?"
_SPOKEN = re.compile(_HOURS + r"\s*(?:(\d+)\s*(?:m|min|minutes?|minuten?|分|分钟|分鐘)\.?)?")
_DATED = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})日?\s*(.*)")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b")  # as German writes dates
MAX_MINUTES = 60 * 24 * 366


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def read_shifts(text: str) -> list[tuple[int, int]]:
    """`9:00–12:00, 13–18` as minutes; an end at or before the start lies on the next day. ValueError if it cannot be read."""
    spans = []
    for part in _SEPARATORS.split(_plain(text)):
        if not part.strip():
            continue
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise ValueError(part.strip())
        shift = Shift.parse(f"{match[1]}:{match[2] or '00'}", f"{match[3]}:{match[4] or '00'}")
        spans.append((shift.opens, shift.closes))
    return sorted(spans)


def show_shifts(spans: list[tuple[int, int]]) -> str:
    return ", ".join(f"{_clock(start)}–{_clock(end if end <= DAY else end - DAY)}" for start, end in spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def read_minutes(text: str) -> int:
    """`4`, `4:30`, `4 h 30 min`, `90分` as minutes; a bare number is hours. ValueError if it cannot be read."""
    plain = _plain(text).lower()
    if match := _CLOCKED.fullmatch(plain):
        return _limited(60 * int(match[1]) + int(match[2]), text)
    if re.fullmatch(r"\d{1,5}(?:[.,]\d{1,2})?", plain):
        return _limited(round(60 * float(plain.replace(",", "."))), text)
    match = _SPOKEN.fullmatch(plain)
    if match is None or not (match[1] or match[2]):
        raise ValueError(text)
    return _limited(round(60 * float((match[1] or "0").replace(",", "."))) + int(match[2] or 0), text)


def _limited(minutes: int, text: str) -> int:
    if not 1 <= minutes <= MAX_MINUTES:
        raise ValueError(text)
    return minutes


def show_minutes(minutes: int) -> str:
    return _clock(minutes)


def read_special_days(text: str) -> list[tuple[date, str, list[tuple[int, int]]]]:
    """One a line: `2026-12-31 9:00–12:00 New Year's Eve`; without hours it is closed. ValueError holds the line that is wrong."""
    days = []
    for line in text.splitlines():
        plain = _plain(line)
        if not plain:
            continue
        match = _DATED.fullmatch(_DAY_FIRST.sub(r"\3-\2-\1", plain, count=1))
        if match is None:
            raise ValueError(line.strip())
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
            hours, name = _hours_and_name(match[4])
        except ValueError as wrong:
            raise ValueError(line.strip()) from wrong
        days.append((day, name, hours))
    return days


def _hours_and_name(rest: str) -> tuple[list[tuple[int, int]], str]:
    spans: list[str] = []
    while match := re.match(r"\s*[,、;]?\s*(\d{1,2}(?::\d{2})?\s*-\s*\d{1,2}(?::\d{2})?)(?!\d)", rest):
        spans.append(match[1])
        rest = rest[match.end() :]
    return read_shifts(", ".join(spans)), rest.strip(" ,;-")


def show_special_days(days: list[tuple[date, str, list[tuple[int, int]]]]) -> str:
    return "\n".join(" ".join(filter(None, (day.isoformat(), show_shifts(spans), name))) for day, name, spans in days)
