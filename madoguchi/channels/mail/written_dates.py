"""Dates as mail programs write them for people in a quoted header, in five languages and a few more.

Only what can be read without guessing: 03/04/2026 is left alone, and a time without a zone is taken as UTC.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from madoguchi.channels.mail.headers import parse_date

_MONTHS: dict[str, int] = {}
for _names in (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
):
    for _number, _name in enumerate(_names.split(), 1):
        _MONTHS.setdefault(_name, _number)
        _MONTHS.setdefault(_name[:3], _number)

_ASIAN = re.compile(r"(\d{4})\s*[年/.\-]\s*(\d{1,2})\s*[月/.\-]\s*(\d{1,2})\s*日?")
_GERMAN = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_DAY_MONTH = re.compile(r"\b(\d{1,2})(?:\.|st|nd|rd|th)?[ \-](?:de )?([A-Za-zäéûôç]{3,10})\.?,?[ \-](?:de )?(\d{4})", re.IGNORECASE)
_MONTH_DAY = re.compile(r"\b([A-Za-zäéûôç]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.IGNORECASE)
_TIME = re.compile(
    r"(上午|下午|午前|午後|中午|晚上|凌晨|早上)?\s*(\d{1,2})\s*[:：時时点]\s*(\d{2})(?:\s*[:：分]\s*(\d{2}))?\s*([ap])?\.?\s?m?\.?",
    re.IGNORECASE,
)
_ZONE = re.compile(r"(?:GMT|UTC)?\s?([+\-])(\d{1,2}):?(\d{2})?\b")
_HALF_DAY = re.compile(r"\d\s?[ap]\.?m", re.IGNORECASE)
_AFTERNOON = ("下午", "午後", "晚上")


def read_written_date(text: str) -> datetime | None:
    """An aware time, or None."""
    text = text.strip()[:120]
    if not text:
        return None
    exact = parse_date(text) if text[:3].isascii() and not _HALF_DAY.search(text) else None
    if exact is not None:
        return exact
    day = _day(text)
    if day is None:
        return None
    year, month, date, rest = day
    hour, minute, second = _time(rest)
    zone = _ZONE.search(rest)
    try:
        offset = timedelta(hours=int(zone[2]), minutes=int(zone[3] or 0)) if zone else timedelta(0)
        tz = UTC if not offset else timezone(-offset if zone and zone[1] == "-" else offset)
        return datetime(year, month, date, hour, minute, second, tzinfo=tz)
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> tuple[int, int, int, str] | None:
    match = _ASIAN.search(text)
    if match:
        return int(match[1]), int(match[2]), int(match[3]), text[match.end() :]
    match = _GERMAN.search(text)
    if match:
        return int(match[3]), int(match[2]), int(match[1]), text[match.end() :]
    match = _DAY_MONTH.search(text)
    if match and _month(match[2]):
        return int(match[3]), _month(match[2]), int(match[1]), text[match.end() :]
    match = _MONTH_DAY.search(text)
    if match and _month(match[1]):
        return int(match[3]), _month(match[1]), int(match[2]), text[match.end() :]
    return None


def _month(name: str) -> int:
    name = name.lower()
    return _MONTHS.get(name) or _MONTHS.get(name[:3], 0)


def _time(text: str) -> tuple[int, int, int]:
    match = _TIME.search(text)
    if not match:
        return 0, 0, 0
    hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
    half = (match[5] or "").lower()
    if (half == "p" or match[1] in _AFTERNOON) and hour < 12:
        hour += 12
    if (half == "a" or match[1] in ("午前", "上午", "凌晨")) and hour == 12:
        hour = 0
    return hour, minute, second
