"""The form of a webhook."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.foundation.outgoing import URL_LIMIT

from .models import WebhookEndpoint
from .webhook_events import EVENTS

WORDS = {
    "ticket.created": _("A ticket was opened"),
    "message.received": _("A customer wrote"),
    "ticket.replied": _("We replied"),
    "note.written": _("An internal note was written"),
    "ticket.changed": _("A field of a ticket changed"),
    "ticket.solved": _("A ticket was solved"),
    "ticket.closed": _("A ticket was closed"),
    "ticket.reopened": _("A ticket was opened again"),
    "ticket.merged": _("Tickets were merged"),
    "ticket.unmerged": _("A merge was undone"),
    "ticket.split": _("A ticket was split"),
    "delivery.changed": _("A reply was sent, failed or came back"),
}


class WebhookForm(SectionedForm):
    url = forms.CharField(
        label=_("Address"), max_length=URL_LIMIT, help_text=_("Of your program; begins with https://"),
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label=_("Events"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(name, format_lazy("{words} ({name})", words=WORDS[name], name=name)) for name in sorted(EVENTS, key=list(WORDS).index)],
        help_text=_("None chosen: all, also kinds that come later"),
    )  # fmt: skip

    sections = [
        (_("Where to"), _("Your program is called at this address"), ["url"]),
        (_("What about"), _("Ids and what changed are sent, never texts of customers"), ["events"]),
    ]

    def __init__(self, *args: Any, endpoint: WebhookEndpoint | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if endpoint is not None:
            self.initial.update({"url": endpoint.url, "events": endpoint.events})
