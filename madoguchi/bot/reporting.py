"""How the assistant does: answers, and beside them always what was abstained from, wrong, or handed over."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from .models import Dialogue, Turn


@dataclass(frozen=True, slots=True)
class Row:
    """`resolved`: the customer said so, or did not come back in time. `wrong`: as people marked it."""

    language: str
    dialogues: int
    answers: int
    resolved: int
    abstained: int
    wrong: int
    handed_over: int

    @property
    def resolved_percent(self) -> int | None:
        return round(100 * self.resolved / self.dialogues) if self.dialogues else None


def report(since: datetime) -> list[Row]:
    """One row a language with dialogues that began since then, most first, and the sum as the last (language "")."""
    dialogues = Dialogue.objects.filter(started_at__gte=since).order_by()
    states: Counter[tuple[str, str]] = Counter()
    for language, state, count in dialogues.values_list("language", "state").annotate(count=Count("pk")):
        states[language, state] += count
    turns = Turn.objects.filter(dialogue__started_at__gte=since).order_by()
    kinds: Counter[tuple[str, str]] = Counter()
    for language, kind, count, wrong in turns.values_list("dialogue__language", "kind").annotate(
        count=Count("pk"), wrong=Count("wrong_at")
    ):
        kinds[language, kind] += count
        kinds[language, "wrong"] += wrong
    languages = sorted({language for language, _state in states}, key=lambda one: -_sum(states, one))
    return [_row(states, kinds, [one], one) for one in languages] + [_row(states, kinds, languages, "")]


def _sum(states: Counter[tuple[str, str]], language: str) -> int:
    return sum(count for (one, _), count in states.items() if one == language)


def _row(states: Counter[tuple[str, str]], kinds: Counter[tuple[str, str]], languages: list[str], name: str) -> Row:
    return Row(
        language=name,
        dialogues=sum(_sum(states, one) for one in languages),
        answers=sum(kinds[one, Turn.Kind.ANSWER] for one in languages),
        resolved=sum(states[one, Dialogue.State.RESOLVED] for one in languages),
        abstained=sum(kinds[one, Turn.Kind.ABSTAIN] for one in languages),
        wrong=sum(kinds[one, "wrong"] for one in languages),
        handed_over=sum(states[one, Dialogue.State.HANDED_OVER] for one in languages),
    )
