"""Dates, times and numbers as people of each language write them; the only place that formats any.

Patterns stand here where Babel's default is not what careful writers use. Languages are our codes: en, ja, zh-hans, zh-hant, de.
"""

from datetime import date, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCALES = {"en": "en_GB", "ja": "ja_JP", "zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_TW", "de": "de_DE"}
DATE_TEXT = {
    "en": "d MMMM yyyy", "ja": "yyyy年M月d日（EEE）", "zh-hans": "yyyy年M月d日（EEE）", "zh-hant": "yyyy年M月d日（EEE）", "de": "d. MMMM yyyy",
}  # fmt: skip
DATE_WITH_WEEKDAY = DATE_TEXT | {"en": "EEEE d MMMM yyyy", "de": "EEEE, d. MMMM yyyy"}
DATE_TABLE = {"en": "d MMM yyyy", "ja": "yyyy/MM/dd", "zh-hans": "yyyy/MM/dd", "zh-hant": "yyyy/MM/dd", "de": "dd.MM.yyyy"}
TIME_TO_CUSTOMERS = {"en": "HH:mm", "ja": "HH:mm", "zh-hans": "HH:mm", "zh-hant": "ah:mm", "de": "HH:mm 'Uhr'"}
MOMENT_JOIN = {"en": "{date}, {time}", "ja": "{date}{time}", "zh-hans": "{date}{time}", "zh-hant": "{date}{time}", "de": "{date}, {time}"}
ZONE_JOIN = {
    "en": "{moment} ({zone})", "ja": "{moment}（{zone}）", "zh-hans": "{moment}（{zone}）", "zh-hant": "{moment}（{zone}）", "de": "{moment} ({zone})",
}  # fmt: skip
ZONE_NAMES = {
    ("Asia/Tokyo", "en"): "JST", ("Asia/Tokyo", "ja"): "日本時間", ("Asia/Shanghai", "zh-hans"): "北京时间",
    ("Asia/Taipei", "zh-hant"): "台灣時間", ("Europe/London", "en"): "UK time",
}  # fmt: skip
RANGE_DASH = {"ja": "〜"}
LIST_JOIN = {"en": ", ", "de": ", "}


def language_of(code: str) -> str:
    """One of our five languages for any tag: `ja-JP` is ja, `zh-TW` is zh-hant; English when it is none of them."""
    code = code.lower().replace("_", "-")
    if code.startswith("zh"):
        return "zh-hant" if any(part in code.split("-") for part in ("hant", "tw", "hk", "mo")) else "zh-hans"
    primary = code.split("-", maxsplit=1)[0]
    return primary if primary in LOCALES else "en"


def zone_of(name: str, default: str = "UTC") -> ZoneInfo:
    """The named zone, or the default when there is no such zone."""
    for candidate in (name, default):
        try:
            return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


@cache
def _locale(language: str):  # noqa: ANN202
    from babel import Locale  # noqa: PLC0415  slow to load

    return Locale.parse(LOCALES[language_of(language)])


def _date(value: date, patterns: dict[str, str], language: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415

    return format_date(value, patterns[language_of(language)], _locale(language))


def date_text(value: date | datetime, language: str, zone: tzinfo | None = None) -> str:
    """20 November 2026 · 2026年11月20日（金） · 20. November 2026"""
    return _date(_local(value, zone), DATE_TEXT, language)


def date_table(value: date | datetime, language: str, zone: tzinfo | None = None) -> str:
    """20 Nov 2026 · 2026/11/20 · 20.11.2026"""
    return _date(_local(value, zone), DATE_TABLE, language)


def time_to_customer(value: datetime, language: str, zone: tzinfo) -> str:
    """14:05 · 下午2:05 · 14:05 Uhr"""
    from babel.dates import format_time  # noqa: PLC0415

    return format_time(value.astimezone(zone), TIME_TO_CUSTOMERS[language_of(language)], locale=_locale(language))


def moment(value: datetime, language: str, zone: tzinfo, *, name_zone: bool = False) -> str:
    """A point in time for a customer's sentence, with weekday: Friday 20 November 2026, 14:05 (JST)."""
    language = language_of(language)
    day = _date(value.astimezone(zone), DATE_WITH_WEEKDAY, language)
    text = MOMENT_JOIN[language].format(date=day, time=time_to_customer(value, language, zone))
    return ZONE_JOIN[language].format(moment=text, zone=zone_name(zone, language)) if name_zone else text


def zone_name(zone: tzinfo, language: str) -> str:
    """The zone's everyday name: JST, 日本時間, Mitteleuropäische Zeit."""
    from babel.dates import get_timezone_name  # noqa: PLC0415

    language = language_of(language)
    return ZONE_NAMES.get((str(zone), language)) or get_timezone_name(zone, "long", locale=_locale(language))


def weekdays(first: int, last: int, language: str) -> str:
    """A span of weekdays, 0 = Monday: Mon–Fri, 月〜金."""
    names = _locale(language).days["stand-alone"]["abbreviated"]
    return span(names[first], names[last], language) if first != last else names[first]


def span(start: str, end: str, language: str) -> str:
    return f"{start}{RANGE_DASH.get(language_of(language), '–')}{end}"


def clock_minutes(minutes: int) -> str:
    """A time of day from minutes after midnight: 09:00; past midnight it is the next day's."""
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}" if minutes != 1440 else "24:00"  # noqa: PLR2004


def listing(items: list[str], language: str) -> str:
    return LIST_JOIN.get(language_of(language), "、").join(items)


def number(value: float, language: str) -> str:
    """1,234.5 · 1.234,5"""
    from babel.numbers import format_decimal  # noqa: PLC0415

    return format_decimal(value, locale=_locale(language))


def _local(value: date | datetime, zone: tzinfo | None) -> date:
    return value.astimezone(zone) if isinstance(value, datetime) and zone else value
