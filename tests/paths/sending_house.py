"""A small installation in a process of its own, told what to do on stdin; its workers are forked so that a kill costs no start.

Commands, one a line, each answered with one line: `prepare PORT`, `reply COUNT`, `start`, `report`.
"""

import json
import os
import sys
import threading


def main() -> None:
    import django

    django.setup(set_prefix=False)
    from django.core.management import call_command
    from django.db import connections
    from django.utils.module_loading import autodiscover_modules

    autodiscover_modules("jobs")
    call_command("migrate", verbosity=0, interactive=False)
    for line in sys.stdin:
        command, *arguments = line.split()
        answer = {"prepare": prepare, "reply": reply, "start": start, "report": report}[command](*arguments)
        connections.close_all()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def prepare(port: str) -> int:
    from madoguchi.channels.models import Mailbox
    from tests import cast

    people = cast.assemble()
    Mailbox.objects.update(smtp_host="127.0.0.1", smtp_port=int(port), smtp_security="none")
    return people.ticket().pk


def reply(count: str) -> list[str]:
    from madoguchi.foundation.actor import SYSTEM
    from madoguchi.tickets import actions
    from madoguchi.tickets.models import Ticket

    ticket = Ticket.objects.get()
    return [actions.reply(ticket_id=ticket.pk, text=f"Answer {i}", by=SYSTEM, automatic="trigger").message_id for i in range(int(count))]


def start() -> int:
    """Fork a worker; its pid."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    from madoguchi.config.worker import work

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    work(threading.Event(), mail=False)
    os._exit(0)


def report() -> dict[str, int]:
    """Deliveries by state, and how many of the sent are unconfirmed."""
    from django.db.models import Count

    from madoguchi.tickets.models import Delivery

    states = dict(Delivery.objects.values_list("state").annotate(n=Count("id")))
    return states | {"unconfirmed": Delivery.objects.filter(confirmed=False).count()}


if __name__ == "__main__":
    main()
