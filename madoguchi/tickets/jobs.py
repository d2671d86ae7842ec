"""Sending what is due. One thread talks to the database; a few others talk to mail servers and to nothing else.

How a message goes out once and only once through `kill -9`: docs/adr/0007-sending-once.md.
"""

import logging
import queue
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import Error, close_old_connections

from madoguchi.channels.mail import journal
from madoguchi.channels.mail.journal import Journal, Story
from madoguchi.channels.mail.problems import SendProblem
from madoguchi.channels.mail.send import Outgoing, Receipt, Route, answer_of, send
from madoguchi.foundation import clock

from . import queries
from .actions import delivering
from .models import Delivery
from .outgoing import prepare

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds between looks for due deliveries
RECOVER_EVERY = timedelta(seconds=5)
AFTER_ERROR = 2.0
FINISH_SECONDS = 10.0  # how long a stopping worker waits for conversations that are under way
LOST_AFTER = timedelta(hours=1)  # an attempt of another house that nobody came back for


@dataclass
class Attempt:
    """One delivery on its way; `result` is set by the sending thread."""

    delivery: Delivery
    journal: Journal
    route: Route
    outgoing: Outgoing
    result: Receipt | SendProblem | None = None

    def run(self) -> None:
        try:
            self.result = send(self.route, self.outgoing, self.journal)
        except SendProblem as problem:
            self.result = problem
        except Exception as error:
            log.exception("sending failed in our own code", extra={"delivery": self.delivery.pk})
            self.result = SendProblem("program", type(error).__name__, permanent=False)

    def record(self) -> None:
        """Bring the result to the database, then forget the journal; killed in between, recovery finds it done."""
        if isinstance(self.result, Receipt):
            delivering.record_receipt(delivery=self.delivery, receipt=self.result)
        elif self.result is not None:
            log.warning("mail not sent", extra={"delivery": self.delivery.pk, "problem": self.result.problem, "detail": self.result.detail})
            delivering.record_problem(delivery=self.delivery, problem=self.result)
        self.journal.close()


def begin(delivery_id: int) -> Attempt | None:
    """Claim a due delivery and make its message; None when it is taken, no longer due, or cannot be made (recorded as failed)."""
    running = journal.begin(delivery_id)
    try:
        delivery = delivering.claim(delivery_id=delivery_id, attempt=running.token)
        if delivery is None:
            running.close()
            return None
        try:
            return Attempt(delivery, running, *prepare(delivery))
        except SendProblem as problem:
            delivering.record_problem(delivery=delivery, problem=problem)
        except Error:
            raise
        except Exception as error:
            log.exception("a message cannot be made", extra={"delivery": delivery.pk})
            delivering.record_problem(delivery=delivery, problem=SendProblem("program", type(error).__name__, permanent=True))
    except Error:
        running.abandon()  # whether the claim stands is for recovery to see
        raise
    running.close()
    return None


class Sender:
    """Keeps up to SMTP_CONNECTIONS conversations going, a few per mailbox, so that one slow server holds up nobody else."""

    def __init__(self) -> None:
        self._under_way: dict[int, Attempt] = {}
        self._ended: queue.SimpleQueue[Attempt] = queue.SimpleQueue()
        self._unrecorded: list[Attempt] = []
        self._recover_at = clock.now()

    def step(self) -> bool:
        """Look once; True when something moved, so that the caller looks again at once."""
        if clock.now() >= self._recover_at:
            recover()
            self._recover_at = clock.now() + RECOVER_EVERY
        moved = self._start()
        return self._finish(wait=LOOK_EVERY if self._under_way and not moved else 0) or moved

    def finish(self, *, seconds: float) -> None:
        """Wait for what is under way; what takes longer is resolved from its journal at the next start."""
        deadline = clock.now() + timedelta(seconds=seconds)
        while self._under_way and clock.now() < deadline:
            self._finish(wait=LOOK_EVERY)

    def _start(self) -> bool:
        room = settings.SMTP_CONNECTIONS - len(self._under_way)
        if room <= 0:
            return False
        per_mailbox = Counter(attempt.delivery.mailbox_id for attempt in self._under_way.values())
        full = [mailbox for mailbox, count in per_mailbox.items() if count >= settings.SMTP_CONNECTIONS_PER_MAILBOX]
        started = False
        for delivery_id, mailbox_id in queries.due_deliveries(limit=room * 4, without=full):
            if len(self._under_way) >= settings.SMTP_CONNECTIONS:
                break
            if per_mailbox[mailbox_id] >= settings.SMTP_CONNECTIONS_PER_MAILBOX:
                continue
            started = True
            if attempt := begin(delivery_id):
                per_mailbox[mailbox_id] += 1
                self._under_way[delivery_id] = attempt
                threading.Thread(target=self._run, args=(attempt,), name=f"send-{delivery_id}", daemon=True).start()
        return started

    def _run(self, attempt: Attempt) -> None:
        attempt.run()
        self._ended.put(attempt)

    def _finish(self, *, wait: float) -> bool:
        moved = False
        while True:
            try:
                attempt = self._ended.get(timeout=0 if moved or not wait else wait) if wait else self._ended.get_nowait()
            except queue.Empty:
                break
            self._unrecorded.append(attempt)
            moved, wait = True, 0
        while self._unrecorded:
            self._unrecorded[0].record()  # stays in the list when the database does not answer
            del self._under_way[self._unrecorded.pop(0).delivery.pk]
        return moved


def send_loop(stop: threading.Event) -> None:
    """Send until told to stop."""
    sender = Sender()
    while not stop.is_set():
        try:
            close_old_connections()
            pause = 0 if sender.step() else LOOK_EVERY
        except Error:
            log.warning("the database does not answer; trying again", exc_info=True)
            pause = AFTER_ERROR
        except Exception:
            log.exception("the sender failed")
            pause = AFTER_ERROR
        if pause:
            stop.wait(pause)
    sender.finish(seconds=FINISH_SECONDS)


def send_due() -> int:
    """Send everything that is due now, one after the other, in this thread; returns how many were tried."""
    recover()
    tried = 0
    while batch := queries.due_deliveries(limit=50):
        for delivery_id, _mailbox in batch:
            tried += 1
            if attempt := begin(delivery_id):
                attempt.run()
                attempt.record()
    return tried


def recover() -> None:
    """Resolve the attempts of processes that are gone, from what their journals say."""
    for token, story, found in journal.ended():
        try:
            delivery = queries.delivery_of_attempt(token)
            if delivery is not None:
                _resolve(delivery, story)
        except Exception:
            found.abandon()
            raise
        found.close()
    house = f"{journal.house_id()}-"
    for delivery in queries.deliveries_being_sent():
        ours = delivery.attempt.startswith(house)
        if (ours and not journal.exists(delivery.attempt)) or (not ours and delivery.updated_at < clock.now() - LOST_AFTER):
            delivering.record_problem(delivery=delivery, problem=SendProblem("stopped", permanent=True))


def _resolve(delivery: Delivery, story: Story) -> None:
    log.warning("an attempt to send was cut off", extra={"delivery": delivery.pk, "phase": chr(story.phase)})
    if story.phase == journal.ANSWERED and story.answer:
        try:
            delivering.record_receipt(delivery=delivery, receipt=answer_of(story.answer, story.accepted, story.refused))
        except SendProblem as problem:
            delivering.record_problem(delivery=delivery, problem=problem)
    elif story.phase == journal.HANDED_OVER:
        delivering.record_receipt(delivery=delivery, receipt=Receipt("", story.accepted, story.refused, confirmed=False))
    else:
        delivering.unclaim(delivery=delivery)
