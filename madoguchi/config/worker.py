"""Background work: threads for each queue, the outbox, the timers, and the rooms' own loops (mail intake)."""

import argparse
import logging
import signal
import threading
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import Error, close_old_connections
from django.utils.module_loading import autodiscover_modules, import_string

from madoguchi.foundation import events, jobs, timers
from madoguchi.foundation.timers import Entry

from .schedule import SCHEDULE

log = logging.getLogger(__name__)

QUEUE_THREADS = {"default": 1, "mail": 2, "web": 2, "dns": 1, "index": 1, "bot": 1}
LOOK_EVERY = 0.25  # seconds between looks when there was nothing to do
AFTER_ERROR = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-mail", action="store_true", help="do not fetch or listen for mail in this worker")


def run(options: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(stop, mail=not options.no_mail)
    return 0


def work(stop: threading.Event, *, mail: bool) -> None:
    """Run until `stop` is set, then let running work finish."""
    autodiscover_modules("jobs")
    jobs.worker_name()  # needs a file: better no worker on a full disk than one whose threads have died
    _take_over()
    loops: list[Callable[[], bool]] = [events_once, timers_once]
    for queue, count in QUEUE_THREADS.items():
        loops += [partial(jobs.run_one, queue)] * count
    threads = [threading.Thread(target=_loop, args=(once, stop), name=f"worker-{i}") for i, once in enumerate(loops)]
    threads += [_thread(path, stop) for path in ALWAYS_LOOPS]
    if mail:
        threads += [_thread(path, stop) for path in MAIL_LOOPS]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(timeout=settings.SMTP_TIMEOUT.total_seconds() + 5)


def _take_over() -> None:
    try:
        jobs.release_lost()
    except Error:  # the loops wait for the database; claims that stay end with their lease
        log.warning("the database does not answer; trying again", exc_info=True)


def _thread(path: str, stop: threading.Event) -> threading.Thread:
    return threading.Thread(target=import_string(path), args=(stop,), name=path.rsplit(".", 1)[1])


# Functions of one argument, the stop event; each guards itself by a lease where it must be alone.
ALWAYS_LOOPS = ["madoguchi.tickets.jobs.send_loop"]
MAIL_LOOPS = ["madoguchi.intake.loop.run", "madoguchi.channels.mail.smtp_in.listen", "madoguchi.channels.mail.imap_in.watch"]


def events_once() -> bool:
    return events.fan_out() > 0


def timers_once() -> bool:
    return timers.run_due(SCHEDULE, run=_run_entry) > 0


def _run_entry(entry: Entry) -> None:
    try:
        import_string(entry.run)()
    except Exception:
        log.exception("timed work failed", extra={"entry": entry.name})


def _loop(once: Callable[[], bool], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            close_old_connections()
            busy = once()
            pause = 0 if busy else LOOK_EVERY
        except Error:
            log.warning("the database does not answer; trying again", exc_info=True)
            pause = AFTER_ERROR
        except Exception:
            log.exception("a worker loop failed")
            pause = AFTER_ERROR
        if pause:
            stop.wait(pause)
