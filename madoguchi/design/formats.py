"""How dates, times, numbers and sizes are written for the reader: the one module that formats them.

Language: the active translation. Time zone: the active one (the agent's). Where Babel's default is not what people write, the
pattern stands here.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, dates, lists, numbers
from django.utils import timezone, translation
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from madoguchi.foundation import clock

LOCALES = {"en": "en_GB", "ja": "ja_JP", "zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_TW", "de": "de_DE"}
MINUTE, HOUR, DAY = 60, 3600, 86400
_LONG_DATE = {"ja": "y年M月d日（E）", "zh-hans": "y年M月d日（E）", "zh-hant": "y年M月d日（E）"}
_TABLE_DATE = {"en": "d MMM y", "ja": "y/MM/dd", "zh-hans": "y/MM/dd", "zh-hant": "y/MM/dd", "de": "dd.MM.y"}
_DAY = {"en": "EEE d MMM", "ja": "M月d日（E）", "zh-hans": "M月d日（E）", "zh-hant": "M/d（EEEEE）", "de": "ccc, dd.MM."}
_DAY_YEAR = {"en": "EEE d MMM y", "ja": "y年M月d日（E）", "zh-hans": "y年M月d日（E）", "zh-hant": "y/MM/dd（EEEEE）", "de": "ccc, dd.MM.y"}
_DAY_TIME = {"en": "d MMM, HH:mm", "ja": "d日 HH:mm", "zh-hans": "M月d日 HH:mm", "zh-hant": "M/d HH:mm", "de": "dd.MM., HH:mm"}
_WEEKDAY_TIME = {"en": "EEE HH:mm", "ja": "E曜 HH:mm", "zh-hans": "E HH:mm", "zh-hant": "E HH:mm", "de": "ccc HH:mm"}
_SPACED = ("ja", "zh-hans", "zh-hant")  # Babel writes "3 分前"; people write 3分前


def _language() -> str:
    language = (get_language() or "en").lower()
    return language if language in LOCALES else language.split("-")[0] if language.split("-")[0] in LOCALES else "en"


def locale() -> Locale:
    return _locale(_language())


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _pattern(value: date | datetime, patterns: dict[str, str]) -> str:
    language = _language()
    if isinstance(value, datetime):
        return dates.format_datetime(_local(value), patterns[language], locale=_locale(language))
    return _day(value, patterns[language], language)


@lru_cache(maxsize=1024)
def _day(value: date, pattern: str, language: str) -> str:
    """The same few days stand on every page."""
    return dates.format_date(value, pattern, locale=_locale(language))


def date_text(value: date | datetime) -> str:
    """20 November 2026; 2026年11月20日（金）."""
    pattern = _LONG_DATE.get(_language(), "long")
    day = _local(value).date() if isinstance(value, datetime) else value
    return dates.format_date(day, pattern, locale=locale())


def date_table(value: date | datetime) -> str:
    """20 Nov 2026; 2026/11/20; 20.11.2026."""
    return _pattern(_local(value).date() if isinstance(value, datetime) else value, _TABLE_DATE)


def clock_time(value: datetime) -> str:
    """14:05, in every language of the desk."""
    return f"{_local(value):%H:%M}"


def day_heading(value: date | datetime) -> str:
    """Fri 20 Nov; with the year when it is not this one. Today says so."""
    day = _local(value).date() if isinstance(value, datetime) else value
    today = _local(clock.now()).date()
    text = _pattern(day, _DAY if day.year == today.year else _DAY_YEAR)
    return _("Today, {date}").format(date=text) if day == today else text


def day_name(value: date) -> str:
    """Fri 20 Nov; with the year when it is not this one."""
    return _pattern(value, _DAY if value.year == _local(clock.now()).year else _DAY_YEAR)


def near(value: datetime) -> str:
    """As short as it can be understood: 14:05 today, Mon 10:20 within six days, 20 Nov, 14:05 this year, else the date."""
    local, today = _local(value), _local(clock.now()).date()
    distance = (local.date() - today).days
    if distance == 0:
        return clock_time(value)
    if 0 < distance < 7:  # noqa: PLR2004  a weekday is unambiguous for six days ahead
        return _pattern(value, _WEEKDAY_TIME)
    if local.year != today.year:
        return date_table(value)
    return _pattern(value, _DAY_TIME if local.month == today.month else {**_DAY_TIME, "ja": "M月d日 HH:mm"})


def stamp(value: datetime) -> str:
    """The full moment, for titles and histories: 20 Nov 2026, 14:05."""
    separator = {"en": ", ", "de": ", "}.get(_language(), " ")
    return f"{date_table(_local(value))}{separator}{clock_time(value)}"


def ago(value: datetime) -> str:
    """3 minutes ago; 3分前."""
    text = dates.format_timedelta(value - clock.now(), add_direction=True, locale=locale())
    return text.replace(" ", "") if _language() in _SPACED else text


def _short(seconds: float) -> str:
    minutes = max(1, round(abs(seconds) / MINUTE))
    hours, rest = divmod(minutes, 60)
    days, day_hours = divmod(hours, 24)
    if days:
        if days < 3 and day_hours:  # noqa: PLR2004  further away the hours say nothing
            return pgettext("short duration", "{days} d {hours} h").format(days=days, hours=day_hours)
        return pgettext("short duration", "{days} d").format(days=days)
    if hours:
        if rest:
            return pgettext("short duration", "{hours} h {minutes} min").format(hours=hours, minutes=rest)
        return pgettext("short duration", "{hours} h").format(hours=hours)
    return pgettext("short duration", "{minutes} min").format(minutes=rest)


def duration(value: timedelta | float) -> str:
    """2 h 23 min; 3 d."""
    return _short(value.total_seconds() if isinstance(value, timedelta) else value)


def working_time(seconds: float) -> str:
    """45 h; 2 h 30 min; 0 min. Never in days: a working day is not 24 hours long."""
    hours, minutes = divmod(round(abs(seconds) / MINUTE), 60)
    if not hours:
        return pgettext("short duration", "{minutes} min").format(minutes=minutes)
    if not minutes:
        return pgettext("short duration", "{hours} h").format(hours=hours)
    return pgettext("short duration", "{hours} h {minutes} min").format(hours=hours, minutes=minutes)


def time_range(start: time, end: time, *, ends_at_midnight: bool = False) -> str:
    """9:00–12:00; 9:00〜12:00. `ends_at_midnight`: the end is written 24:00."""
    first = dates.format_time(start, "H:mm", locale=locale())
    last = "24:00" if ends_at_midnight else dates.format_time(end, "H:mm", locale=locale())
    return f"{first}{'〜' if _language() == 'ja' else '–'}{last}"


def listing(items: Sequence[str]) -> str:
    """A, B and C; A、B、C."""
    if _language() == "ja":
        return "、".join(items)
    return lists.format_list(items, locale=locale())


def country_names(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Code and name of countries, in the order of their names."""
    known = locale().territories
    return sorted(((code, known.get(code, code)) for code in codes), key=lambda pair: pair[1])


def weekday_names() -> list[str]:
    """Monday to Sunday."""
    names = dates.get_day_names("wide", "stand-alone", locale=locale())
    return [names[day] for day in range(7)]


def place_of(zone: str) -> str:
    """The city that a time zone is named after, in the reader's language: Tokyo, 東京."""
    return dates.get_timezone_location(zone, locale=locale(), return_city=True)


def left(value: datetime) -> str:
    """in 2 h 23 min; 20 min over."""
    seconds = (value - clock.now()).total_seconds()
    if seconds < 0:
        return pgettext("deadline", "{duration} over").format(duration=_short(seconds))
    return pgettext("deadline", "in {duration}").format(duration=_short(seconds))


def number(value: float) -> str:
    return numbers.format_decimal(value, locale=locale())


def percent(share: float) -> str:
    """5% from 0.05."""
    return numbers.format_percent(share, locale=locale())


def file_size(size: int) -> str:
    """1.8 MB."""
    if size < 1000:  # noqa: PLR2004
        return ngettext("{n} byte", "{n} bytes", size).format(n=size)
    for unit, factor in (("KB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if size < factor * 1000 or unit == "GB":
            return f"{numbers.format_decimal(round(size / factor, 1), locale=locale())} {unit}"
    return ""


# --- To customers: whole sentences are in their language and zone (`spoken_to`), and a time can be misread less -------------------

_FULL_DAY = _LONG_DATE | {"en": "EEEE d MMMM y", "de": "EEEE, d. MMMM y"}
_CUSTOMER_TIME = {"zh-hant": "ah:mm", "de": "HH:mm 'Uhr'"}
_MOMENT = {"en": "{date}, {time}", "de": "{date}, {time}"}
_ZONE_NAMES = {
    ("Asia/Tokyo", "en"): "JST", ("Asia/Tokyo", "ja"): "日本時間", ("Asia/Shanghai", "zh-hans"): "北京时间",
    ("Asia/Taipei", "zh-hant"): "台灣時間",
}  # fmt: skip


def language_of(tag: str) -> str:
    """One of our five languages for any tag: `ja-JP` is ja, `zh-TW` is zh-hant; English when it is none of them."""
    parts = tag.lower().replace("_", "-").split("-")
    if parts[0] == "zh":
        return "zh-hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh-hans"
    return parts[0] if parts[0] in LOCALES else "en"


def zone_of(*names: str) -> ZoneInfo:
    """The first of the named zones that exists, else UTC."""
    for name in names:
        with suppress(ZoneInfoNotFoundError, ValueError):
            return ZoneInfo(name)
    return ZoneInfo("UTC")


@contextmanager
def spoken_to(language: str, zone: str = "") -> Iterator[None]:
    """Texts and times inside the block are for a reader of this language in this zone."""
    with translation.override(language_of(language)), timezone.override(zone_of(zone)):
        yield


def moment(value: datetime, *, name_zone: bool = False) -> str:
    """Friday 20 November 2026, 14:05 (JST); 2026年11月20日（金）14:05."""
    day = dates.format_date(_local(value).date(), _FULL_DAY[_language()], locale=locale())
    time = dates.format_time(_local(value).time(), _CUSTOMER_TIME.get(_language(), "HH:mm"), locale=locale())
    text = _MOMENT.get(_language(), "{date}{time}").format(date=day, time=time)
    if not name_zone:
        return text
    zone = timezone.get_current_timezone()
    name = _ZONE_NAMES.get((str(zone), _language())) or dates.get_timezone_name(zone, "long", locale=locale())
    return f"{text}（{name}）" if _language() in _SPACED else f"{text} ({name})"


def span(start: str, end: str) -> str:
    """14:00–17:00; 14:00〜17:00."""
    return f"{start}〜{end}" if _language() == "ja" else f"{start}–{end}"


def weekdays(first: int, last: int) -> str:
    """Mon–Fri from 0 and 4; one name when they are the same."""
    names = locale().days["stand-alone"]["abbreviated"]
    return names[first] if first == last else span(names[first], names[last])


def row(items: Iterable[str]) -> str:
    """Things one after the other, without "and": a, b; a、b."""
    return ("、" if _language() in _SPACED else ", ").join(items)
