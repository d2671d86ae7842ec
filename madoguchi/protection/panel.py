"""The panel beside a ticket: what was found and why, what is in force, what can be done."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madoguchi.design import formats
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Message, Ticket

from . import ladder, queries
from .cases import open_case_of
from .drawing import label_words, severity_words
from .models import Measure
from .reading import Manner, marked

SHOWN = 5
DONE, NOW, LATER = "done", "now", "later"
WHO = {
    ladder.Doer.AGENT: gettext_lazy("Any agent may take this step"),
    ladder.Doer.DECIDER: gettext_lazy("A supervisor decides"),
}


@dataclass(frozen=True)
class Found:
    """One message with what was found in it. `why` never repeats the words themselves."""

    message_id: int
    severity: int
    severity_words: str
    labels: list[str]
    why: str
    contested: bool


@dataclass(frozen=True)
class Rung:
    step: str
    label: str
    state: str
    detail: str


def panel_of(agent: Agent, ticket: Ticket) -> dict[str, Any]:
    """Everything that the panel's template needs; `ticket` comes from `ticket_for`. Seven statements for a calm ticket."""
    theirs = Message.objects.filter(ticket=ticket, direction=Message.Direction.IN).order_by("-id")
    manners = [(message, manner) for message, manner in marked(theirs) if manner.severity or manner.by_person]
    standing = queries.standing_of(ticket)
    taken = list(queries.measures_of(ticket.customer_id)[:20])
    offer = ladder.next_step(standing)
    doer = queries.doer_of(agent)
    return {
        "ticket": ticket, "found": [_found(message.pk, manner) for message, manner in manners[:SHOWN]],
        "standing": standing, "offer": offer, "offer_label": Measure.Step(offer.step).label if offer else "",
        "may_offer": bool(offer and doer is not None and doer >= offer.doer), "rungs": _rungs(taken, offer) if taken or offer else [],
        "in_force": queries.in_force(ticket.customer_id), "mark": queries.protected_mark(ticket.pk),
        "help": queries.open_help(ticket.pk), "doer": doer, "is_decider": doer == ladder.Doer.DECIDER,
        "case": open_case_of(ticket), "latest": theirs.values_list("id", flat=True).first(),
    }  # fmt: skip


def _found(message_id: int, manner: Manner) -> Found:
    labels = [label_words(label) for label in manner.labels]
    return Found(
        message_id, manner.severity, severity_words(manner.severity), labels, _why(manner),
        contested=bool(manner.by_person) and not manner.severity,
    )  # fmt: skip


def _why(manner: Manner) -> str:
    if manner.by_person:
        return _("Judged by {name}").format(name=manner.by_person)
    places = ngettext("{n} place in the text", "{n} places in the text", len(manner.spans)).format(n=len(manner.spans))
    if manner.score is None or not manner.model:
        return places
    return _("{places} · certainty {score} · model {model}").format(
        places=places, score=formats.percent(manner.score), model=manner.model
    )  # fmt: skip


def _rungs(taken: list[Measure], offer: ladder.Offer | None) -> list[Rung]:
    """The whole ladder: what was done, with who and when; what comes now; what would come."""
    newest: dict[str, Measure] = {}
    for measure in taken:
        newest.setdefault(measure.step, measure)
    rungs = []
    for step in ladder.Step:
        label = str(Measure.Step(step).label)
        done = newest.get(step)
        if offer is not None and step == offer.step:
            rungs.append(Rung(step, label, NOW, str(WHO[offer.doer])))
        elif done is not None:
            rungs.append(Rung(step, label, DONE, f"{formats.near(done.created_at)} {done.by_name}"))
        else:
            rungs.append(Rung(step, label, LATER, ""))
    return rungs
