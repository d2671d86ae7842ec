"""Case files: opening, writing, judging, closing, exporting, forgetting."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Message, Ticket

from .. import queries
from ..cases import open_case_of
from ..evidence import digest_of
from ..models import Case, CaseEntry, CaseEvidence
from ..reading import marked
from .ending import check_decider

EDITED = ("title", "facts", "demand", "manner", "judgement", "recurrence", "conclusion")
LONGEST = 20_000


@transaction.atomic
def open_case(*, ticket: Ticket, by: Actor, title: str = "") -> Case:
    """Open the file of a ticket, with the messages that were found in it as first evidence; an open one is given back."""
    agent = check_decider(by)
    found = open_case_of(ticket)
    if found is not None:
        return found
    now = clock.now()
    year = timezone.localtime(now).year
    Ticket.objects.select_for_update().get(pk=ticket.pk)
    last = Case.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    case = Case.objects.create(
        year=year, number=last + 1, title=(title.strip() or _("Ticket #{number}").format(number=ticket.pk))[:200],
        customer_id=ticket.customer_id, owner=agent, opened_by=by.name, opened_at=now,
    )  # fmt: skip
    case.tickets.add(ticket)
    theirs = Message.objects.filter(ticket=ticket, direction=Message.Direction.IN)
    add_evidence(case=case, message_ids=[message.pk for message, manner in marked(theirs) if manner.severity > 0], by=by)
    audit.record("protection.open_case", by=by, subject=f"case:{case.pk}", detail={"code": case.code, "ticket": ticket.pk})
    return case


@transaction.atomic
def add_evidence(*, case: Case, message_ids: Sequence[int], by: Actor) -> int:
    """Put messages of the case's tickets into the file, each with its digests; returns how many are new."""
    check_decider(by)
    _check_open(case)
    have = set(case.evidence.values_list("message_id", flat=True))
    rows = Message.objects.select_related("envelope").filter(ticket__in=case.tickets.all(), pk__in=list(message_ids)).order_by("id")
    new = [row for row in rows if row.pk not in have]
    for message in new:
        digest, raw = digest_of(message)
        entry = audit.record(
            "protection.keep_evidence", by=by, subject=f"message:{message.pk}", detail={"case": case.code, "sha256": digest, "raw": raw}
        )
        CaseEvidence.objects.create(case=case, message=message, digest=digest, raw=raw, entry_id=entry.pk, chain=entry.digest)
    return len(new)


@transaction.atomic
def write_entry(*, case: Case, kind: str, person: str, text: str, by: Actor) -> CaseEntry:
    """Write a statement, who was present, a decision or a measure against recurrence.

    A statement may come from any agent who may protect; the rest is for those who decide.
    """
    if kind == CaseEntry.Kind.STATEMENT:
        agent = Agent.objects.select_related("role").filter(pk=by.id or 0, is_active=True).first() if by.kind == "agent" else None
        if agent is None or queries.doer_of(agent) is None:
            raise NotAllowed
    else:
        check_decider(by)
    _check_open(case)
    if kind not in CaseEntry.Kind.values:
        raise Invalid
    if not text.strip():
        raise Invalid(fields={"text": _("Write something.")})
    row = CaseEntry.objects.create(
        case=case, kind=kind, person=(person.strip() or by.name)[:200], text=text.strip()[:LONGEST], by_name=by.name, at=clock.now()
    )
    audit.record("protection.write_case", by=by, subject=f"case:{case.pk}", detail={"entry": row.pk, "kind": kind})
    return row


@transaction.atomic
def edit_case(*, case: Case, by: Actor, **values: Any) -> Case:
    """Change facts, judgement or conclusions; what it was before stays in the audit log. Raises NotAllowed, Invalid, Conflict."""
    check_decider(by)
    _check_open(case)
    if set(values) - set(EDITED):
        raise Invalid
    before = {name: getattr(case, name) for name in values}
    for name, value in values.items():
        setattr(case, name, value)
    case.save(update_fields=list(values))
    audit.record("protection.edit_case", by=by, subject=f"case:{case.pk}", detail=audit.changes(before, values))
    return case


@transaction.atomic
def close_case(*, case: Case, by: Actor) -> Case:
    """Close the file. Both axes must be judged, and it must say what keeps it from happening again. Raises Invalid."""
    check_decider(by)
    _check_open(case)
    wrong: dict[str, object] = {}
    for name in ("demand", "manner"):
        if getattr(case, name) == Case.Answer.UNCLEAR:
            wrong[name] = _("Judge this before the file is closed.")
    for name in ("facts", "recurrence", "conclusion"):
        if not getattr(case, name).strip():
            wrong[name] = _("Write this before the file is closed.")
    if wrong:
        raise Invalid(_("The file is not complete: facts, both judgements, recurrence and conclusion are needed."), fields=wrong)
    case.state, case.closed_at = Case.State.CLOSED, clock.now()
    case.save(update_fields=["state", "closed_at"])
    audit.record("protection.close_case", by=by, subject=f"case:{case.pk}")
    return case


def note_export(*, case: Case, digest: str, by: Actor) -> None:
    """Who took a sealed package out of the house, and which."""
    check_decider(by)
    audit.record("protection.export_case", by=by, subject=f"case:{case.pk}", detail={"code": case.code, "manifest_sha256": digest})


@transaction.atomic
def forget_old_cases() -> int:
    """Erase closed files whose time is over by the legal profile; returns how many."""
    keep = queries.profile_of(queries.choices()).keep_cases
    old = list(Case.objects.filter(state=Case.State.CLOSED, closed_at__lt=clock.now() - keep)[:100])
    for case in old:
        audit.record("protection.erase_case", by=SYSTEM, subject=f"case:{case.pk}", detail={"code": case.code})
        case.delete()
    return len(old)


def _check_open(case: Case) -> None:
    if case.state != Case.State.OPEN:
        raise Conflict(_("This case file is closed."))
