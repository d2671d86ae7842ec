"""Background work: runs once, is retried, dies visibly, and survives its worker."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from madoguchi.foundation import audit, clock, events, jobs, ratelimit
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import TooMany, Upstream
from madoguchi.foundation.models import AuditEntry, Job

pytestmark = pytest.mark.django_db
ran: list[int] = []


@dataclass(frozen=True)
class NobodyListens:
    number: int


@jobs.job("test.note")
def note(*, number: int) -> None:
    ran.append(number)


@jobs.job("test.refuse")
def refuse(*, permanent: bool) -> None:
    raise Upstream("no", permanent=permanent)


@pytest.fixture(autouse=True)
def _empty() -> None:
    ran.clear()


def test_a_job_runs_once_and_leaves_no_row():
    jobs.enqueue("test.note", number=1)
    jobs.run_until_empty()
    assert ran == [1]
    assert not Job.objects.exists()


def test_the_same_key_waits_only_once():
    assert jobs.enqueue("test.note", key="k", number=1)
    assert not jobs.enqueue("test.note", key="k", number=2)
    jobs.run_until_empty()
    assert ran == [1]
    assert jobs.enqueue("test.note", key="k", number=3)


def test_a_failing_job_is_tried_again_later_and_dies_visibly():
    jobs.enqueue("test.refuse", permanent=False)
    now = clock.now()
    with clock.frozen(now):
        assert jobs.run_one()
        assert not jobs.run_one()
    row = Job.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert "no" in row.last_error
    for _ in range(jobs.MAX_ATTEMPTS):
        now += timedelta(days=1)
        with clock.frozen(now):
            jobs.run_one()
    row.refresh_from_db()
    assert row.state == "dead"
    assert jobs.revive(job_id=row.pk)


def test_a_permanent_refusal_is_not_repeated():
    jobs.enqueue("test.refuse", permanent=True)
    jobs.run_one()
    assert Job.objects.get().state == "dead"


def test_a_killed_workers_job_is_taken_over_after_its_lease():
    jobs.enqueue("test.note", number=7)
    taken = jobs.claim("default")
    assert taken is not None
    assert not jobs.run_one()
    with clock.frozen(clock.now() + jobs.LEASE + timedelta(seconds=1)):
        assert jobs.run_one()
    assert ran == [7]


def test_jobs_with_one_lock_do_not_run_together():
    jobs.enqueue("test.note", lock="ticket:1", number=1)
    jobs.enqueue("test.note", lock="ticket:1", number=2)
    assert jobs.claim("default") is not None
    assert jobs.claim("default") is None


def test_unknown_work_dies_instead_of_being_lost():
    jobs.enqueue("nobody.knows")
    jobs.run_one()
    assert Job.objects.get().state == "dead"


def test_the_audit_chain_notices_a_changed_entry():
    for number in range(3):
        audit.record("test.act", by=SYSTEM, detail={"n": number})
    assert audit.verify().ok
    middle = AuditEntry.objects.order_by("id")[1]
    AuditEntry.objects.filter(pk=middle.pk).update(detail={"n": 99})
    assert audit.verify().broken_at == middle.pk


def test_the_audit_chain_notices_a_missing_entry():
    for number in range(3):
        audit.record("test.act", by=SYSTEM, detail={"n": number})
    AuditEntry.objects.order_by("id")[1:2].get().delete()
    assert not audit.verify().ok


def test_a_rate_limit_counts_and_refuses():
    now = clock.now()
    with clock.frozen(now):
        assert ratelimit.hit("login:x", limit=2, seconds=60) == 1
        assert ratelimit.hit("login:x", limit=2, seconds=60) == 0
        with pytest.raises(TooMany):
            ratelimit.hit("login:x", limit=2, seconds=60)
        assert ratelimit.hit("login:y", limit=2, seconds=60) == 1


def test_events_without_handlers_are_fanned_out_to_nobody():
    events.emit(NobodyListens(1), by=SYSTEM)
    assert events.fan_out() == 1
    assert events.fan_out() == 0
    assert not Job.objects.exists()


def test_what_a_handler_announces_comes_from_what_it_handled():
    from madoguchi.foundation.models import Event
    from madoguchi.tickets.events import TicketCreated

    events.emit(TicketCreated(1, None, "mail"), by=SYSTEM)
    first = Event.objects.get()
    with events.causing(first):
        events.emit(TicketCreated(2, None, "mail"), by=SYSTEM)
    second = Event.objects.get(ticket_id=2)
    with events.causing(second):
        events.emit_many([TicketCreated(3, None, "mail")], by=SYSTEM)
    third = Event.objects.get(ticket_id=3)
    assert [(e.root_id, e.depth) for e in (first, second, third)] == [(None, 0), (first.pk, 1), (first.pk, 2)]
