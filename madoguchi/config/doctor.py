"""`madoguchi doctor`: is this installation healthy, and what does it hold?"""

import argparse
import json
import sys

from django.conf import settings
from django.db.models import Count

from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.foundation import audit, disk
from madoguchi.foundation.models import Job
from madoguchi.tickets.models import Delivery, Message, Ticket


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    report = examine()
    if options.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        for name, value in report.items():
            if name != "problems":
                sys.stdout.write(f"{name:20} {value}\n")
        for problem in report["problems"]:
            sys.stdout.write(f"Problem: {problem}\n")
    return 0 if report["ok"] else 1


def examine() -> dict:
    """The counts of DESIGN 4 and what is wrong, in words."""
    deliveries = dict(Delivery.objects.values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    jobs = dict(Job.objects.values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    chain = audit.verify()
    waiting = sum(deliveries.get(state, 0) for state in ("held", "waiting", "sending", "retry"))
    dead = deliveries.get("failed", 0)
    problems = []
    if not chain.ok:
        problems.append(f"The audit chain is broken at entry {chain.broken_at}")
    if jobs.get("dead"):
        problems.append(f"{jobs['dead']} background jobs gave up; see Settings, Operation")
    free = disk.free()
    if free < disk.LOW:
        problems.append(f"Only {free // 2**20} MiB are free under {settings.HOME}; mail is refused for now when they run out")
    unconfirmed = Delivery.objects.filter(state=Delivery.State.SENT, confirmed=False).count()
    if unconfirmed:
        problems.append(f"{unconfirmed} mails were given to a server that never confirmed them; see Settings, Sent mail")
    problems += [f"Mailbox {box.address}: {box.imap_error}" for box in Mailbox.objects.filter(is_active=True).exclude(imap_error="")]
    return {
        "ok": chain.ok,
        "problems": problems,
        "tickets": Ticket.objects.count(),
        "messages": Message.objects.count(),
        "envelopes": Envelope.objects.count(),
        "quarantined": Envelope.objects.filter(stage=Envelope.Stage.QUARANTINED).count(),
        "deliveries_waiting": waiting,
        "deliveries_dead": dead,
        "deliveries_unconfirmed": unconfirmed,
        "jobs_waiting": jobs.get("waiting", 0) + jobs.get("running", 0),
        "jobs_dead": jobs.get("dead", 0),
        "audit_ok": chain.ok,
        "free_bytes": free,
    }
