"""Background work of the assistant, in a queue of its own: the first answer after a quiet while takes some seconds."""

import logging

from django.db import OperationalError

from madoguchi.foundation.jobs import job

from . import actions

log = logging.getLogger(__name__)


@job("bot.consider", queue="bot", own_transaction=True)
def consider(message_id: int) -> None:
    """A customer in a chat cannot wait for another attempt in a minute: what fails goes to people at once."""
    try:
        actions.consider(message_id=message_id)
    except OperationalError:
        raise
    except Exception:
        log.exception("the assistant failed; people take over", extra={"message_id": message_id})
        actions.leave_to_people(message_id=message_id)


def settle() -> None:
    """Timed: see config.schedule."""
    actions.settle()
