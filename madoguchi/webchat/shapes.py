"""What the widget is told, as plain values. Nothing internal: no notes, no addresses of agents, no ticket's other facts."""

from typing import Any

from madoguchi.design import formats
from madoguchi.tickets.models import Message

from . import queries
from .models import Conversation

ASSISTANT, AGENT, SYSTEM, VISITOR = "assistant", "agent", "system", "visitor"


def message_shape(message: Message, *, files: bool = True) -> dict[str, Any]:
    """`from`: visitor | agent | assistant | system; `client`: the id that the visitor's browser gave it. `files`: it may have some."""
    attached = message.attachments.all() if files else []
    said = getattr(message, "said", None) if message.direction == Message.Direction.IN else None
    return {
        "id": message.pk, "client": said.client_id if said else "", "from": _side(message), "name": _author(message), "text": message.text,
        "at": message.created_at.isoformat(), "lang": message.language, "choices": message.choices,
        "files": [{"id": one.pk, "name": one.name, "size": formats.file_size(one.size)} for one in attached],
    }  # fmt: skip


def _side(message: Message) -> str:
    if message.direction == Message.Direction.IN:
        return VISITOR
    return {"": AGENT, "bot": ASSISTANT}.get(message.automatic, SYSTEM)


def _author(message: Message) -> str:
    """The public name of the person who wrote it."""
    if message.direction == Message.Direction.IN or message.automatic:
        return ""
    return message.agent.name if message.agent else message.from_name


def state_shape(conversation: Conversation, place: int | None = None) -> dict[str, Any]:
    """How the conversation stands. `place` in the queue is counted when it is not given."""
    waiting = conversation.state == Conversation.State.WAITING
    if waiting and place is None:
        line = queries.queue(conversation.widget_id)
        place = line.index(conversation.pk) + 1 if conversation.pk in line else len(line) + 1
    hours = queries.hours_of(conversation.widget) if waiting else None
    return {
        "state": conversation.state, "verified": conversation.verified, "mail": conversation.mail, "name": conversation.name,
        "place": place if waiting and hours and hours.staffed else None,
        "minutes": queries.expected_minutes(conversation.widget_id) if waiting and hours and hours.staffed else None,
        "since": conversation.waiting_since.isoformat() if waiting and conversation.waiting_since else "",
        "read": conversation.agent_read_id, "seen": conversation.visitor_read_id, "rating": conversation.rating,
        "ended_by": conversation.ended_by,
    }  # fmt: skip
