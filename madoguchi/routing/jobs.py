"""Background work of routing."""

from madoguchi.foundation.jobs import job

from . import actions


@job("routing.retry_waiting", own_transaction=True)
def retry_waiting() -> None:
    """Each ticket in a transaction of its own, so that people's rows are not kept locked for the whole queue."""
    actions.retry_waiting()


def look_at_queue() -> None:
    """Timed: see config.schedule. People also become able by finishing a ticket or when their working hours begin."""
    actions.retry_waiting()
    actions.sound_alarms()
