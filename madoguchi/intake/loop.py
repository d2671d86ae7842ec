"""The worker's intake: one at a time over all workers, looking several times a second."""

import logging
import threading
import time

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from madoguchi.foundation import timers
from madoguchi.foundation.jobs import worker_name

from .queue import work_off

log = logging.getLogger(__name__)

LEASE = "intake"
LEASE_SECONDS = 5
RENEW_AFTER = 2.0
LOOK_EVERY = 0.15
AFTER_ERROR = 2.0


def run(stop: threading.Event) -> None:
    """Until `stop`: hold the lease and work off what waits. Safe beside another holder; the lease only saves double reading."""
    holder = worker_name()
    held_until = 0.0
    while not stop.is_set():
        try:
            close_old_connections()
            if time.monotonic() > held_until:
                mine = timers.hold_lease(LEASE, holder=holder, seconds=LEASE_SECONDS)
                held_until = time.monotonic() + RENEW_AFTER if mine else 0.0
            busy = work_off() if held_until else 0
            pause = 0.0 if busy else LOOK_EVERY
        except DatabaseError:
            log.warning("the database does not answer; mail waits", exc_info=True)
            connection.close()
            pause = AFTER_ERROR
        except Exception:
            log.exception("the intake failed and goes on")
            pause = AFTER_ERROR
        if pause:
            stop.wait(pause)
    try:
        timers.release_lease(LEASE, holder=holder)
    except DatabaseError:
        log.warning("the intake's lease runs out by itself", exc_info=True)
    connection.close()
