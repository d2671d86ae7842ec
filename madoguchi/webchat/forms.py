"""The settings of a brand's chat."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.design.settings_pages import SectionedForm

from .models import Widget


class WidgetForm(SectionedForm):
    is_active = forms.BooleanField(label=_("Chat is switched on"), required=False)
    origins = forms.CharField(
        label=_("Web sites that may show the chat"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, like https://www.example.com. Our own help centre always may."),
    )  # fmt: skip
    colour = forms.CharField(
        label=pgettext_lazy("of a brand", "Colour"), required=False, max_length=7, help_text=_("#RRGGBB; empty: indigo")
    )
    patience = forms.IntegerField(
        label=_("Offer mail or a call after"), min_value=1, max_value=60, help_text=_("Minutes that a visitor waits without an answer")
    )
    mail_after = forms.IntegerField(
        label=_("Mail unread answers after"),
        min_value=1,
        max_value=1440,
        help_text=_("Minutes after a visitor with a known address has left"),
    )
    ask_consent = forms.BooleanField(label=_("Ask for consent before the first message"), required=False)
    privacy_url = forms.CharField(label=_("Address of the privacy notice"), required=False, max_length=300)
    sections = [
        (_("Where"), "", ["is_active", "origins", "colour"]),
        (_("When nobody answers"), "", ["patience", "mail_after"]),
        (_("Privacy"), "", ["ask_consent", "privacy_url"]),
    ]

    def __init__(self, data: Any = None, *, widget: Widget) -> None:
        initial = {name: getattr(widget, name) for name in self.base_fields} | {"origins": "\n".join(widget.origins)}
        super().__init__(data, initial=initial)

    def clean_origins(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["origins"].splitlines() if line.strip()]
