"""Public holidays by country, in the reader's language where the library knows it. The only place that imports `holidays`.

The library is loaded when it is first asked: it would be a twentieth of the time that the program takes to start.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from .hours import HolidaysOfYear, no_holidays

READERS = {"en": ("en_GB", "en_US"), "ja": ("ja",), "zh-hans": ("zh_CN",), "zh-hant": ("zh_TW",), "de": ("de",)}


@cache
def _library() -> Any:
    return import_module("holidays")


@cache
def countries() -> dict[str, list[str]]:
    """Country code (ISO 3166-1, two letters) -> codes of its subdivisions."""
    return {code: list(parts) for code, parts in sorted(_library().list_supported_countries(include_aliases=False).items())}


@cache
def subdivisions(country: str) -> list[tuple[str, str]]:
    """Code and name of a country's subdivisions, by name; the library writes names in the country's own language."""
    codes = countries().get(country, [])
    if not codes:
        return []
    names: dict[str, str] = {}
    for alias, code in getattr(_library().country_holidays(country), "subdivisions_aliases", {}).items():
        names.setdefault(code, alias)
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda pair: pair[1])


def is_known(country: str, subdivision: str = "") -> bool:
    parts = countries().get(country)
    return parts is not None and (not subdivision or subdivision in parts)


def holidays_of(country: str, subdivision: str = "", language: str = "") -> HolidaysOfYear:
    """The holidays of a country by year; named in `language` (ours, such as `zh-hant`), else as the country names them."""
    if not country:
        return no_holidays
    known = _library().list_localized_countries().get(country, [])
    of_country = _library().country_holidays(country).default_language  # not the language of the server's environment
    names = next((name for name in READERS.get(language, ()) if name in known), of_country)

    def of_year(year: int) -> Mapping[date, str]:
        return dict(_library().country_holidays(country, subdiv=subdivision or None, years=year, language=names))

    return of_year
