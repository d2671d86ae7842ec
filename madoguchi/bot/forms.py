"""The forms of the assistant's settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from madoguchi.design.settings_pages import SectionedForm

from .models import Assistant, Connector


class AssistantForm(SectionedForm):
    is_active = forms.BooleanField(label=_("The assistant answers in chats of this brand"), required=False)
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("Customers see it beside what the assistant says. No name of a person")
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=settings.LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Without a choice: all of them. Chats in other languages go to people at once"),
    )  # fmt: skip
    hours = forms.ChoiceField(label=_("When"), choices=Assistant.Hours.choices, widget=forms.RadioSelect, initial=Assistant.Hours.ALWAYS)
    quiet_days = forms.IntegerField(
        label=_("Quiet days until an answer counts as resolved"), min_value=1, max_value=60, initial=3,
        help_text=_("If the customer writes again in that time, it does not"),
    )  # fmt: skip

    def __init__(self, *args: Any, assistant: Assistant | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if assistant is not None:
            self.initial.update({name: getattr(assistant, name) for name in ("is_active", "name", "languages", "hours", "quiet_days")})


class ConnectorForm(SectionedForm):
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    kind = forms.ChoiceField(label=_("Where the data is"), choices=Connector.Kind.choices, widget=forms.RadioSelect)
    url = forms.CharField(
        label=_("Address of the service"), max_length=2000, required=False,
        help_text=_("{order}, {contact} and {product} are filled in. It answers with one JSON object, or 404"),
    )  # fmt: skip
    query = forms.CharField(
        label=_("Query"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("One SELECT with :order, :contact or :product. The first row counts"),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Access token of the service, or address of the database"), required=False, max_length=2000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text=_("Kept encrypted. Empty keeps the one that is there"),
    )  # fmt: skip

    def __init__(self, *args: Any, connector: Connector | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if connector is not None:
            self.initial.update({"is_active": connector.is_active, "kind": connector.kind, **connector.config})
