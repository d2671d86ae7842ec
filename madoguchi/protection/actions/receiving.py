"""What happens when a message from a customer is ready: a restriction acts, grave danger is told at once."""

import contextlib
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Invalid, TooMany
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message

from .. import ladder, queries
from ..events import GraveDanger
from ..models import Evidence, Held, Label, Measure
from ..reading import Manner, manner_of
from ..texts import subject
from ..wording import held_notice, language_of
from .taking import KIND, take_step

TELL_EVERY = timedelta(days=1)
ALARM_VALID_FOR = timedelta(days=2)  # a mail server that is down must not swallow it


@transaction.atomic
def receive(*, message_id: int) -> ladder.Reception:
    """Let restrictions and the alarm act on a message that came in. The message itself is never touched. Safe to repeat."""
    message = Message.objects.select_related("ticket__mailbox", "ticket__customer", "ticket__brand").filter(pk=message_id).first()
    if message is None or message.direction != Message.Direction.IN:
        return ladder.Reception()
    manner = manner_of(message.pk)
    if manner.severity >= ladder.GRAVE:
        sound_alarm(message)
    reception = queries.reception_of(message)
    if reception.held_by is not None and not message.automatic:
        _hold(message, reception.held_by)
    elif manner.severity and message.may_auto_answer and not message.automatic:
        _warn_by_machine(message, manner)
    return reception


def _warn_by_machine(message: Message, manner: Manner) -> None:
    """Send the next step's notice where a supervisor left it to the machine. Once a message; what only a person may do is never done."""
    offer = ladder.next_step(queries.standing_of(message.ticket))
    if offer is None or offer.step not in queries.machine_may(queries.choices()) or Evidence.objects.filter(message=message).exists():
        return
    labels = [label for label in manner.labels if label in Label.values]
    with contextlib.suppress(Invalid, TooMany):  # a sender without an address: the panel offers the step to a person
        take_step(
            ticket_id=message.ticket_id, step=offer.step, reason=", ".join(str(Label(label).label) for label in labels) or offer.step,
            message_ids=[message.pk], behaviour=labels[0] if labels else "", by=SYSTEM,
        )  # fmt: skip


def _hold(message: Message, measure_id: int) -> None:
    """Note that the message ran into the restriction, and tell its sender, at most once a day and never a machine."""
    if Held.objects.filter(message=message).exists():
        return
    now = clock.now()
    measure = Measure.objects.select_related("customer", "ticket__mailbox").get(pk=measure_id)
    tell = message.may_auto_answer and not queries.told_lately(measure_id, since=now - TELL_EVERY)
    held = Held.objects.create(measure=measure, message=message, at=now, told=tell)
    if not tell:
        return
    language = measure.language or language_of(message.ticket)
    try:
        tickets.reply(
            ticket_id=message.ticket_id, text=held_notice(measure, language), by=SYSTEM, automatic=KIND, status="", language=language,
            subject=message.ticket.subject or subject(language),
        )  # fmt: skip
    except (Invalid, TooMany):  # a sender without an address to answer to
        Held.objects.filter(pk=held.pk).update(told=False)


def sound_alarm(message: Message) -> None:
    """Grave danger: everybody who decides is told in the page and by mail, now. Neither holds a word of the message."""
    people = queries.deciders()
    key = f"grave:{message.pk}"
    staff.notify(agent_ids=people, kind="protection_grave", ticket_id=message.ticket_id, key=key)
    ticket = message.ticket
    if events_already_told(message.pk):
        return
    for agent in Agent.objects.filter(pk__in=people):
        with formats.spoken_to(agent.language, agent.time_zone):
            staff.send_later(
                to=agent.email,
                valid_for=ALARM_VALID_FOR,
                subject=_("Danger to a colleague: ticket #{number}").format(number=ticket.pk),
                body=_(
                    "A message in ticket #{number} was read as grave danger (severity 3). Look after the person who has it, and decide "
                    "what happens next: end of contact, police or lawyer.\n\n{address}"
                ).format(number=ticket.pk, address=f"{settings.BASE_URL}/tickets/{ticket.pk}"),
            )
    audit.record("protection.alarm", by=SYSTEM, subject=f"message:{message.pk}", detail={"told": people})
    events.emit(GraveDanger(ticket.pk, ticket.team_id, message.pk), by=SYSTEM)


def events_already_told(message_id: int) -> bool:
    """Whether the alarm for this message has gone out by mail; the audit log remembers it."""
    return audit.holds("protection.alarm", subject=f"message:{message_id}")
