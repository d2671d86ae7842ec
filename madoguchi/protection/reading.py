"""What is known of a message's manner: what a person said of it, else what the machine read. One statement, however many messages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from madoguchi.tickets.models import Message
from madoguchi.understanding.models import Reading

from .models import Judgement

Spans = tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Manner:
    """severity 0 to 3; spans: (start, end, label) in the text that was read; `by_person`: who judged it, if somebody did; `machine_*`:
    what the machine had said (None: nothing). `unread`: the machine has not read it yet, or could not.
    """

    severity: int = 0
    labels: tuple[str, ...] = ()
    spans: Spans = ()
    score: float | None = None
    model: str = ""
    by_person: str = ""
    machine_severity: int | None = None
    machine_labels: tuple[str, ...] = ()
    unread: bool = False


CALM = Manner()
_LOADED = (
    "ticket_id", "text", "reply_text", "direction", "redacted_at", "reading__state", "reading__severity", "reading__labels",
    "reading__spans", "reading__score", "reading__model", "reading__read_at",
)  # fmt: skip


def marked(messages: QuerySet[Message]) -> list[tuple[Message, Manner]]:
    """Those of the messages that are not simply calm, or that a person judged. Only what lists need of them is loaded."""
    said = Judgement.objects.filter(message=OuterRef("pk"))
    newest = said.order_by("-id")
    read = (
        Q(reading__severity__gt=0) | Q(reading__state=Reading.State.NOT_READ) | Q(reading__state=Reading.State.WAITING, reading__owed=True)
    )
    rows = (
        messages.filter(read | Exists(said))
        .select_related("reading")
        .only(*_LOADED)
        .annotate(
            **{f"judged_{name}": Subquery(newest.values(name)[:1]) for name in ("severity", "labels", "spans", "by_name")},
        )
    )
    return [(row, _manner(row)) for row in rows]


def _manner(row: Message) -> Manner:
    reading: Reading | None = getattr(row, "reading", None)
    judged: dict = {name: getattr(row, f"judged_{name}") for name in ("severity", "labels", "spans", "by_name")}
    by_machine = Manner() if reading is None else _read(row, reading)
    if judged["severity"] is None:
        return by_machine
    return Manner(
        judged["severity"], tuple(judged["labels"]), _spans(judged["spans"]), by_machine.score, by_machine.model, judged["by_name"],
        by_machine.machine_severity, by_machine.machine_labels,
    )  # fmt: skip


def _read(row: Message, reading: Reading) -> Manner:
    moved = row.redacted_at is not None and (reading.read_at is None or row.redacted_at > reading.read_at)
    labels = tuple(reading.labels)
    done = reading.state == Reading.State.READ
    return Manner(
        reading.severity, labels, () if moved else _spans(reading.spans), reading.score, reading.model,
        machine_severity=reading.severity if done else None, machine_labels=labels, unread=not done,
    )  # fmt: skip


def _spans(spans: Iterable) -> Spans:
    return tuple((int(start), int(end), str(label)) for start, end, label in spans)


def manners_of(message_ids: Iterable[int]) -> dict[int, Manner]:
    """The manner of each message that is not simply calm, or that a person judged."""
    ids = list(message_ids)
    return {row.pk: manner for row, manner in marked(Message.objects.filter(pk__in=ids))} if ids else {}


def manner_of(message_id: int) -> Manner:
    return manners_of([message_id]).get(message_id, CALM)


def machine_said(message_id: int) -> int | None:
    """The severity that the machine read, 0 too; None when it read nothing."""
    return Reading.objects.filter(message=message_id, state=Reading.State.READ).values_list("severity", flat=True).first()
