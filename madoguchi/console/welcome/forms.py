"""Forms of the first-run pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from madoguchi.channels.models import Mailbox
from madoguchi.design.settings_pages import SectionedForm
from madoguchi.staff.forms import time_zones


class TokenForm(SectionedForm):
    token = forms.CharField(
        label=_("Setup token"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )


class CompanyForm(SectionedForm):
    name = forms.CharField(label=_("Name of the company"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zones()  # type: ignore[attr-defined]


class AdministratorForm(SectionedForm):
    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("Your work email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False, help_text=_("At least 10 characters"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class MailboxForm(SectionedForm):
    """The few facts that make a first mailbox; the rest is in the settings."""

    address = forms.EmailField(label=_("Address to which customers write"))
    incoming = forms.ChoiceField(label=_("How mail comes in"), choices=Mailbox.Incoming.choices, widget=forms.RadioSelect)
    imap_host = forms.CharField(label=_("IMAP server"), required=False, max_length=255)
    smtp_host = forms.CharField(label=_("SMTP server"), required=False, max_length=255)
    user = forms.CharField(label=_("User name"), required=False, max_length=255, help_text=_("Without one the address is used"))
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=4000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def values(self, company: str) -> tuple[dict[str, Any], dict[str, str]]:
        """(fields, secrets) of `channels.save_mailbox`."""
        clean = self.cleaned_data
        user = clean["user"] or clean["address"]
        fields = {
            "name": company, "address": clean["address"], "incoming": clean["incoming"], "imap_host": clean["imap_host"],
            "imap_user": user if clean["imap_host"] else "", "smtp_host": clean["smtp_host"],
            "smtp_user": user if clean["smtp_host"] else "",
            "is_default": True,
        }  # fmt: skip
        return fields, {"imap_secret": clean["password"], "smtp_secret": clean["password"]}
