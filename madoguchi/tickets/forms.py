"""Forms of the settings screens about the record: own fields and tags."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from madoguchi.design.settings_pages import SectionedForm

from .models import CustomField, Kind, Tag

TARGETS = [("ticket", _("Tickets")), ("customer", _("Customers")), ("company", _("Companies"))]


class FieldForm(SectionedForm):
    """A field of our own, with its name in each language. Key, type and place are chosen once."""

    target = forms.ChoiceField(label=_("Stands on"), choices=TARGETS)
    key = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,39}$", label=_("Key"), help_text=_("For the API and for automation: small letters, digits and _")
    )
    type = forms.ChoiceField(label=_("Type"), choices=CustomField.Type.choices)
    choices = forms.CharField(label=_("Choices"), required=False, widget=forms.Textarea(attrs={"rows": 5}), help_text=_("One a line"))
    kinds = forms.MultipleChoiceField(
        label=_("Only for these kinds of tickets"), choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    required = forms.BooleanField(label=_("Must be filled in"), required=False)
    for_customers = forms.BooleanField(label=_("Ask customers in the contact form"), required=False, help_text=_("For fields of tickets"))

    sections = [
        (_("Field"), "", ["target", "key", "type", "choices"]),
        (_("Name"), _("At least one; readers of another language see the first one"), [f"label_{code}" for code, _n in settings.LANGUAGES]),
        (_("When"), "", ["kinds", "required", "for_customers"]),
    ]  # fmt: skip

    def __init__(self, *args: Any, field: CustomField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"label_{code}"] = forms.CharField(label=name, required=False, max_length=100)
        if field is not None:
            for name in ("target", "key", "type"):
                self.fields[name].disabled = True

    def values(self) -> dict[str, Any]:
        """The keyword arguments of the action."""
        clean = dict(self.cleaned_data)
        label = {code: clean.pop(f"label_{code}") for code, _n in settings.LANGUAGES}
        return {**clean, "label": label, "choices": [line.strip() for line in clean["choices"].splitlines() if line.strip()]}


class TagForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=60)


class MergeTagForm(SectionedForm):
    into = forms.ModelChoiceField(Tag.objects.none(), label=_("Merge into"))

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = Tag.objects.exclude(pk=tag.pk).order_by("name")  # type: ignore[attr-defined]
        self.fields["into"].label_from_instance = lambda other: other.name  # type: ignore[attr-defined]
