"""The acknowledgement's words: the company's own per brand and language where it has any, else those that are shipped.

`{name}`, `{number}`, `{due}`, `{hours}` and `{company}` are replaced; nothing else in braces is.
"""

import re
from collections.abc import Mapping

from madoguchi.foundation.errors import Invalid

from . import acknowledgement_texts as shipped_texts
from .models import AcknowledgementText

_VARIABLE = re.compile(r"\{([^{}\n]*)\}")
_SENTENCE = frozenset({"name", "number", "company"})
LONGEST = 2000

# Part -> (the shipped text by language, the variables that have a value there).
PARTS: dict[str, tuple[dict[str, str], frozenset[str]]] = {
    "greeting": (shipped_texts.GREETING, frozenset({"name", "company"})),
    "greeting_without_name": (shipped_texts.GREETING_WITHOUT_NAME, frozenset({"company"})),
    "open_with_time": (shipped_texts.OPEN_WITH_TIME, _SENTENCE | {"due"}),
    "open_without_time": (shipped_texts.OPEN_WITHOUT_TIME, _SENTENCE),
    "closed_with_time": (shipped_texts.CLOSED_WITH_TIME, _SENTENCE | {"due", "hours"}),
    "closed_without_time": (shipped_texts.CLOSED_WITHOUT_TIME, _SENTENCE | {"hours"}),
    "to_add": (shipped_texts.TO_ADD, _SENTENCE),
}


def shipped(language: str) -> dict[str, str]:
    return {part: texts[language] for part, (texts, _) in PARTS.items()}


def own_texts(language: str, brand_id: int | None) -> dict[str, str]:
    """What the company changed for this brand, over what it changed for all."""
    rows = AcknowledgementText.objects.filter(language=language)
    found = {row.brand_id: row.texts for row in rows if row.brand_id in (None, brand_id)}
    return {**found.get(None, {}), **(found.get(brand_id, {}) if brand_id else {})}


def wording(language: str, brand_id: int | None) -> dict[str, str]:
    """Every part as it is sent, with its variables still in it."""
    own = {part: text for part, text in own_texts(language, brand_id).items() if part in PARTS and text}
    return shipped(language) | own


def fill(text: str, words: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: words.get(match[1], match[0]), text)


def check(texts: Mapping[str, str], unknown: str) -> None:
    """Raises Invalid at the parts that use a variable which has no value there; `unknown` is the sentence, with {variable} and {known}."""
    wrong: dict[str, object] = {}
    for part, text in texts.items():
        known = PARTS[part][1]
        bad = next((name for name in _VARIABLE.findall(text) if name not in known), None)
        if bad is not None:
            listed = ", ".join(f"{{{name}}}" for name in sorted(known))
            wrong[part] = unknown.format(variable=f"{{{bad}}}", known=listed)
    if wrong:
        raise Invalid(fields=wrong)
