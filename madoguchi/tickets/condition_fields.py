"""Form fields for conditions, for every room whose rules are chosen by them: see tickets.conditions."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from madoguchi.channels.models import Mailbox
from madoguchi.customers.models import Company
from madoguchi.staff.models import Team
from madoguchi.workplace.models import Brand

from .conditions import SINGLE
from .models import Cause, Kind, Priority, Status

PREFIX = "if_"
MAX_ROWS = 500
CHANNELS = [("mail", _("Email")), ("form", _("Contact form")), ("portal", _("Customer portal")), ("api", _("API"))]


def add_fields(form: forms.Form, conditions: dict[str, list[Any]], *, moving: bool = False) -> list[str]:
    """Add one field a trait, filled with `conditions`; returns their names. Traits of which there is no choice are left out.

    `moving`: also what changes during a ticket's life (status, cause); rules that are chosen once when it comes in do not ask for it.
    """
    choices: dict[str, tuple[Any, list[tuple[Any, Any]]]] = {
        "priority": (_("Priority"), list(Priority.choices)),
        "kind": (_("Kind"), list(Kind.choices)),
        "language": (_("Language"), list(settings.LANGUAGES)),
        "channel": (_("Channel"), CHANNELS),
        "team": (_("Team"), list(Team.objects.order_by("name").values_list("id", "name")[:MAX_ROWS])),
        "brand": (_("Brand"), list(Brand.objects.order_by("name").values_list("id", "name")[:MAX_ROWS])),
        "mailbox": (_("Mailbox"), list(Mailbox.objects.order_by("name").values_list("id", "name")[:MAX_ROWS])),
        "company": (_("Company"), list(Company.objects.order_by("name").values_list("id", "name")[:MAX_ROWS])),
    }
    if moving:
        choices = {"status": (_("Status"), list(Status.choices)), **choices, "cause": (_("Cause"), list(Cause.choices))}
    names = []
    for trait, (label, options) in choices.items():
        if len(options) < 2 and not conditions.get(trait):  # noqa: PLR2004  one option only is no choice
            continue
        kept = [(value, value) for value in conditions.get(trait, []) if value not in dict(options)]
        form.fields[PREFIX + trait] = forms.TypedMultipleChoiceField(
            label=label, choices=[*options, *kept], required=False, initial=conditions.get(trait, []),
            widget=forms.CheckboxSelectMultiple({"class": "flow"}),
            coerce=str if SINGLE[trait] is str else int,
        )  # fmt: skip
        names.append(PREFIX + trait)
    for trait, label in (("customer_tags", _("Customer’s tags")), ("tags", _("Tags"))):
        form.fields[PREFIX + trait] = forms.CharField(
            label=label, required=False, max_length=500, initial=", ".join(conditions.get(trait, [])), help_text=_("Separated by commas"),
        )  # fmt: skip
        names.append(PREFIX + trait)
    return names


def read(cleaned: dict[str, Any]) -> dict[str, list[Any]]:
    """The conditions that were filled in."""
    conditions: dict[str, list[Any]] = {}
    for name, value in cleaned.items():
        if name.startswith(PREFIX) and value:
            texts = value if isinstance(value, list) else value.replace("、", ",").replace("，", ",").split(",")
            wanted = [text.strip() if isinstance(text, str) else text for text in texts]
            conditions[name.removeprefix(PREFIX)] = [text for text in wanted if text != ""]
    return conditions
