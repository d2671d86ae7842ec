"""What chats do when something happens to their ticket. Idempotent."""

from contextlib import suppress

from madoguchi.bot.models import Dialogue
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.foundation.models import Event
from madoguchi.tickets.models import Message
from madoguchi.tickets.status import CLOSED, SOLVED

from . import actions
from .models import Conversation

BOT = "bot"


def any_chats() -> bool:
    return Conversation.objects.exists()


def replied(event: Event) -> None:
    """A person's answer picks the conversation up; the assistant's shows that it is being helped."""
    message = Message.objects.filter(pk=event.payload["message_id"], channel="chat").first()
    if message is None or message.automatic not in {"", BOT}:
        return
    for pk in _open(event):
        actions.pick_up(conversation_id=pk, by_person=not message.automatic)


def ticket_changed(event: Event) -> None:
    """A solved ticket ends its chat."""
    if event.payload["field"] == "status" and event.payload["new"] in {SOLVED, CLOSED}:
        for pk in _open(event):
            actions.end(conversation_id=pk, by=Actor(event.actor_kind, event.actor_id, event.actor_name))


def handed_over(event: Event) -> None:
    """The assistant leaves the conversation to people; the address or number that it was told is the visitor's."""
    ticket_id = event.payload["ticket_id"]
    told = Dialogue.objects.filter(ticket=ticket_id).values_list("contact", flat=True).first() or ""
    for conversation in Conversation.objects.filter(ticket=ticket_id):
        actions.wait_for_person(conversation_id=conversation.pk)
        if told and conversation.state in Conversation.OPEN and not (conversation.mail or conversation.phone):
            with suppress(Invalid, Conflict):  # what the assistant took for an address may be none
                actions.give_contact(conversation_id=conversation.pk, how="mail" if "@" in told else "call", value=told)


def tickets_merged(event: Event) -> None:
    actions.move(from_ticket=event.payload["merged_id"], to_ticket=event.payload["ticket_id"])


def tickets_unmerged(event: Event) -> None:
    actions.move_back(ticket_id=event.payload["merged_id"])


def _open(event: Event) -> list[int]:
    found = Conversation.objects.filter(ticket=event.payload["ticket_id"]).exclude(state=Conversation.State.MAIL)
    return list(found.values_list("pk", flat=True))


for _handler in (replied, ticket_changed, handed_over, tickets_merged, tickets_unmerged):
    setattr(_handler, "listens", any_chats)  # noqa: B010  a house without chats pays nothing for them
