"""Reads about surveys."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Ticket
from madoguchi.tickets.queries import visible_condition

from . import scales
from .models import Choices, Kind, Survey

OPEN_FOR = timedelta(days=14)  # after sending, an answer is taken and may be changed
COMMENTS = 50
DIGITS = 18  # of an id in an address


def choices() -> Choices:
    return Choices.objects.filter(pk=1).first() or Choices(pk=1)


def surveys_visible_to(agent: Agent) -> QuerySet[Survey]:
    condition = visible_condition(agent, "ticket__")
    return Survey.objects.all() if condition is None else Survey.objects.filter(condition)


def of_ticket(ticket: Ticket) -> list[Survey]:
    """What stands beside a ticket, those of tickets merged into it included. `ticket` comes from `ticket_for`."""
    return list(Survey.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket)).order_by("-id"))


def token(survey_id: int) -> str:
    """What stands in the customer's links: it cannot be guessed, needs no account, and opens this one survey."""
    return f"{survey_id}-{crypto.sign(str(survey_id), purpose='survey', length=32)}"


def survey_of_token(given: str) -> Survey:
    """Raises NotFound for what we did not sign, and for a survey that was not sent."""
    number = given.split("-", 1)[0]
    if not (number.isascii() and number.isdecimal()) or len(number) > DIGITS or not crypto.same(given, token(int(number))):
        raise NotFound
    survey = Survey.objects.select_related("ticket__customer", "ticket__brand").filter(pk=int(number)).exclude(sent_at=None).first()
    if survey is None:
        raise NotFound
    return survey


def is_open(survey: Survey) -> bool:
    return survey.sent_at is not None and clock.now() < survey.sent_at + OPEN_FOR


@dataclass
class Figures:
    """Of one kind of survey: how many were sent and answered, and how often each score came."""

    kind: str
    sent: int = 0
    counts: Counter[int] = field(default_factory=Counter)

    @property
    def label(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def answered(self) -> int:
        return self.counts.total()

    @property
    def rate(self) -> float | None:
        return self.answered / self.sent if self.sent else None

    @property
    def mean(self) -> float | None:
        return scales.mean(self.counts)

    @property
    def good(self) -> float | None:
        return scales.share_good(self.kind, self.counts)

    @property
    def net(self) -> int | None:
        return scales.net_promoters(self.counts) if self.kind == Kind.NPS else None


@dataclass
class Report:
    """Figures of a period by kind, and of each kind by language and by team; the comments, newest first."""

    kinds: dict[str, Figures]
    languages: dict[tuple[str, str], Figures]
    teams: dict[tuple[str, str], Figures]
    comments: list[Survey]


def report(agent: Agent, *, since: datetime) -> Report:
    """Of surveys that were sent since then, about tickets that the agent may see. Two statements."""
    rows = surveys_visible_to(agent).filter(sent_at__gte=since)
    found = Report({}, {}, {}, [])
    groups = rows.values_list("kind", "language", "ticket__team__name", "score").order_by("kind", "language", "ticket__team__name")
    for kind, language, team, score, count in groups.annotate(n=Count("id")):
        for figures in (
            found.kinds.setdefault(kind, Figures(kind)),
            found.languages.setdefault((kind, language), Figures(kind)),
            found.teams.setdefault((kind, team or ""), Figures(kind)),
        ):
            figures.sent += count
            if score is not None:
                figures.counts[score] += count
    said = rows.exclude(comment="").select_related("ticket__customer").order_by("-answered_at", "-id")
    found.comments = list(said[:COMMENTS])
    return found
