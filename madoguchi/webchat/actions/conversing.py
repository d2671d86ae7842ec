"""How a conversation goes: who it is with, how far it is read, who ended it, what the visitor thought of it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.customers import actions as customers
from madoguchi.customers.identities import normal_form
from madoguchi.customers.models import Identity
from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.index import put_new_messages
from madoguchi.tickets.models import Ticket

from ..events import ConversationChanged, ConversationEnded, ConversationRated, QueueMoved
from ..identity import Person
from ..models import Conversation

VISITOR = Actor("customer")
COMMENT_LENGTH = 2000
State = Conversation.State


def changed(conversation: Conversation, *, by: Actor = VISITOR) -> None:
    """Tell the desk and the visitor's pages to look again."""
    events.emit_ephemeral(ConversationChanged(conversation.ticket_id, conversation.ticket.team_id), by=by)


def queue_moved(conversation: Conversation) -> None:
    events.emit_ephemeral(QueueMoved(conversation.widget_id), by=SYSTEM)


def _locked(conversation_id: int) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",)).select_related("ticket", "widget").get(pk=conversation_id)


def recognise(*, conversation: Conversation, person: Person) -> None:
    """The brand's site vouches for the visitor: the conversation is theirs, and so is its ticket."""
    conversation.verified, conversation.name, conversation.mail = True, person.name or conversation.name, person.mail or conversation.mail
    conversation.identity_problem = ""
    if conversation.pk is None:
        return
    conversation.save(update_fields=["verified", "name", "mail", "identity_problem"])
    if person.mail:
        found = customers.recognise_many([customers.Stranger(person.mail, person.name, conversation.language)])[person.mail]
        tickets.set_customer(ticket_id=conversation.ticket_id, customer=found, by=SYSTEM)


@transaction.atomic
def agree(*, conversation_id: int) -> None:
    """The visitor agrees to the privacy notice."""
    Conversation.objects.filter(pk=conversation_id, consent_at=None).update(consent_at=clock.now())


@transaction.atomic
def mark_read_by_visitor(*, conversation: Conversation, message_id: int) -> None:
    """What we wrote was on the visitor's screen up to this message."""
    ahead = Conversation.objects.filter(pk=conversation.pk, visitor_read_id__lt=message_id)
    if message_id <= conversation.ticket.last_message_id and ahead.update(visitor_read_id=message_id):
        changed(conversation)


@transaction.atomic
def mark_read_by_agent(*, conversation: Conversation, by: Actor) -> None:
    """The agent has the whole conversation on screen."""
    newest = conversation.ticket.last_message_id
    if Conversation.objects.filter(pk=conversation.pk, agent_read_id__lt=newest).update(agent_read_id=newest):
        changed(conversation, by=by)


def note_presence(*, conversation_ids: Iterable[int]) -> None:
    """These visitors have a page open now."""
    Conversation.objects.filter(pk__in=list(conversation_ids)).update(visitor_seen_at=clock.now())


@transaction.atomic
def keep_place(*, conversation: Conversation) -> None:
    """A visitor who was away is back in the queue, at the place that their waiting since the beginning gives them."""
    note_presence(conversation_ids=[conversation.pk])
    if conversation.state == State.WAITING:
        queue_moved(conversation)


@transaction.atomic
def pick_up(*, conversation_id: int, by_person: bool) -> None:
    """We answered: a person picked the conversation up, or the assistant took it for now."""
    conversation = _locked(conversation_id)
    again = conversation.state == State.ENDED and conversation.ticket.unsolved
    if by_person and (conversation.state in {State.WAITING, State.ASSISTED} or again):
        conversation.state, conversation.picked_up_at = State.ACTIVE, clock.now()
    elif not by_person and conversation.state == State.WAITING and conversation.picked_up_at is None:
        conversation.state, conversation.waiting_since = State.ASSISTED, None
    else:
        return
    conversation.save(update_fields=["state", "waiting_since", "picked_up_at"])
    queue_moved(conversation)
    changed(conversation, by=SYSTEM)


@transaction.atomic
def wait_for_person(*, conversation_id: int) -> None:
    """The assistant hands over: from now on the visitor waits for a person."""
    conversation = _locked(conversation_id)
    if conversation.state != State.ASSISTED:
        return
    conversation.state, conversation.waiting_since = State.WAITING, clock.now()
    conversation.save(update_fields=["state", "waiting_since"])
    queue_moved(conversation)
    changed(conversation, by=SYSTEM)


@transaction.atomic
def end(*, conversation_id: int, by: Actor) -> None:
    """Either side ends the conversation. The ticket stays as it is: whether the matter is solved is another question."""
    conversation = _locked(conversation_id)
    if conversation.state == State.ENDED:
        return
    whom = {"agent": "agent", "api": "agent", "customer": "visitor"}.get(by.kind, "system")
    conversation.state, conversation.ended_at, conversation.ended_by = State.ENDED, clock.now(), whom
    conversation.save(update_fields=["state", "ended_at", "ended_by"])
    events.emit(ConversationEnded(conversation.ticket_id, conversation.ticket.team_id, whom), by=by)
    queue_moved(conversation)


@transaction.atomic
def rate(*, conversation_id: int, rating: int, comment: str = "") -> None:
    """What the visitor thought of it, 1 to 5; the last word counts. Raises Invalid."""
    if not 1 <= rating <= 5:  # noqa: PLR2004
        raise Invalid
    conversation = _locked(conversation_id)
    conversation.rating, conversation.rating_comment, conversation.rated_at = rating, comment.strip()[:COMMENT_LENGTH], clock.now()
    conversation.save(update_fields=["rating", "rating_comment", "rated_at"])
    events.emit(ConversationRated(conversation.ticket_id, conversation.ticket.team_id, rating), by=VISITOR)


@transaction.atomic
def keep_address(*, conversation: Conversation, mail: str) -> None:
    """Where the visitor wants the transcript. Raises Invalid."""
    try:
        conversation.mail = normal_form("mail", mail)
    except ValueError as error:
        raise Invalid(_("This is not an email address.")) from error
    conversation.save(update_fields=["mail"])


@transaction.atomic
def give_contact(*, conversation_id: int, how: str, value: str, name: str = "") -> None:
    """The visitor need not wait: `how` is mail (the ticket goes on by mail) or call (a task to call back). Raises Invalid with `fields`."""
    conversation = _locked(conversation_id)
    kind = {"mail": "mail", "call": "phone"}.get(how)
    if kind is None:
        raise Invalid
    try:
        value = normal_form(kind, value)
    except ValueError as error:
        text = _("This is not an email address.") if kind == "mail" else _("This is not a phone number.")
        raise Invalid(text, fields={"value": text}) from error
    if conversation.verified and kind == "mail" and value != conversation.mail:
        raise Conflict(_("We write to the address of your account."))
    conversation.name = " ".join(name.split())[:200] or conversation.name
    setattr(conversation, kind, value)
    conversation.state = State.MAIL
    conversation.save(update_fields=["name", kind, "state"])
    _keep_contact(conversation, kind, value)
    queue_moved(conversation)
    changed(conversation)


def _keep_contact(conversation: Conversation, kind: str, value: str) -> None:
    """In the ticket as the visitor's wish, with the customer's data where nobody else has this address or number.

    It is no message of the chat: the assistant would answer it.
    """
    ticket = Ticket.objects.select_for_update().select_related("customer").get(pk=conversation.ticket_id)
    with translation.override(conversation.language):
        wish = _("Answer me by mail: {value}") if kind == "mail" else _("Call me back: {value}")
    (message,) = tickets.keep_messages(
        [
            tickets.Inbound(
                ticket=ticket, customer=ticket.customer, from_name=conversation.name or ticket.customer.name,
                from_address=conversation.mail, subject=ticket.subject, text=wish.format(value=value), at=clock.now(),
                channel="mail" if kind == "mail" else "chat", automatic="" if kind == "mail" else "contact", language=conversation.language,
            )
        ]
    )  # fmt: skip
    put_new_messages([message])
    owner = Identity.objects.filter(kind=kind, value=value).first()
    if owner is None:
        customers.add_identity(customer_id=ticket.customer_id, kind=kind, value=value, by=VISITOR)
    if kind == "mail":
        tickets.set_channel(ticket=ticket, channel="mail", by=VISITOR)
    else:
        tickets.add_task(ticket_id=ticket.pk, title=_("Call back: {number}").format(number=value), by=SYSTEM, assignee=ticket.assignee)
    if conversation.name and ticket.customer.identities.filter(kind="chat").exists():
        customers.update_customer(customer_id=ticket.customer_id, name=conversation.name, by=VISITOR)


@transaction.atomic
def move(*, from_ticket: int, to_ticket: int) -> None:
    """The tickets were merged: the visitor's next words come into the one that stays."""
    Conversation.objects.filter(ticket=from_ticket).update(ticket=to_ticket)


@transaction.atomic
def move_back(*, ticket_id: int) -> None:
    """The merge was undone: conversations follow what was said in them."""
    Conversation.objects.filter(said__message__ticket=ticket_id).update(ticket=ticket_id)
