"""New tickets that do not come by mail: an agent writes down a call, writes first to a customer, or the API makes one."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.channels.models import Mailbox
from madoguchi.customers.models import Customer
from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent, Team

from .. import status as moves
from ..events import TicketCreated
from ..models import Attachment, Kind, Priority, Ticket
from .changing import tag
from .custom import set_custom
from .receiving import Inbound, keep_messages, new_ticket
from .writing import add_note, attach, reply

DIRECTIONS = ("in", "out", "note")


@transaction.atomic
def create_ticket(
    *,
    customer: Customer,
    subject: str,
    text: str,
    by: Actor,
    direction: str = "in",
    channel: str = "",
    mailbox: Mailbox | None = None,
    team: Team | None = None,
    assignee: Agent | None = None,
    priority: int = Priority.NORMAL,
    kind: str = "",
    language: str = "",
    tags: list[str] | None = None,
    custom: dict[str, object] | None = None,
    html: str = "",
    to: list[list[str]] | None = None,
    cc: list[list[str]] | None = None,
    attachment_ids: list[int] | None = None,
    status: str = moves.WAITING_CUSTOMER,
    acknowledge: bool = False,
) -> Ticket:
    """Make a ticket with its first message.

    `direction`: in (what the customer said: a call, a form, the API), out (we write first: the message is sent) or note (only for the
    house). `mailbox` defaults to the default one; team and brand follow it unless given. `status` counts for out. `acknowledge`: an
    incoming message may be acknowledged automatically. Raises Invalid with `fields` for what is missing or wrong.
    """
    _check(subject, text, direction, priority, kind)
    now = clock.now()
    mailbox = mailbox or Mailbox.objects.filter(is_active=True).order_by("-is_default", "id").first()
    ticket = new_ticket(
        customer=customer, subject=" ".join(subject.split()), channel=channel or "mail", mailbox=mailbox, at=now,
        language=language or customer.language,
    )  # fmt: skip
    ticket.priority, ticket.kind, ticket.assignee = priority, kind, assignee
    if team is not None:
        ticket.team = team
    if direction == "in":
        (message,) = keep_messages([_said(ticket, customer, text, html, cc, acknowledge=acknowledge)])
        _claim_uploads(ticket, attachment_ids, by)
        attach(message, attachment_ids or [], by=by)
    else:
        ticket.save(force_insert=True)
        events.emit(TicketCreated(ticket.pk, ticket.team_id, ticket.channel), by=by)
        _claim_uploads(ticket, attachment_ids, by)
        if direction == "out":
            reply(ticket_id=ticket.pk, text=text, html=html, by=by, to=to, cc=cc, attachment_ids=attachment_ids, status=status)
        else:
            add_note(ticket_id=ticket.pk, text=text, by=by, attachment_ids=attachment_ids)
    if tags:
        tag(ticket_id=ticket.pk, names=tags, by=by)
    if custom:
        set_custom(ticket_id=ticket.pk, values=custom, by=by)
    ticket.refresh_from_db()
    return ticket


def _check(subject: str, text: str, direction: str, priority: int, kind: str) -> None:
    wrong: dict[str, object] = {}
    if not subject.strip():
        wrong["subject"] = _("Write a subject.")
    if not text.strip():
        wrong["text"] = _("Write what it is about.")
    if direction not in DIRECTIONS:
        wrong["direction"] = _("Choose who speaks first.")
    if priority not in Priority.values:
        wrong["priority"] = _("Choose one of the list.")
    if kind and kind not in Kind.values:
        wrong["kind"] = _("Choose one of the list.")
    if wrong:
        raise Invalid(fields=wrong)


def _said(ticket: Ticket, customer: Customer, text: str, html: str, cc: list[list[str]] | None, *, acknowledge: bool) -> Inbound:
    identity = customer.identities.filter(kind="mail").order_by("-is_primary", "id").first()
    return Inbound(
        ticket=ticket, customer=customer, from_name=customer.name, from_address=identity.value if identity else "", subject=ticket.subject,
        text=text, html=html, reply_text=text, channel=ticket.channel, at=ticket.created_at, language=ticket.language, cc=cc or [],
        others=[(name, address.lower(), "cc") for name, address in cc or []], may_auto_answer=acknowledge, sent_at=ticket.created_at,
    )  # fmt: skip


def _claim_uploads(ticket: Ticket, attachment_ids: list[int] | None, by: Actor) -> None:
    """Files were dropped before the ticket had a number."""
    if attachment_ids:
        loose = Attachment.objects.filter(pk__in=attachment_ids, message=None, ticket=None, uploaded_by=by.agent_id)
        loose.update(ticket=ticket)
