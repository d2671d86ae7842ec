"""The yearly report: counts, no names. What was found, what was wrong, what was done, and how appeals ended."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from madoguchi.understanding.models import Reading

from .ladder import HARASSMENT
from .models import Appeal, Case, Consultation, Held, Judgement, Label, Measure, ProtectedMark


@dataclass(frozen=True)
class Report:
    """found: messages of severity 2 and 3 by the machine; false_positives: a person said that one of them is not harassment; missed: a
    person said that it is, where the machine saw less.
    """

    year: int
    read: int
    by_severity: list[int]
    by_label: list[tuple[str, int]]
    false_positives: int
    missed: int
    protected: int
    steps: list[tuple[str, int]]
    held: int
    appeals: dict[str, int]
    cases: int
    consultations: int

    @property
    def found(self) -> int:
        return self.by_severity[2] + self.by_severity[3]


def report_of(year: int) -> Report:
    begin = timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001  made aware in the reader's zone
    end = timezone.make_aware(datetime(year + 1, 1, 1))  # noqa: DTZ001
    span: dict[str, Any] = {"gte": begin, "lt": end}

    def within(name: str) -> dict[str, Any]:
        return {f"{name}__{key}": value for key, value in span.items()}

    severities, labels = Counter[int](), Counter[str]()
    readings = Reading.objects.filter(state=Reading.State.READ, **within("read_at"))
    for severity, found in readings.filter(severity__gt=0).values_list("severity", "labels").iterator(chunk_size=2000):
        severities[severity] += 1
        labels.update(found if severity >= HARASSMENT else [])
    newest = {row.message_id: row for row in Judgement.objects.filter(**within("at")).order_by("id")}.values()
    wrong = sum(1 for row in newest if (row.machine_severity or 0) >= HARASSMENT > row.severity)
    missed = sum(1 for row in newest if row.machine_severity is not None and row.machine_severity < HARASSMENT <= row.severity)
    steps = Counter(Measure.objects.filter(**within("created_at")).values_list("step", flat=True))
    appeals = Counter(Appeal.objects.filter(**within("at")).values_list("state", flat=True))
    return Report(
        year, readings.count(), [severities[number] for number in range(4)],
        [(str(label.label), labels[label.value]) for label in Label if labels[label.value]], wrong, missed,
        ProtectedMark.objects.filter(**within("at")).count(),
        [(str(step.label), steps[step.value]) for step in Measure.Step if steps[step.value]],
        Held.objects.filter(**within("at")).count(), {str(state.label): appeals[state.value] for state in Appeal.State},
        Case.objects.filter(**within("opened_at")).count(), Consultation.objects.filter(**within("at")).count(),
    )  # fmt: skip
