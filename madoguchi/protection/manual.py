"""Manuals per scene: what to do in order, after how many minutes to end, and the closing phrase in the customer's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Choices
from .texts import LANGUAGES, MODEL_TEXTS

MINUTES = {"phone": 30, "chat": 30, "mail": 0, "counter": 20}  # the shipped limits; 0: none


@dataclass(frozen=True)
class Scene:
    """minutes: after how long without progress the conversation is ended, 0 for never; phrases: (language, closing words)."""

    key: str
    name: Promise
    steps: Sequence[Promise]
    minutes: int
    phrases: list[tuple[str, str]]


NAMES = {
    "phone": pgettext_lazy("scene", "Phone"), "chat": pgettext_lazy("scene", "Chat"), "mail": pgettext_lazy("scene", "Email"),
    "counter": pgettext_lazy("scene", "Counter"),
}  # fmt: skip
STEPS = {
    "phone": [
        _("Listen, and repeat what the customer wants"),
        _("Ask to stop, calmly, when words turn against you"),
        _("Say that the call is recorded, where it is"),
        _("Warn, then ask a second person to listen"),
        _("End the call with the closing phrase; promise the answer in writing"),
    ],
    "chat": [
        _("Answer the matter first, the tone second"),
        _("Ask to stop once, in writing"),
        _("Send the warning from the panel; it has the customer’s language"),
        _("Hand over, or end with the closing phrase"),
    ],
    "mail": [
        _("Read the softened text; the original only if you need it"),
        _("Answer what is asked, and nothing else"),
        _("Send the warning from the panel, apart from the answer"),
        _("Open a case file when it happens again"),
    ],
    "counter": [
        _("Two colleagues, within sight of others"),
        _("Keep a counter’s width between you, and the way out free"),
        _("Ask to stop, then ask to leave; never touch"),
        _("Call the police when somebody is in danger"),
    ],
}


def scenes(chosen: Choices) -> list[Scene]:
    closing = MODEL_TEXTS["end_contact"]
    return [
        Scene(key, name, STEPS[key], int(chosen.minutes.get(key, MINUTES[key])), [(code, closing[code]) for code in LANGUAGES])
        for key, name in NAMES.items()
    ]  # fmt: skip
