"""The forms that customers fill in."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madoguchi.channels.mail.letter import File
from madoguchi.channels.queries import base_address, own_addresses
from madoguchi.customers.identities import normal_form
from madoguchi.design.formats import file_size
from madoguchi.design.settings_pages import SectionedForm
from madoguchi.foundation.errors import Invalid
from madoguchi.tickets.custom_values import clean_value
from madoguchi.tickets.filetypes import UNKNOWN, safe_name, sniff
from madoguchi.tickets.history import label_of
from madoguchi.tickets.models import CustomField, Kind
from madoguchi.tickets.queries import custom_fields

LONGEST_TEXT = 20_000
MOST_FILES = 10
OWN = "own."
KINDS = [
    (Kind.QUESTION, gettext_lazy("I have a question")), (Kind.REQUEST, gettext_lazy("I want something done or changed")),
    (Kind.INCIDENT, gettext_lazy("Something does not work")), (Kind.COMPLAINT, gettext_lazy("I have a complaint")),
    (Kind.PRAISE, gettext_lazy("I want to say thank you")),
]  # fmt: skip


def most_bytes() -> int:
    """Of all files together: encoded for the message they grow by a third, and it may be as large as a mail."""
    return int((settings.MESSAGE_SIZE_LIMIT - 300_000) * 0.72)


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; the clean value is a list of `File` with their bytes."""

    def __init__(self, **kwargs: Any) -> None:
        limit = min(most_bytes(), settings.UPLOAD_SIZE_LIMIT)
        super().__init__(
            label=gettext_lazy("Files"), required=False, widget=ManyFiles(),
            help_text=_("Up to %(n)s files, together at most %(size)s") % {"n": MOST_FILES, "size": file_size(limit)}, **kwargs,
        )  # fmt: skip

    def clean(self, data: Any, initial: Any = None) -> list[File]:  # noqa: ARG002  Django's signature
        given: list[UploadedFile] = [one for one in (data if isinstance(data, list) else [data]) if one]
        if len(given) > MOST_FILES:
            text = ngettext("Choose at most %(n)s file.", "Choose at most %(n)s files.", MOST_FILES)
            raise forms.ValidationError(text % {"n": MOST_FILES})
        if sum(one.size or 0 for one in given) > min(most_bytes(), settings.UPLOAD_SIZE_LIMIT):
            raise forms.ValidationError(_("The files are too large. Send fewer or smaller ones."))
        return [_file(one) for one in given]


def _file(one: UploadedFile) -> File:
    data, name = one.read(), safe_name(one.name or "")
    return File(name, sniff(data, name) or UNKNOWN, data)


class ContactForm(forms.Form):
    """What somebody writes who need not be known to us. `trap` is seen by machines only."""

    use_required_attribute = True
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )  # fmt: skip
    address = forms.EmailField(
        label=gettext_lazy("Your email address"), max_length=254, help_text=gettext_lazy("We answer to this address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("What is it about?"), choices=KINDS, widget=forms.RadioSelect, initial=Kind.QUESTION)
    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=200, widget=forms.TextInput(attrs={"data-suggest": "", "autocomplete": "off"})
    )  # fmt: skip
    text = forms.CharField(label=gettext_lazy("Your message"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 8}))
    consent = forms.BooleanField(
        label=gettext_lazy("You may keep what I write here and use it to answer me"),
    )
    trap = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))
    mark = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = FilesField()
        self.asked = [field for field in custom_fields() if field.for_customers]
        for field in self.asked:
            self.fields[OWN + field.key] = _own_field(field)

    def own(self) -> Iterator[dict[str, Any]]:
        """Our own fields with the kinds that they are for, for the template."""
        for field in self.asked:
            yield {"field": self[OWN + field.key], "kinds": " ".join(field.kinds or Kind.values)}

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())

    def clean_address(self) -> str:
        try:
            address = normal_form("mail", self.cleaned_data["address"])
        except ValueError as error:
            raise forms.ValidationError(_("This is not a valid address or number.")) from error
        if base_address(address) in own_addresses():
            raise forms.ValidationError(_("This is our own address. Write yours."))
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["custom"] = self._custom(field for field in self.asked if not field.kinds or cleaned.get("kind") in field.kinds)
        return cleaned

    def _custom(self, fields: Iterable[CustomField]) -> dict[str, object]:
        values: dict[str, object] = {}
        for field in fields:
            given = self.cleaned_data.get(OWN + field.key)
            try:
                value = clean_value(field, "" if given is False else given)
            except Invalid as error:
                self.add_error(OWN + field.key, str(error.message))
            else:
                if value is not None:
                    values[field.key] = value
        return values


def _own_field(field: CustomField) -> forms.Field:
    """Never required by the browser: which ones are depends on the kind, and the server says it."""
    shared: dict[str, Any] = {"label": label_of(field), "required": False}
    match field.type:
        case CustomField.Type.CHOICE:
            return forms.ChoiceField(choices=[("", "–"), *((choice, choice) for choice in field.choices)], **shared)
        case CustomField.Type.CHECK:
            return forms.BooleanField(**shared)
        case CustomField.Type.DATE:
            return forms.CharField(widget=forms.TextInput(attrs={"type": "date"}), max_length=10, **shared)
        case CustomField.Type.NUMBER:
            return forms.CharField(widget=forms.TextInput(attrs={"inputmode": "decimal"}), max_length=40, **shared)
    return forms.CharField(max_length=2_000, **shared)


class AddressForm(forms.Form):
    """Who wants a link."""

    address = forms.EmailField(
        label=gettext_lazy("Your email address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )  # fmt: skip

    def clean_address(self) -> str:
        try:
            return normal_form("mail", self.cleaned_data["address"])
        except ValueError as error:
            raise forms.ValidationError(_("This is not a valid address or number.")) from error


class ReplyForm(forms.Form):
    """What a customer adds. `nonce`: the page that it was written on, so that sending it twice adds it once."""

    text = forms.CharField(label=gettext_lazy("Your message"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))
    nonce = forms.RegexField(r"^[A-Za-z0-9_-]{8,40}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = FilesField()


class ChoicesForm(forms.Form):
    """What a customer chooses: the language of our mails, and what we may ask them unasked."""

    language = forms.ChoiceField(label=gettext_lazy("Language of our mails"), choices=settings.LANGUAGES)
    survey = forms.BooleanField(label=gettext_lazy("Ask me how satisfied I was"), required=False)
    followup = forms.BooleanField(label=gettext_lazy("Ask me later whether it is really solved"), required=False)


class RefusalForm(SectionedForm):
    """Why a wish is refused."""

    answer = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, help_text=gettext_lazy("The customer reads it"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
