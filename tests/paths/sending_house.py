"""A house that sends: `prepare PORT` of its mail server, `reply COUNT`, `start`, `report`."""

from tests.paths import house


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


def report() -> dict[str, int]:
    """Deliveries by state, and how many of the sent are unconfirmed."""
    from django.db.models import Count

    from madoguchi.tickets.models import Delivery

    states = dict(Delivery.objects.values_list("state").annotate(n=Count("id")))
    return states | {"unconfirmed": Delivery.objects.filter(confirmed=False).count()}


COMMANDS = {"prepare": prepare, "reply": reply, "start": house.start, "report": report}

if __name__ == "__main__":
    house.keep(COMMANDS)
