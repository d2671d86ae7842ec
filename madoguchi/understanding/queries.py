"""Readings of messages. Who may see a message may see its reading: callers hold messages that they fetched by permission."""

from collections.abc import Iterable

from madoguchi.tickets.models import Message

from .models import Reading
from .readers.softening import soften


def reading_of(message: Message) -> Reading | None:
    """The message's reading, also one that still waits; None when the message was never to be read."""
    return Reading.objects.filter(message=message).first()


def readings_for(messages: Iterable[Message]) -> dict[int, Reading]:
    """Message id -> its reading, with one statement."""
    return {reading.message_id: reading for reading in Reading.objects.filter(message__in=[message.pk for message in messages])}


def text_of(message: Message) -> str:
    """The part of a message that is read, and that `spans` count in: what its writer wrote now, without what they quote."""
    return message.reply_text or message.text


def spans_of(message: Message, reading: Reading) -> list[tuple[int, int, str]]:
    """The stretches of `text_of(message)` that say why; none after the message was redacted, which moves them."""
    if message.redacted_at and (reading.read_at is None or message.redacted_at > reading.read_at):
        return []
    return [(int(start), int(end), str(label)) for start, end, label in reading.spans]


def softened(message: Message, reading: Reading) -> str | None:
    """What is asked, without the sentences that abuse; None when nothing was marked, so that there is nothing to leave out."""
    spans = spans_of(message, reading)
    return soften(text_of(message), spans) if spans else None


def waiting(limit: int) -> list[Reading]:
    """Readings that are still to be made, oldest first, with their messages; one begun before comes alone, in case it kills its reader."""
    rows = Reading.objects.filter(state=Reading.State.WAITING).order_by("id")
    chosen = list(rows.select_related("message")[:limit])
    begun = next((place for place, one in enumerate(chosen) if one.attempts), None)
    return chosen if begun is None else chosen[: max(begun, 1)]
