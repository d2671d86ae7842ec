"""A customer asks for a review of a step; somebody who was not involved decides and answers."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.staff import actions as staff
from madoguchi.tickets import actions as tickets

from .. import queries
from ..models import Appeal, Evidence, Measure
from ..texts import subject
from .ending import check_decider, lift
from .judging import judge

CUSTOMER = Actor("customer")
LONGEST = 5000


@transaction.atomic
def appeal(*, measure: Measure, text: str) -> Appeal:
    """Ask for a review, by the customer's own link. Raises Invalid without words, Conflict when it is too late or one is open."""
    text = text.strip()
    if not text:
        raise Invalid(fields={"text": _("Write why you think that this is wrong.")})
    chosen = queries.choices()
    now = clock.now()
    if not queries.may_appeal(measure, chosen):
        raise Conflict(_("The time for asking for a review has passed."))
    try:
        with transaction.atomic():
            row = Appeal.objects.create(measure=measure, text=text[:LONGEST], at=now, answer_by=now + timedelta(days=chosen.answer_days))
    except IntegrityError as error:
        raise Conflict(_("We have your request already and will answer it.")) from error
    people = [pk for pk in queries.deciders() if pk != measure.by_id]
    staff.notify(agent_ids=people, kind="protection_appeal", ticket_id=measure.ticket_id, key=f"appeal:{row.pk}")
    audit.record("protection.appeal", by=CUSTOMER, subject=f"measure:{measure.pk}", detail={"appeal": row.pk})
    return row


@transaction.atomic
def decide_appeal(*, appeal_id: int, lifted: bool, answer: str, by: Actor, not_harassment: bool = False) -> Appeal:
    """Decide and answer the customer. `not_harassment`: the messages are judged as not harassment, so that the mistake is counted.

    Raises NotAllowed for whoever took the step, Invalid without an answer, Conflict when it is decided.
    """
    decider = check_decider(by)
    row = Appeal.objects.select_for_update(of=("self",)).select_related("measure__ticket").get(pk=appeal_id)
    measure = row.measure
    if measure.by_kind == "agent" and measure.by_id == decider.pk:
        raise NotAllowed(_("Somebody who was not involved must decide."))
    if row.state != Appeal.State.OPEN:
        raise Conflict(_("This has been decided already."))
    if not answer.strip():
        raise Invalid(fields={"answer": _("Write the answer to the customer.")})
    row.state = Appeal.State.LIFTED if lifted else Appeal.State.STANDS
    row.decided_id, row.decided_name, row.decided_at, row.answer = decider.pk, decider.name, clock.now(), answer.strip()
    row.save(update_fields=["state", "decided_id", "decided_name", "decided_at", "answer"])
    if lifted and measure.ended_at is None:
        lift(measure_id=measure.pk, reason=_("Appeal"), by=by)
    if lifted and not_harassment:
        for message_id in Evidence.objects.filter(measure=measure).values_list("message_id", flat=True):
            judge(message_id=message_id, severity=0, reason=_("Appeal"), by=by)
    tickets.reply(
        ticket_id=measure.ticket_id, text=answer.strip(), by=by, status="", language=measure.language,
        subject=measure.ticket.subject or subject(measure.language or "en"),
    )  # fmt: skip
    audit.record("protection.decide_appeal", by=by, subject=f"measure:{measure.pk}", detail={"appeal": row.pk, "lifted": lifted})
    return row
