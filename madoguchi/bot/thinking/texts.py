"""What the assistant says to customers, in their language: `texts.toml`. Pure."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ja", "zh-hans", "zh-hant", "de")
FILE = Path(__file__).with_name("texts.toml")


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def text(key: str, language: str, **words: object) -> str:
    """Raises KeyError for a key that is not there; an unknown language reads English."""
    return fill(in_language(_texts()[key], language), words)


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else in English."""
    return texts.get(language) or texts["en"]


def fill(template: str, words: Mapping[str, object]) -> str:
    """{name} by its word; what was filled in is not looked through again, whatever it holds."""
    parts: list[str] = []
    rest = template
    while True:
        before, opened, rest = rest.partition("{")
        parts.append(before)
        if not opened:
            return "".join(parts)
        name, closed, after = rest.partition("}")
        if closed and name in words:
            parts.append(str(words[name]))
            rest = after
        else:
            parts.append(opened)
