"""What goes to a visitor by mail: the transcript, and what they have not read because they left."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.foundation import ratelimit
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message

from ..models import Conversation
from ..queries import latest_messages

TRANSCRIPTS_A_DAY = 3
DAY = 86400


@transaction.atomic
def mail_transcript(*, conversation: Conversation, by: Actor) -> None:
    """Send what was said to the visitor's address; a reply to that mail comes into the same ticket.

    Raises Invalid without an address, Conflict while nobody of us has answered: else strangers could have us mail their words to anybody.
    """
    if not conversation.mail:
        raise Invalid(_("Give an email address first."))
    said = [message for message in latest_messages(conversation) if message.automatic in {"", "bot"}]
    if not any(message.direction == Message.Direction.OUT and not message.automatic for message in said):
        raise Conflict(_("The transcript can be sent as soon as somebody has answered."))
    ratelimit.hit(f"chat:transcript:{conversation.mail}", limit=TRANSCRIPTS_A_DAY, seconds=DAY)
    with formats.spoken_to(conversation.language, ""):
        intro = _("This is the transcript of our chat. If you have anything to add, reply to this mail.")
        lines = [_line(message, conversation) for message in said]
    _send(conversation, "\n\n".join([intro, *lines]), by=by)


@transaction.atomic
def mail_unread(*, conversation: Conversation, messages: list[Message]) -> None:
    """The visitor left before our last answers came: they go out by mail, once."""
    newest = max(message.pk for message in messages)
    waiting = Conversation.objects.filter(pk=conversation.pk, mailed_id=conversation.mailed_id, visitor_read_id__lt=newest)
    if not waiting.update(mailed_id=newest):
        return
    with translation.override(conversation.language):
        intro = _("You left our chat before this answer came. To go on, reply to this mail.")
    _send(conversation, "\n\n".join([intro, *(message.text for message in messages)]), by=SYSTEM)


def _line(message: Message, conversation: Conversation) -> str:
    theirs = message.direction == Message.Direction.IN
    who = (conversation.name or _("You")) if theirs else _author(message)
    text = "\n".join(f"> {line}" for line in message.text.splitlines())
    return f"**{who}**, {formats.clock_time(message.created_at)}\n{text}"


def _author(message: Message) -> str:
    return message.agent.name if message.agent and not message.automatic else _("Assistant")


def _send(conversation: Conversation, text: str, *, by: Actor) -> None:
    tickets.reply(
        ticket_id=conversation.ticket_id, text=text, by=by, automatic="transcript", channel="mail", status="",
        to=[[conversation.name, conversation.mail]], language=conversation.language,
    )  # fmt: skip
