"""What the assistant does when something happens to a ticket. Idempotent."""

from madoguchi.foundation import jobs
from madoguchi.foundation.models import Event
from madoguchi.protection import queries as protection
from madoguchi.tickets.models import Message

from . import actions
from .situation import CHAT


def message_ready(event: Event) -> None:
    """A customer wrote in a chat. Considering it asks other processes, so it is a job of its own. What is held back is for people alone."""
    message_id = event.payload["message_id"]
    if event.payload["automatic"] or protection.is_held(message_id):
        return
    if Message.objects.filter(pk=message_id, channel=CHAT).exists():
        jobs.enqueue("bot.consider", key=f"bot.consider:{message_id}", lock=f"bot:{event.ticket_id}", message_id=message_id)


def replied(event: Event) -> None:
    """A person has answered."""
    if event.payload["by_person"]:
        actions.learn(message_id=event.payload["message_id"])
        actions.taken(ticket_id=event.payload["ticket_id"])
