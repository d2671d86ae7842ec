"""Why a step may not be taken, in words that say what to do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.foundation.errors import Invalid, MadoguchiError, NotAllowed

from .ladder import Refusal

WORDS = {
    Refusal.NOT_A_MACHINE: _("A machine may not take this step."),
    Refusal.NEEDS_DECIDER: _("Your role may not take this step. Ask a supervisor to decide."),
    Refusal.PROTECTED: _("This matter is protected as a legitimate complaint or a request for accommodation, so no step may be taken."),
    Refusal.NO_REASON: _("Say what happened, without judging."),
    Refusal.NO_EVIDENCE: _("Choose at least one message that this rests on."),
    Refusal.TOO_EARLY: _("This step needs an earlier one: warn first."),
    Refusal.NO_END: _("A restriction needs an end date."),
    Refusal.END_BEFORE_START: _("The end must lie after the start."),
    Refusal.TOO_LONG: _("The end lies further away than the legal profile allows."),
    Refusal.NO_REVIEW: _("Set a date of review before the end."),
    Refusal.NO_KIND: pgettext_lazy("restriction", "Choose what is restricted."),
    Refusal.NO_CONTACT: _("Name the contact person."),
    Refusal.NO_CHANNEL: _("Choose the channel that stays open."),
}
FIELDS = {
    Refusal.NO_REASON: "reason",
    Refusal.NO_EVIDENCE: "evidence",
    Refusal.NO_END: "ends_on",
    Refusal.END_BEFORE_START: "ends_on",
    Refusal.TOO_LONG: "ends_on",
    Refusal.NO_REVIEW: "review_on",
    Refusal.NO_KIND: "kind",
    Refusal.NO_CONTACT: "contact",
    Refusal.NO_CHANNEL: "channel",
}
_FORBIDDEN = {Refusal.NOT_A_MACHINE, Refusal.NEEDS_DECIDER}


def error_of(refusals: list[Refusal]) -> MadoguchiError:
    """The refusals as one error; those that a form can mend name their fields."""
    first = refusals[0]
    if first in _FORBIDDEN:
        return NotAllowed(WORDS[first])
    return Invalid(WORDS[first], fields={FIELDS[one]: WORDS[one] for one in refusals if one in FIELDS})
