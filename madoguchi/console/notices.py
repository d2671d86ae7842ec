"""Notices in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from madoguchi.protection.shield import Lines, softened_lines
from madoguchi.staff.models import Agent, Notice

ICONS = {
    "mentioned": "user",
    "assigned": "inbox",
    "sla_warning": "clock",
    "sla_breach": "warn",
    "delivery_failed": "warn",
    "task": "check",
    "trigger": "bell",
    "webhook_off": "warn",
    "promise_soon": "clock",
    "promise_broken": "warn",
    "low_score": "phone",
    "followup_call": "phone",
    "protection_grave": "shield",
    "protection_second_person": "shield",
    "protection_police": "shield",
    "protection_review": "shield",
    "protection_consultation": "hand",
    "protection_answer": "hand",
    "protection_member": "hand",
    "protection_care": "cup",
    "protection_change": "swap",
    "protection_coming": "shield",
    "protection_appeal": "shield",
}
TEXTS = {
    "promise_soon": _lazy("A promise in #{number} is due soon"),
    "promise_broken": _lazy("A promise in #{number} was not kept in time"),
    "followup_call": _lazy("Somebody should call the customer of #{number}"),
    "low_score": _lazy("A customer gave a low score in #{number}"),
    "protection_grave": _lazy("Danger to a colleague in #{number}"),
    "protection_second_person": _lazy("{name} asks for a second person in #{number}"),
    "protection_police": _lazy("Police or a lawyer are involved in #{number}"),
    "protection_consultation": _lazy("The consultation desk has a new word"),
    "protection_answer": _lazy("The consultation desk has answered you"),
    "protection_member": _lazy("{name} has joined the consultation desk"),
    "protection_care": _lazy("After-care is due"),
    "protection_change": _lazy("{name} asks to hand over #{number}"),
    "protection_coming": _lazy("{name} is with you in #{number}"),
    "protection_appeal": _lazy("A customer asks for a review in #{number}"),
    "protection_review": _lazy("A restriction is due for review in #{number}"),
}


@dataclass(frozen=True)
class Told:
    id: int
    text: str
    subject: str
    icon: str
    url: str
    at: datetime
    unread: bool


def told(agent: Agent, notices: Iterable[Notice]) -> list[Told]:
    """Notices in words; subjects without what is shielded for the agent."""
    found = list(notices)
    lines = softened_lines(agent, {notice.ticket_id for notice in found if notice.ticket_id})
    return [_tell(notice, lines.get(notice.ticket_id or 0)) for notice in found]


def _tell(notice: Notice, lines: Lines | None) -> Told:
    subject = str(notice.params.get("subject", ""))
    return Told(
        notice.pk, _text(notice), lines.subject(subject) if lines else subject, ICONS.get(notice.kind, "bell"), _place(notice),
        notice.created_at, notice.read_at is None,
    )  # fmt: skip


def _place(notice: Notice) -> str:
    if notice.kind == "webhook_off":
        return reverse("webhooks:webhooks")
    if notice.kind in {"protection_consultation", "protection_member"}:
        return reverse("protection:consultations")
    if notice.kind in {"protection_answer", "protection_care"}:
        return reverse("protection:care")
    return f"/tickets/{notice.ticket_id}" if notice.ticket_id else "/"


def _text(notice: Notice) -> str:
    name, number = notice.params.get("by", ""), notice.ticket_id
    match notice.kind:
        case "mentioned":
            return _("{name} mentioned you in #{number}").format(name=name, number=number)
        case "assigned":
            return _("{name} assigned #{number} to you").format(name=name, number=number)
        case "trigger":
            return _("#{number} needs a look: {name}").format(number=number, name=name)
        case "webhook_off":
            return _("A webhook was switched off, because it did not accept: {url}").format(url=notice.params.get("url", ""))
        case kind if kind in TEXTS:
            return str(TEXTS[kind]).format(number=number, name=name)
        case kind if "warn" in kind or "soon" in kind:
            return _("#{number} is due soon").format(number=number)
        case kind if "breach" in kind or "overdue" in kind:
            return _("#{number} is overdue").format(number=number)
        case kind if "fail" in kind or "deliver" in kind or "bounce" in kind:
            return _("A reply in #{number} was not delivered").format(number=number)
        case kind if "unroutable" in kind or "queue" in kind:
            return _("Nobody can take #{number}: no free agent matches").format(number=number)
    return _("News in #{number}").format(number=number) if number else _("News")
