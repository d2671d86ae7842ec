"""The case record of a ticket."""

from django.db import transaction

from madoguchi.foundation import clock
from madoguchi.foundation.actor import Actor
from madoguchi.tickets.actions.changing import note_in_history
from madoguchi.tickets.models import Ticket

from ..models import CaseRecord

LONGEST = 4000


@transaction.atomic
def write_record(*, ticket: Ticket, cause: str, solution: str, lesson: str, by: Actor) -> CaseRecord:
    """Write or change what the ticket teaches; all empty leaves an empty record."""
    record, _made = CaseRecord.objects.update_or_create(
        ticket=ticket,
        defaults={
            "cause": cause.strip()[:LONGEST], "solution": solution.strip()[:LONGEST], "lesson": lesson.strip()[:LONGEST],
            "written_by_id": by.agent_id, "written_at": clock.now(),
        },
    )  # fmt: skip
    note_in_history(ticket, by=by, field="case_record")
    return record
