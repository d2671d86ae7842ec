"""The shield: which messages arrive folded and softened for whom, and what stands there instead."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Subquery

from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Message

from .models import Choices, Look, Preference, Severity
from .reading import Manner, manners_of, marked
from .veiling import Piece, asked, pieces, veiled, without_words

SHIPPED = int(Severity.HARASSMENT)  # the threshold of a company that has not chosen one


@dataclass(frozen=True)
class Shielded:
    """What is shown of a message instead of its text. `whole`: nobody knows which part hurts, so all of it is folded."""

    message_id: int
    manner: Manner
    pieces: list[Piece]
    asked: str
    text: str

    @property
    def whole(self) -> bool:
        return not self.manner.spans


def threshold_of(agent: Agent) -> int:
    """From which severity messages are shielded for this agent: the company's choice, or the agent's own if that is stricter."""
    return _threshold(Choices.objects.values_list("shield_from", flat=True).first(), _own(agent).first())


def _own(agent: Agent) -> QuerySet:
    return Preference.objects.filter(agent=agent).values_list("shield_from", flat=True)


def _threshold(company: int | None, own: int | None) -> int:
    least = SHIPPED if company is None else company
    return least if own is None else min(least, own)


def shielded(agent: Agent, messages: Iterable[Message]) -> dict[int, Shielded]:
    """Which of the messages (from outside) are shielded for the agent. One statement when none is of a kind to be."""
    theirs = {message.pk: message for message in messages if message.direction == Message.Direction.IN}
    manners = {pk: manner for pk, manner in manners_of(theirs).items() if manner.severity > 0 or manner.unread}
    if not manners:
        return {}
    least = threshold_of(agent)
    return {pk: shield_of(theirs[pk], manner) for pk, manner in manners.items() if _covers(least, manner)}


def _covers(least: int, manner: Manner) -> bool:
    """What the machine has not read, or could not, is folded too: nobody knows yet what it is."""
    return manner.unread or manner.severity >= least


def shield_of(message: Message, manner: Manner) -> Shielded:
    text = message.reply_text or message.text
    return Shielded(message.pk, manner, pieces(text, manner.spans), asked(text, manner.spans), veiled(text, manner.spans))


def is_shielded(agent: Agent, message: Message) -> bool:
    return message.pk in shielded(agent, [message])


def softened_lines(agent: Agent, ticket_ids: Iterable[int]) -> dict[int, "Lines"]:
    """For lists: tickets with shielded messages, and how their subject and preview may be shown. One statement."""
    company = Subquery(Choices.objects.values("shield_from")[:1])
    theirs = Message.objects.filter(ticket__in=list(ticket_ids), direction=Message.Direction.IN)
    found: dict[int, list[tuple[Message, Manner]]] = {}
    for message, manner in marked(theirs.annotate(company=company, own=Subquery(_own(agent)[:1]))):
        if _covers(_threshold(message.company, message.own), manner):  # type: ignore[attr-defined]
            found.setdefault(message.ticket_id, []).append((message, manner))
    return {ticket_id: Lines(tuple(heavy)) for ticket_id, heavy in found.items()}


@dataclass(frozen=True)
class Lines:
    """How a ticket's lines may be shown to somebody for whom these messages of it are shielded."""

    marked: tuple[tuple[Message, Manner], ...]

    def subject(self, line: str) -> str:
        for message, manner in self.marked:
            line = without_words(line, message.reply_text or message.text, manner.spans)
        return line

    def preview(self, line: str) -> str | None:
        """None when the line is of a shielded message: say so instead. Others lose the veiled words."""
        for message, _manner in self.marked:
            beginning = " ".join((message.reply_text or message.text)[:400].split())
            if line and beginning.startswith(line[:200].rstrip()):
                return None
        return self.subject(line)


def has_looked(agent: Agent, message_id: int) -> bool:
    """Whether the agent has chosen to see the original."""
    return Look.objects.filter(agent=agent, message=message_id).exists()
