"""Values of custom fields: what each type accepts and how it is kept."""

import math
from collections.abc import Iterable, Mapping

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Invalid

from .models import CustomField

LONGEST_TEXT = 2_000
BIGGEST_NUMBER = 10**15
YES, NO = {"true", "1", "on", "yes"}, {"false", "0", "off", "no"}


def clean_values(fields: Iterable[CustomField], values: Mapping[str, object]) -> dict[str, object]:
    """The values in their kept form (None for empty). Raises Invalid with `fields` naming each wrong key and what it accepts."""
    known = {field.key: field for field in fields}
    cleaned: dict[str, object] = {}
    wrong: dict[str, object] = {}
    for key, value in values.items():
        if key not in known:
            wrong[key] = _("There is no such field.")
            continue
        try:
            cleaned[key] = clean_value(known[key], value)
        except Invalid as error:
            wrong[key] = error.message
    if wrong:
        raise Invalid(fields=wrong)
    return cleaned


def clean_value(field: CustomField, value: object) -> object:
    """One value. Raises Invalid with what the field accepts."""
    if value is None or (isinstance(value, str) and not value.strip()):
        if field.required:
            raise Invalid(_("This field must not be empty."))
        return None
    match field.type:
        case CustomField.Type.NUMBER:
            return _number(value)
        case CustomField.Type.DATE:
            return _date(value)
        case CustomField.Type.CHOICE:
            if value not in field.choices:
                raise Invalid(_("Choose one of the list."))
            return value
        case CustomField.Type.CHECK:
            return _check(value)
    text = str(value).strip()
    if len(text) > LONGEST_TEXT or "\0" in text or isinstance(value, dict | list):
        raise Invalid(_("The text is too long. Shorten it or attach it as a file."))
    return text


def _number(value: object) -> int | float:
    problem = Invalid(_("Write a number."))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problem
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError as error:
        raise problem from error
    if not math.isfinite(number) or abs(number) > BIGGEST_NUMBER:
        raise problem
    return int(number) if number == int(number) else number


def _date(value: object) -> str:
    problem = Invalid(_("Write a date like 2026-05-31."))
    try:
        found = parse_date(str(value).strip())
    except ValueError as error:
        raise problem from error
    if found is None:
        raise problem
    return found.isoformat()


def _check(value: object) -> bool:
    word = str(value).strip().lower()
    if word not in YES | NO:
        raise Invalid(_("Answer yes or no."))
    return word in YES
