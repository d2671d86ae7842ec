"""Forms about mailboxes."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.staff.models import Team
from madoguchi.workplace.models import Brand

from .actions.mailboxes import SECRETS
from .models import Mailbox


class Named(forms.ModelChoiceField):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": "–", **kwargs})

    def label_from_instance(self, obj: Team | Brand) -> str:  # type: ignore[override]
        return obj.name


def _secret(label: Any) -> forms.CharField:
    """A password is written and never shown again."""
    return forms.CharField(
        label=label, required=False, max_length=4000, strip=False, help_text=_("Leave empty to keep the present one"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class MailboxForm(SectionedForm):
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Customers see it as the sender"))
    address = forms.EmailField(label=_("Address"))
    aliases = forms.CharField(
        label=_("Further addresses"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line; mail to them lands here too"),
    )
    plus_addresses = forms.BooleanField(
        label=_("Replies may use an address with a plus sign"), required=False,
        help_text=_("The mail server delivers name+anything to this mailbox, so replies find their ticket more surely"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use"), required=False)
    is_default = forms.BooleanField(label=_("Default mailbox"), required=False, help_text=_("Invitations and digests are sent from here"))
    brand = Named(Brand.objects.none(), label=_("Brand"), required=False)
    team = Named(
        Team.objects.none(), label=_("Team"), required=False, help_text=_("New tickets go to this team unless routing says otherwise")
    )
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("As the customer writes")), *settings.LANGUAGES])
    acknowledge = forms.BooleanField(
        label=_("Acknowledge new mail at once"), required=False, help_text=_("In the customer's language, with the time by which we answer")
    )
    incoming = forms.ChoiceField(label=_("How mail comes in"), choices=Mailbox.Incoming.choices, widget=forms.RadioSelect)
    auth = forms.ChoiceField(label=_("Sign-in"), choices=Mailbox.Auth.choices)
    imap_host = forms.CharField(label=_("IMAP server"), required=False, max_length=255)
    imap_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    imap_security = forms.ChoiceField(label=_("Encryption"), choices=Mailbox.Security.choices)
    imap_user = forms.CharField(label=_("User name"), required=False, max_length=255, help_text=_("Without one the address is used"))
    imap_secret = _secret(_("Password"))
    imap_folder = forms.CharField(label=_("Folder"), max_length=255)
    imap_move_to = forms.CharField(
        label=_("Move read mail to"),
        required=False,
        max_length=255,
        help_text=_("A folder on the server; without one mail stays where it is"),
    )
    smtp_host = forms.CharField(
        label=_("SMTP server"), required=False, max_length=255, help_text=_("Without one the installation's relay sends")
    )
    smtp_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    smtp_security = forms.ChoiceField(label=_("Encryption"), choices=Mailbox.Security.choices)
    smtp_user = forms.CharField(label=_("User name"), required=False, max_length=255)
    smtp_secret = _secret(_("Password"))
    oauth_client_id = forms.CharField(label=_("Client ID"), required=False, max_length=255)
    oauth_client_secret = _secret(_("Client secret"))
    oauth_tenant = forms.CharField(label=_("Tenant"), required=False, max_length=255, help_text=_("Microsoft 365 only"))
    trusted_authserv = forms.CharField(
        label=_("Trusted checker"), required=False, max_length=255,
        help_text=_("Name of your mail server in Authentication-Results; its verdicts on SPF, DKIM and DMARC are believed"),
    )  # fmt: skip

    sections = [
        (_("Mailbox"), "", ["name", "address", "aliases", "plus_addresses", "is_active", "is_default"]),
        (_("Whose it is"), "", ["brand", "team", "language", "acknowledge"]),
        (_("Receiving"), _("Fetched from your mail server, or delivered to this machine"), [
            "incoming", "auth", "imap_host", "imap_port", "imap_security", "imap_user", "imap_secret", "imap_folder", "imap_move_to"]),
        (_("Sending"), "", ["smtp_host", "smtp_port", "smtp_security", "smtp_user", "smtp_secret"]),
        (_("Google or Microsoft"), _("From the app that you registered there. Save, then connect the mailbox"), [
            "oauth_client_id", "oauth_client_secret", "oauth_tenant"]),
        (_("Authenticity"), "", ["trusted_authserv"]),
    ]  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["brand"].queryset = Brand.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_aliases(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["aliases"].splitlines() if line.strip()]

    def values(self) -> tuple[dict[str, object], dict[str, str]]:
        """(plain fields, secrets) for the action."""
        secrets = {name: self.cleaned_data[name] for name in SECRETS}
        return {name: value for name, value in self.cleaned_data.items() if name not in secrets}, secrets
