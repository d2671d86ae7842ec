"""A killed process is known to be dead at once, and what it had claimed is taken over without waiting for a lease."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from madoguchi.foundation import clock, jobs, liveness, timers
from madoguchi.foundation.models import Job, Lease

pytestmark = pytest.mark.django_db
SCRIPT = """
import sys, os
os.environ["DJANGO_SETTINGS_MODULE"] = "madoguchi.config.settings"
from madoguchi.foundation import liveness
print(liveness.my_name(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(settings, tmp_path):
    """A process of the same installation, to be killed; (process, its name)."""
    settings.HOME = tmp_path
    liveness._name.cache_clear()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "MADOGUCHI_HOME": str(tmp_path)},
    )
    yield process, process.stdout.readline().strip()
    process.kill()
    process.wait()
    liveness._name.cache_clear()


def test_alive_until_killed(other):
    process, name = other
    assert liveness.gone([name, liveness.my_name(), "never-seen"]) == set()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert liveness.gone([name, liveness.my_name()]) == {name}


def test_the_work_of_the_dead_is_taken_over_at_once(other):
    process, name = other
    ran = []
    jobs.job("test.take_over")(lambda: ran.append(1))
    jobs.enqueue("test.take_over", lock="ticket:1")
    Job.objects.update(state=Job.RUNNING, claimed_by=name, lease_until=clock.now() + timedelta(minutes=5), attempts=1)
    Lease.objects.create(name="intake", holder=f"{name}:7", until=clock.now() + timedelta(minutes=5))
    assert jobs.release_lost() == 0
    assert not timers.hold_lease("intake", holder="me", seconds=5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert jobs.release_lost() == 1
    assert timers.hold_lease("intake", holder="me", seconds=5)
    jobs.run_until_empty()
    assert ran == [1]
    assert jobs.release_lost() == 0


def test_many_waiting_jobs_of_one_lock_do_not_block_the_others():
    ran = []
    jobs.job("test.other")(lambda: ran.append(1))
    for _ in range(30):
        jobs.enqueue("test.other", lock="slow")
    Job.objects.filter(pk=Job.objects.first().pk).update(state=Job.RUNNING, lease_until=clock.now() + timedelta(minutes=5))
    jobs.enqueue("test.other", lock="quick")
    assert jobs.run_one()
    assert not jobs.run_one()
    assert ran == [1]
