"""Fields that the company added to customers and companies: as fields of a form, and as read on a page."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.tickets.history import label_of
from madoguchi.tickets.models import CustomField
from madoguchi.tickets.queries import custom_fields

PREFIX = "custom."
LONGEST = 2_000


class OwnFieldsForm(forms.Form):
    """A form that ends with the company's own fields of `target` (customer | company), each by its type."""

    target = ""

    def __init__(self, *args: object, values: Mapping[str, object] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in custom_fields(self.target):
            self.fields[PREFIX + field.key] = _as_form_field(field, (values or {}).get(field.key))

    def plain(self) -> dict[str, Any]:
        """The clean values of everything that is no own field."""
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith(PREFIX)}

    def own(self) -> dict[str, object]:
        """The values of the own fields by key, for the action that checks them by type."""
        return {name.removeprefix(PREFIX): value for name, value in self.cleaned_data.items() if name.startswith(PREFIX)}


def _as_form_field(field: CustomField, value: object) -> forms.Field:
    shared: dict[str, Any] = {"label": label_of(field), "required": field.required, "initial": value}
    match field.type:
        case CustomField.Type.CHOICE:
            return forms.ChoiceField(choices=[("", "–"), *((choice, choice) for choice in field.choices)], **shared)
        case CustomField.Type.CHECK:
            return forms.BooleanField(**{**shared, "required": False, "initial": bool(value)})
        case CustomField.Type.DATE:
            return forms.CharField(widget=forms.TextInput(attrs={"type": "date"}), max_length=10, **shared)
        case CustomField.Type.NUMBER:
            return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), max_length=40, **shared)
    return forms.CharField(max_length=LONGEST, **shared)


def shown_values(target: str, values: Mapping[str, object]) -> list[tuple[str, str]]:
    """(label, value in words) of the fields that hold something, in the company's order; hidden fields are left out."""
    return [(label_of(field), _in_words(field, values[field.key])) for field in custom_fields(target) if values.get(field.key) is not None]


def _in_words(field: CustomField, value: object) -> str:
    if field.type == CustomField.Type.CHECK:
        return _("yes") if value else _("no")
    if field.type == CustomField.Type.DATE and (day := parse_date(str(value))):
        return formats.date_text(day)
    if field.type == CustomField.Type.NUMBER and isinstance(value, int | float):
        return formats.number(value)
    return str(value)
