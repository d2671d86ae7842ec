"""The ladder of steps towards a customer who harasses staff: which step is next, who may take it, and what a restriction does.

Pure: facts in, decision out. The scheme follows the Japanese employer duty of 2026 (warning, end of contact, restriction, police as
measures of deterrence) and the Tokyo ordinance, Art. 5: the customer's rights must not be infringed unduly.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class Step(StrEnum):
    """In order of weight."""

    ASK = "ask"
    FIRST_WARNING = "first_warning"
    SECOND_WARNING = "second_warning"
    LAST_WARNING = "last_warning"
    SECOND_PERSON = "second_person"
    END_CONTACT = "end_contact"
    RESTRICTION = "restriction"
    POLICE = "police"


class Doer(IntEnum):
    """Who wants to take a step: each may what those before it may, except that a machine never passes for a person."""

    MACHINE = 0
    AGENT = 1
    DECIDER = 2  # a named person whom the company trusts with restrictions


class Kind(StrEnum):
    """What a restriction restricts."""

    ONE_CHANNEL = "one_channel"
    OFFICE_HOURS = "office_hours"
    ONE_PERSON = "one_person"
    WRITING_ONLY = "writing_only"
    REFUSAL = "refusal"


class Refusal(StrEnum):
    """Why a step may not be taken."""

    NOT_A_MACHINE = "not_a_machine"
    NEEDS_DECIDER = "needs_decider"
    PROTECTED = "protected"
    NO_REASON = "no_reason"
    NO_EVIDENCE = "no_evidence"
    TOO_EARLY = "too_early"
    NO_END = "no_end"
    END_BEFORE_START = "end_before_start"
    TOO_LONG = "too_long"
    NO_REVIEW = "no_review"
    NO_KIND = "no_kind"
    NO_CONTACT = "no_contact"
    NO_CHANNEL = "no_channel"


GRAVE = 3
HARASSMENT = 2
RUDE = 1

LEAST_DOER = {
    Step.ASK: Doer.AGENT,
    Step.FIRST_WARNING: Doer.AGENT,
    Step.SECOND_WARNING: Doer.AGENT,
    Step.SECOND_PERSON: Doer.AGENT,
    Step.LAST_WARNING: Doer.DECIDER,
    Step.END_CONTACT: Doer.DECIDER,
    Step.RESTRICTION: Doer.DECIDER,
    Step.POLICE: Doer.DECIDER,
}
MACHINE_STEPS = (Step.ASK, Step.FIRST_WARNING, Step.SECOND_WARNING)  # the most a company can leave to a machine
WITH_NOTICE = (Step.ASK, Step.FIRST_WARNING, Step.SECOND_WARNING, Step.LAST_WARNING, Step.END_CONTACT, Step.RESTRICTION)
_WARNINGS = (Step.ASK, Step.FIRST_WARNING, Step.SECOND_WARNING, Step.LAST_WARNING)
_BEFORE = {  # what must have come before, unless the danger is grave
    Step.SECOND_WARNING: (Step.ASK, Step.FIRST_WARNING),
    Step.LAST_WARNING: (Step.FIRST_WARNING, Step.SECOND_WARNING),
    Step.RESTRICTION: (*_WARNINGS[1:], Step.END_CONTACT),
}
WRITTEN = ("mail", "form", "portal", "letter")


@dataclass(frozen=True)
class Standing:
    """How things stand with a customer: `severity` of the worst thing that has no answer yet, the steps taken so far that still count,
    and whether this is a protected matter (a legitimate complaint, a request for accommodation).
    """

    severity: int = 0
    taken: tuple[Step, ...] = ()
    protected: bool = False


@dataclass(frozen=True)
class Terms:
    """What somebody wants to decide."""

    step: Step
    reason: str
    evidence: int
    kind: Kind | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    review_at: datetime | None = None
    contact: int | None = None
    channel: str = ""


@dataclass(frozen=True)
class Offer:
    """The next step and who may take it; `also`: other things to do at once; `alarm`: supervisors are told without delay."""

    step: Step
    doer: Doer
    also: tuple[Step, ...] = ()
    alarm: bool = False


def next_step(standing: Standing) -> Offer | None:
    """What the ladder offers. Rudeness is answered by asking only; grave danger jumps the ladder; a protected matter gets no step."""
    if standing.severity <= 0 or standing.protected:
        return None
    if standing.severity >= GRAVE:
        done = Step.END_CONTACT in standing.taken
        step = Step.RESTRICTION if done else Step.END_CONTACT
        return Offer(step, LEAST_DOER[step], (Step.POLICE, Step.SECOND_PERSON), alarm=True)
    if standing.severity == RUDE:
        return None if Step.ASK in standing.taken else Offer(Step.ASK, LEAST_DOER[Step.ASK])
    if not standing.taken:
        return Offer(Step.FIRST_WARNING, LEAST_DOER[Step.FIRST_WARNING], (Step.SECOND_PERSON,))
    order = [Step.ASK, Step.FIRST_WARNING, Step.SECOND_WARNING, Step.LAST_WARNING, Step.END_CONTACT, Step.RESTRICTION]
    reached = max((order.index(step) for step in standing.taken if step in order), default=-1)
    step = order[min(reached + 1, len(order) - 1)]
    also = () if Step.SECOND_PERSON in standing.taken else (Step.SECOND_PERSON,)
    return Offer(step, LEAST_DOER[step], also)


def refusals(
    terms: Terms, standing: Standing, *, doer: Doer, machine_may: Collection[Step] = (), longest: timedelta = timedelta(days=180)
) -> list[Refusal]:
    """Everything that stands against the step, the most fundamental first; empty when it may be taken."""
    found: list[Refusal] = []
    if doer == Doer.MACHINE:
        if terms.step not in MACHINE_STEPS or terms.step not in machine_may:
            found.append(Refusal.NOT_A_MACHINE)
    elif doer < LEAST_DOER[terms.step]:
        found.append(Refusal.NEEDS_DECIDER)
    if standing.protected and terms.step != Step.SECOND_PERSON:
        found.append(Refusal.PROTECTED)
    if not terms.reason.strip():
        found.append(Refusal.NO_REASON)
    if terms.step != Step.SECOND_PERSON and terms.evidence < 1:
        found.append(Refusal.NO_EVIDENCE)
    needed = _BEFORE.get(terms.step)
    if needed and standing.severity < GRAVE and not set(needed) & set(standing.taken):
        found.append(Refusal.TOO_EARLY)
    if terms.step == Step.RESTRICTION:
        found += _against_restriction(terms, longest)
    return found


def _against_restriction(terms: Terms, longest: timedelta) -> list[Refusal]:
    found = []
    if terms.kind is None:
        found.append(Refusal.NO_KIND)
    if terms.kind == Kind.ONE_PERSON and terms.contact is None:
        found.append(Refusal.NO_CONTACT)
    if terms.kind == Kind.ONE_CHANNEL and not terms.channel:
        found.append(Refusal.NO_CHANNEL)
    if terms.ends_at is None or terms.starts_at is None:
        found.append(Refusal.NO_END)
    elif terms.ends_at <= terms.starts_at:
        found.append(Refusal.END_BEFORE_START)
    elif terms.ends_at - terms.starts_at > longest:
        found.append(Refusal.TOO_LONG)
    if terms.review_at is None or (terms.ends_at is not None and terms.review_at > terms.ends_at):
        found.append(Refusal.NO_REVIEW)
    return found


@dataclass(frozen=True)
class Restriction:
    """A restriction in force, as far as an incoming message must know it."""

    id: int
    kind: Kind
    channel: str = ""
    contact: int | None = None


@dataclass(frozen=True)
class Reception:
    """What becomes of a message from a restricted customer. It is always kept. `held_by`: the restriction that it runs into (the
    customer gets its notice, nobody is asked to answer at once); `contact`: the person who alone deals with this customer.
    """

    held_by: int | None = None
    contact: int | None = None


def receive(restrictions: Iterable[Restriction], *, channel: str, office_open: bool, statutory: bool) -> Reception:
    """How a message is received under the restrictions. `statutory`: it is about safety or a right that no restriction touches."""
    held, contact = None, None
    for one in restrictions:
        contact = contact or one.contact
        if held is None and not statutory and _runs_into(one, channel=channel, office_open=office_open):
            held = one.id
    return Reception(held, contact)


def _runs_into(one: Restriction, *, channel: str, office_open: bool) -> bool:
    match one.kind:
        case Kind.REFUSAL:
            return True
        case Kind.ONE_CHANNEL:
            return channel != one.channel
        case Kind.WRITING_ONLY:
            return channel not in WRITTEN
        case Kind.OFFICE_HOURS:
            return not office_open
        case Kind.ONE_PERSON:
            return False
