"""Reads of case files. The fetch is the permission check: who decides, and may see one of the file's tickets."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Ticket
from madoguchi.tickets.queries import visible_condition

from .evidence import digest_of
from .models import Case, CaseEvidence, Measure


def cases_visible_to(agent: Agent) -> QuerySet[Case]:
    if not agent.may(Permission.PROTECTION_DECIDE):
        return Case.objects.none()
    condition = visible_condition(agent, "tickets__")
    rows = Case.objects.select_related("customer", "owner")
    return rows if condition is None else rows.filter(condition).distinct()


def case_for(agent: Agent, case_id: int) -> Case:
    """Raises NotFound, whether it is hidden or does not exist."""
    case = cases_visible_to(agent).filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case


def open_case_of(ticket: Ticket) -> Case | None:
    return Case.objects.filter(tickets=ticket, state=Case.State.OPEN).first()


def readers_of(case: Case) -> list[str]:
    """Names of those who may see the file, for whoever wants to check."""
    agents = Agent.objects.filter(is_active=True).select_related("role").order_by("name")
    return [agent.name for agent in agents if cases_visible_to(agent).filter(pk=case.pk).exists()]


def measures_in(case: Case) -> QuerySet[Measure]:
    return (
        Measure.objects.filter(Q(ticket__in=case.tickets.all()))
        .select_related("ticket")
        .prefetch_related("evidence", "appeals")
        .order_by("id")
    )


@dataclass(frozen=True)
class Checked:
    """A piece of evidence, and whether what we hold today still has the digest that was written down."""

    row: CaseEvidence
    intact: bool


def evidence_of(case: Case) -> list[Checked]:
    rows = case.evidence.select_related("message__envelope", "message__ticket").order_by("message__created_at", "id")
    return [Checked(row, digest_of(row.message)[0] == row.digest) for row in rows]


def quadrant(case: Case) -> str:
    """What the two axes ask for: solve | answer_and_step | refuse | refuse_and_step | "" while it is not clear."""
    yes, no = {Case.Answer.YES, Case.Answer.PARTLY}, {Case.Answer.NO}
    places: dict[tuple[bool, bool], str] = {
        (True, True): "solve", (True, False): "answer_and_step", (False, True): "refuse", (False, False): "refuse_and_step",
    }  # fmt: skip
    if Case.Answer.UNCLEAR in {case.demand, case.manner}:
        return ""
    return places[case.demand in yes, case.manner not in no and case.manner != Case.Answer.PARTLY]


def as_data(case: Case) -> dict[str, Any]:
    """The whole file as plain values, for export; texts as they were written."""
    return {
        "format": "madoguchi-case", "version": 1, "code": case.code, "title": case.title, "state": case.state,
        "customer": {"id": case.customer_id, "name": case.customer.name,
                     "identities": [[one.kind, one.value] for one in case.customer.identities.order_by("id")]},
        "tickets": list(case.tickets.order_by("id").values_list("id", flat=True)),
        "owner": case.owner.name if case.owner else "", "opened_by": case.opened_by, "opened_at": case.opened_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "facts": case.facts, "judgement": {"demand_justified": case.demand, "manner_acceptable": case.manner, "reasons": case.judgement},
        "entries": [
            {"kind": row.kind, "person": row.person, "text": row.text, "written_by": row.by_name, "at": row.at.isoformat()}
            for row in case.entries.order_by("id")
        ],
        "steps": [_measure(row) for row in measures_in(case)],
        "evidence": [_evidence(one) for one in evidence_of(case)],
        "recurrence": case.recurrence, "conclusion": case.conclusion,
    }  # fmt: skip


def _measure(row: Measure) -> dict[str, Any]:
    return {
        "step": row.step, "kind": row.kind, "severity": row.severity, "behaviour": row.behaviour, "reason": row.reason, "by": row.by_name,
        "by_kind": row.by_kind, "at": row.created_at.isoformat(), "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None, "end_reason": row.end_reason, "notice": row.notice,
        "language": row.language, "evidence": [[one.message_id, one.digest] for one in row.evidence.all()],
        "appeals": [
            {"text": one.text, "state": one.state, "decided_by": one.decided_name, "answer": one.answer} for one in row.appeals.all()
        ],
    }  # fmt: skip


def _evidence(one: Checked) -> dict[str, Any]:
    row, message = one.row, one.row.message
    return {
        "message": row.message_id, "ticket": message.ticket_id, "at": message.created_at.isoformat(), "channel": message.channel,
        "from": [message.from_name, message.from_address], "subject": message.subject, "text": message.text,
        "language": message.language or message.ticket.language,
        "sha256": row.digest, "of": "raw mail" if row.raw else "canonical JSON", "audit_entry": row.entry_id, "audit_digest": row.chain,
        "intact": one.intact,
    }  # fmt: skip
