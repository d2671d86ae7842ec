"""Background work of knowledge."""

import os
import subprocess
import sys

from madoguchi.foundation.errors import Unavailable
from madoguchi.foundation.jobs import job
from madoguchi.foundation.models import Job

from . import actions

INDEX = "knowledge.index"
NICE = 10
"""Indexing gives way to customers and agents."""


@job(INDEX, queue="index", own_transaction=True)
def index() -> None:
    """In a process of its own: the model's memory (about 400 MiB) goes back when it is done, and the worker stays small."""
    Job.objects.filter(key=INDEX, state=Job.RUNNING).update(key=None)  # what changes from now on asks for another run
    command = [sys.executable, "-m", "madoguchi", "kb", "index", "--quiet"]
    done = subprocess.run(  # noqa: S603  our own program
        command, capture_output=True, text=True, check=False, preexec_fn=lambda: os.nice(NICE)
    )
    if done.returncode:
        raise Unavailable(done.stderr.strip().rpartition("\n")[2] or f"kb index ended with {done.returncode}")


def keep_dates() -> None:
    """Timed: texts that are due appear, texts that have run out go."""
    actions.run_timed()
