"""Background work of the clocks."""

from datetime import datetime

from madoguchi.foundation import jobs
from madoguchi.foundation.jobs import job
from madoguchi.tickets.models import Ticket

from . import actions

BATCH = 100  # tickets looked at in one transaction


@job("sla.retarget_all")
def retarget_all(*, at: str, after: int = 0) -> None:
    """Rules changed at `at`: look at every open ticket again, a batch at a time, newest progress kept in the job itself."""
    ticket_ids = list(Ticket.objects.filter(unsolved=True, pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not ticket_ids:
        return
    actions.retarget(ticket_ids=ticket_ids, at=datetime.fromisoformat(at))
    jobs.enqueue("sla.retarget_all", at=at, after=ticket_ids[-1])


@job("sla.escalate")
def escalate(*, deadline: int, step: int, about: str) -> None:
    actions.escalate(deadline_id=deadline, step_id=step, about=datetime.fromisoformat(about))


def sound_alarms() -> None:
    """Timed: see config.schedule."""
    actions.sound_alarms()
