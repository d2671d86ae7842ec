"""Conditions and actions in words, for the pages about triggers."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madoguchi.channels.models import Mailbox
from madoguchi.customers.models import Company
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets.condition_fields import CHANNELS
from madoguchi.tickets.models import Cause, Kind, Priority, Status
from madoguchi.workplace.models import Brand

from .models import Do

FIELDS = {
    "priority": gettext_lazy("Priority"), "kind": gettext_lazy("Kind"), "channel": gettext_lazy("Channel"),
    "language": gettext_lazy("Language"), "brand": gettext_lazy("Brand"), "team": gettext_lazy("Team"),
    "mailbox": gettext_lazy("Mailbox"), "company": gettext_lazy("Company"), "status": gettext_lazy("Status"),
    "cause": gettext_lazy("Cause"), "customer_tags": gettext_lazy("Customer’s tags"), "tags": gettext_lazy("Tags"),
}  # fmt: skip
CHOICES: dict[str, dict[Any, Any]] = {
    "priority": dict(Priority.choices), "kind": dict(Kind.choices), "status": dict(Status.choices), "cause": dict(Cause.choices),
    "language": dict(settings.LANGUAGES), "channel": dict(CHANNELS),
}  # fmt: skip
ROWS: dict[str, Any] = {"brand": Brand, "team": Team, "mailbox": Mailbox, "company": Company, "agent": Agent}
REFUSALS = {
    "chain": gettext_lazy("Three triggers in a row had already set each other off"),
    "rate": gettext_lazy("Too many triggers had fired for this ticket within an hour"),
    "no_mail": gettext_lazy("The ticket has no mailbox that sends"),
    "closed": gettext_lazy("The ticket was closed"),
    "automatic": gettext_lazy("The last message came from a machine"),
    "mailed": gettext_lazy("The customer already had this mail"),
}
ABOUT = {
    Do.STATUS: "status", Do.PRIORITY: "priority", Do.KIND: "kind", Do.CAUSE: "cause", Do.LANGUAGE: "language", Do.ASSIGN_TEAM: "team",
    Do.ASSIGN_AGENT: "agent", Do.WATCH: "agent", Do.NOTIFY: "agent",
}  # fmt: skip
EXCERPT = 80


class Names:
    """Names of rows by id, read once a page."""

    @cached_property
    def _read(self) -> dict[str, dict[int, str]]:
        return {}

    def of(self, field: str, value: Any) -> str:
        if field in ROWS:
            if field not in self._read:
                self._read[field] = dict(ROWS[field].objects.values_list("pk", "name"))
            return self._read[field].get(value, f"#{value}")
        return str(CHOICES.get(field, {}).get(value, value))

    def all_of(self, field: str, values: list[Any]) -> str:
        return " · ".join(self.of(field, value) for value in values)


def condition(verdict: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """label, have, wanted (texts), met."""
    field = verdict["field"]
    return {
        "label": FIELDS.get(field, field), "met": verdict["met"], "have": names.all_of(field, verdict["have"]) or "–",
        "wanted": names.all_of(field, verdict["wanted"]),
    }  # fmt: skip


def action(told: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """text, and problem: why it was not done."""
    do, value = Do(told["do"]), told.get("value")
    values = value if isinstance(value, list) else [] if value in (None, "") or isinstance(value, dict) else [value]
    shown = names.all_of(ABOUT.get(do, ""), values)[:EXCERPT]
    if do == Do.ASSIGN_AGENT and value is None:
        shown = _("Nobody")
    refused = str(REFUSALS.get(told.get("refused", ""), told.get("refused", "")))
    return {"text": named(do, shown), "problem": refused or told.get("error", "")}


def waited(minutes: int) -> str:
    """How long nothing must happen, in the largest unit that it is a whole number of."""
    if minutes % (60 * 24) == 0:
        return ngettext("{number} day without news", "{number} days without news", minutes // (60 * 24)).format(number=minutes // (60 * 24))
    if minutes % 60 == 0:
        return ngettext("{number} hour without news", "{number} hours without news", minutes // 60).format(number=minutes // 60)
    return ngettext("{number} minute without news", "{number} minutes without news", minutes).format(number=minutes)


def named(do: Do, value: str) -> str:
    """Set the priority: Urgent."""
    return _("{action}: {value}").format(action=do.label, value=value) if value else str(do.label)
