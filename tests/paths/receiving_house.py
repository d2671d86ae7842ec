"""A house that receives: `prepare [IMAP_PORT]`, `start mail`, `import FOLDER`, `look` after a kill, `report` at the end."""

import argparse
import hashlib
from collections import Counter
from pathlib import Path

from tests.paths import house


def prepare(imap_port: str = "") -> None:
    from madoguchi.channels.models import Mailbox
    from madoguchi.foundation import clock, crypto
    from madoguchi.sla.actions.policies import ensure_default_policy
    from madoguchi.workplace import actions as workplace

    workplace.set_up(name="Hoshizora", language="en", time_zone="UTC")
    fetched = {
        "incoming": "imap", "imap_host": "127.0.0.1", "imap_port": int(imap_port), "imap_security": "none", "imap_user": "ruth",
        "imap_secret": crypto.encrypt("a password"), "imap_move_to": "Done",
    } if imap_port else {}  # fmt: skip
    Mailbox.objects.create(name="Support", address="support@hoshizora.example", is_default=True, created_at=clock.now(), **fetched)
    ensure_default_policy()


def take_in_files(folder: str) -> int:
    """Fork an import; its pid."""
    from madoguchi.intake import commands

    options = argparse.Namespace(action="import", path=Path(folder), json=True, read=False)
    return house.fork(lambda: commands.run(options))


def look() -> dict[str, int]:
    """What was left undone."""
    from madoguchi.channels.models import Envelope
    from madoguchi.foundation.models import Event, Job
    from madoguchi.tickets.models import Delivery

    waiting = Envelope.objects.filter(stage="received")
    return {
        "envelopes": Envelope.objects.count(),
        "waiting": waiting.count(),
        "begun": waiting.filter(attempts__gt=0).count(),
        "events": Event.objects.filter(fanned_out=False).count(),
        "jobs": Job.objects.exclude(state="dead").count(),
        "deliveries": Delivery.objects.exclude(state="sent").count(),
    }


def report() -> dict:
    """All that became of the mail, in words that are the same however often the house fell down on the way."""
    from django.conf import settings
    from django.db import connection

    from madoguchi.channels.models import Envelope
    from madoguchi.customers.models import Customer
    from madoguchi.foundation.models import Event, Job
    from madoguchi.sla.models import Deadline
    from madoguchi.tickets.models import Attachment, Delivery, Message, Ticket

    arrived = Message.objects.filter(direction="in").order_by("-id")
    root = dict(arrived.values_list("ticket_id", "message_id"))  # the oldest, which comes last, stays
    files = Counter(Attachment.objects.values_list("message_id", flat=True))
    messages = [
        [message_id, root[ticket], hashlib.sha256(text.encode()).hexdigest()[:12], sender, language, files[pk], automatic]
        for pk, message_id, ticket, text, sender, language, automatic in arrived.values_list(
            "id", "message_id", "ticket_id", "text", "from_address", "language", "automatic"
        )
    ]
    answers = Counter(Message.objects.filter(direction="out").values_list("ticket_id", flat=True))
    clocks = Counter(Deadline.objects.filter(metric="first_reply").values_list("ticket_id", flat=True))
    tickets = [
        [root[ticket.pk], ticket.subject, ticket.status, ticket.customer.name, ticket.message_count, ticket.unsolved, ticket.channel,
         answers[ticket.pk], clocks[ticket.pk]]
        for ticket in Ticket.objects.select_related("customer")
    ]  # fmt: skip
    ready = Counter(Event.objects.filter(name="tickets.MessageReady").values_list("payload__message_id", flat=True))
    with connection.cursor() as cursor:
        shelf = "search_messages_source" if connection.vendor == "sqlite" else "search_messages"
        indexed = cursor.execute(f"SELECT count(*) FROM {shelf}").fetchone()[0]  # noqa: S608
    out = settings.MAIL_FOLDER
    return {
        "messages": sorted(messages),
        "tickets": sorted(tickets),
        "customers": Customer.objects.count(),
        "ready": [*sorted(ready.values(), reverse=True)[:1], len(ready)],
        "stages": Counter(Envelope.objects.values_list("stage", flat=True)),
        "indexed": indexed,
        "deliveries": Counter(Delivery.objects.values_list("state", flat=True)),
        "sent": len(list(out.glob("*.eml"))) if out and out.exists() else 0,
        "dead_jobs": Job.objects.filter(state="dead").count(),
    }


COMMANDS = {"prepare": prepare, "start": house.start, "import": take_in_files, "look": look, "report": report}

if __name__ == "__main__":
    house.keep(COMMANDS)
