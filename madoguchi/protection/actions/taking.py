"""Taking a step of the ladder towards a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotAllowed
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Ticket

from .. import ladder, queries
from ..events import StepTaken
from ..evidence import digest_of
from ..models import Evidence, Measure
from ..reading import manners_of
from ..refused import error_of
from ..texts import BEHAVIOURS, fill, subject, unfilled
from ..wording import appeal_link, draft, language_of, restriction_words

KIND = "protection"  # `Message.automatic` of a notice that a machine sent


@dataclass(frozen=True)
class Limits:
    """What a restriction restricts, until when, and who alone deals with the customer."""

    kind: ladder.Kind
    ends_at: datetime
    review_at: datetime
    starts_at: datetime | None = None
    contact: Agent | None = None
    channel: str = ""


@transaction.atomic
def take_step(
    *,
    ticket_id: int,
    step: ladder.Step,
    reason: str,
    message_ids: Sequence[int],
    by: Actor,
    behaviour: str = "",
    notice: str | None = None,
    limits: Limits | None = None,
) -> Measure:
    """Take a step: checks who may, keeps the evidence with its digests, tells the customer with the way to appeal.

    `reason`: what happened, as facts. `notice`: the text as edited by the person (None: the approved text). Raises NotAllowed or
    Invalid with what stands against it; the whole step happens or nothing of it.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("customer", "mailbox", "brand").get(pk=ticket_id)
    evidence = list(
        Message.objects.select_related("envelope").filter(ticket=ticket, direction=Message.Direction.IN, pk__in=message_ids).order_by("id")
    )
    standing = _check(ticket, step, reason=reason, evidence=len(evidence), limits=limits, by=by)
    now = clock.now()
    severity = max([standing.severity, *(manner.severity for manner in manners_of(m.pk for m in evidence).values())])
    measure = Measure.objects.create(
        customer_id=ticket.customer_id, ticket=ticket, step=step, severity=severity, reason=reason.strip(),
        behaviour=behaviour if behaviour in BEHAVIOURS and behaviour != "other" else "",
        by_kind=by.kind, by_id=by.id, by_name=by.name, created_at=now, starts_at=(limits and limits.starts_at) or now,
        language=language_of(ticket),
        kind=limits.kind if limits else "", channel=limits.channel if limits else "", contact=limits.contact if limits else None,
        ends_at=limits.ends_at if limits else None, review_at=limits.review_at if limits else None,
    )  # fmt: skip
    _keep_evidence(measure, evidence, by=by)
    if step in ladder.WITH_NOTICE:
        _tell_customer(measure, notice, by=by)
    if step in {ladder.Step.SECOND_PERSON, ladder.Step.POLICE}:
        staff.notify(agent_ids=queries.deciders(), kind=f"protection_{step}", ticket_id=ticket.pk, key=f"measure:{measure.pk}", by=by.name)
    audit.record(
        "protection.take_step", by=by, subject=f"ticket:{ticket.pk}",
        detail={"measure": measure.pk, "step": step, "kind": measure.kind, "ends_at": measure.ends_at,
                "evidence": [message.pk for message in evidence]},
    )  # fmt: skip
    events.emit(StepTaken(ticket.pk, ticket.team_id, measure.pk, step), by=by)
    return measure


def _doer(by: Actor) -> ladder.Doer:
    """What `by` is on the ladder. An API token acts for its agent but is no person who looked: it counts as a machine."""
    if by.kind != "agent":
        return ladder.Doer.MACHINE
    agent = Agent.objects.select_related("role").filter(pk=by.id or 0, is_active=True).first()
    doer = queries.doer_of(agent) if agent else None
    if doer is None:
        raise NotAllowed
    return doer


def _check(
    ticket: Ticket, step: ladder.Step, *, reason: str, evidence: int, limits: Limits | None, by: Actor
) -> ladder.Standing:  # fmt: skip
    chosen = queries.choices()
    standing = queries.standing_of(ticket)
    terms = ladder.Terms(
        step=step, reason=reason, evidence=evidence, kind=limits.kind if limits else None,
        starts_at=(limits.starts_at or clock.now()) if limits else None, ends_at=limits.ends_at if limits else None,
        review_at=limits.review_at if limits else None, contact=limits.contact.pk if limits and limits.contact else None,
        channel=limits.channel if limits else "",
    )  # fmt: skip
    against = ladder.refusals(
        terms, standing, doer=_doer(by), machine_may=queries.machine_may(chosen), longest=queries.profile_of(chosen).longest_restriction
    )
    if against:
        raise error_of(against)
    return standing


def _keep_evidence(measure: Measure, messages: Sequence[Message], *, by: Actor) -> None:
    for message in messages:
        digest, raw = digest_of(message)
        entry = audit.record(
            "protection.keep_evidence", by=by, subject=f"message:{message.pk}",
            detail={"measure": measure.pk, "sha256": digest, "raw": raw},
        )  # fmt: skip
        Evidence.objects.create(measure=measure, message=message, digest=digest, raw=raw, entry_id=entry.pk, chain=entry.digest)


def _tell_customer(measure: Measure, notice: str | None, *, by: Actor) -> None:
    """Send the notice as an answer in the ticket. Raises Invalid while words are missing in it."""
    ticket, step = measure.ticket, ladder.Step(measure.step)
    text = draft(ticket, step, language=measure.language) if notice is None else notice
    with formats.spoken_to(measure.language, ticket.customer.time_zone):
        behaviour = BEHAVIOURS[measure.behaviour or "other"][measure.language]
        text = fill(text, {"facts": measure.reason, "behaviour": behaviour, "decider": by.name})
        words = {"appeal_link": appeal_link(measure.pk)} | (restriction_words(measure, measure.language) if measure.kind else {})
        text = fill(text, words)
    missing = unfilled(text)
    if missing or not text.strip():
        names = ", ".join(f"{{{name}}}" for name in missing)
        raise Invalid(fields={"notice": _("Fill in {names} in the notice.").format(names=names) if names else _("The notice is empty.")})
    if step != ladder.Step.ASK and appeal_link(measure.pk) not in text:
        raise Invalid(fields={"notice": _("Keep {appeal_link} in the notice: the customer must be able to appeal.")})
    sent = tickets.reply(
        ticket_id=ticket.pk, text=text, by=by, status="", language=measure.language, automatic="" if by.kind == "agent" else KIND,
        subject=ticket.subject or subject(measure.language),
    )  # fmt: skip
    measure.notice, measure.message_id = text, sent.pk
    measure.save(update_fields=["notice", "message_id"])
