"""What is known of a message's manner: what a person said of it, else what the machine read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from madoguchi.tickets.models import Message

from .models import Judgement


@dataclass(frozen=True)
class Manner:
    """severity 0 to 3; spans: (start, end, label) in the text that was read; by_person: somebody judged it."""

    severity: int = 0
    labels: tuple[str, ...] = ()
    spans: tuple[tuple[int, int, str], ...] = ()
    score: float | None = None
    model: str = ""
    by_person: str = ""
    machine_severity: int | None = None
    machine_labels: tuple[str, ...] = field(default=())


CALM = Manner()


def manners_of(message_ids: Iterable[int]) -> dict[int, Manner]:
    """The manner of each message that anything is known of."""
    ids = list(message_ids)
    found: dict[int, Manner] = {}
    for row in Judgement.objects.filter(message__in=ids).order_by("id"):
        machine = found.get(row.message_id, CALM)
        severity = machine.machine_severity if row.machine_severity is None else row.machine_severity
        found[row.message_id] = Manner(
            severity=row.severity, labels=tuple(row.labels), spans=tuple((a, b, str(label)) for a, b, label in row.spans),
            by_person=row.by_name, machine_severity=severity, machine_labels=tuple(row.machine_labels),
        )  # fmt: skip
    return found


def manner_of(message_id: int) -> Manner:
    return manners_of([message_id]).get(message_id, CALM)


def marked_in_tickets(ticket_ids: Iterable[int]) -> list[tuple[Message, Manner]]:
    """Messages of the tickets that are of severity 1 or more, with their manner; only what lists need of them is loaded."""
    ids = list(ticket_ids)
    theirs = Message.objects.filter(ticket__in=ids, direction=Message.Direction.IN, judgements__isnull=False)
    messages = {row.pk: row for row in theirs.only("ticket_id", "text", "reply_text", "direction").distinct()}
    if not messages:
        return []
    return [(messages[pk], manner) for pk, manner in manners_of(messages).items() if manner.severity > 0]
