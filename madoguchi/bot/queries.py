"""Reads of the assistant."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from madoguchi.foundation.errors import NotFound
from madoguchi.knowledge.models import Translation
from madoguchi.knowledge.queries import public_translations
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Message, Ticket
from madoguchi.tickets.queries import ticket_for, visible_condition

from .models import Lesson, Suggestion, Turn


@dataclass(frozen=True, slots=True)
class Source:
    """An article that customers may read at this moment, and the part of it that answers."""

    translation: Translation
    passage: str

    @property
    def url(self) -> str:
        return settings.BASE_URL + reverse("help_article", args=[self.translation.language, self.translation.article.slug])


def sources(hits: Iterable[dict[str, str]]) -> list[Source]:
    """Those of the hits that customers may still read, in the same order. What the index says is never trusted for this."""
    wanted = list(hits)
    condition = Q(pk__in=[])
    for hit in wanted:
        condition |= Q(article__slug=hit["slug"], language=hit["lang"])
    there = {(row.article.slug, row.language): row for row in public_translations().filter(condition)}
    found = [(there.get((hit["slug"], hit["lang"])), hit["passage"]) for hit in wanted]
    return [Source(row, passage) for row, passage in found if row is not None]


def open_question(ticket: Ticket) -> Message | None:
    """The customer's newest message, while nobody of us has answered it."""
    spoken = Message.objects.filter(ticket=ticket, automatic="").exclude(direction=Message.Direction.NOTE)
    newest = spoken.order_by("-id").first()
    return newest if newest is not None and newest.direction == Message.Direction.IN else None


def suggestion_for(agent: Agent, suggestion_id: int) -> Suggestion:
    """Raises NotFound, also when the agent may not see the ticket."""
    found = Suggestion.objects.select_related("message").filter(pk=suggestion_id).first()
    if found is None:
        raise NotFound
    ticket_for(agent, found.ticket_id)
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the assistant in a ticket. `title`: of the article, or its slug where it is no longer there."""

    turn: Turn
    title: str


def told_in(ticket: Ticket) -> list[Told]:
    """What the assistant told the customer, oldest first."""
    turns = list(Turn.objects.filter(dialogue__ticket=ticket, kind=Turn.Kind.ANSWER).select_related("dialogue").order_by("id"))
    rows = Translation.objects.filter(article__slug__in={turn.slug for turn in turns}).select_related("article") if turns else []
    titles = {(row.article.slug, row.language): row.title for row in rows}
    return [Told(turn, titles.get((turn.slug, turn.dialogue.language), turn.slug)) for turn in turns]


def turn_for(agent: Agent, turn_id: int) -> Turn:
    """Raises NotFound, also when the agent may not see the ticket."""
    found = Turn.objects.select_related("dialogue").filter(pk=turn_id).first()
    if found is None:
        raise NotFound
    ticket_for(agent, found.dialogue.ticket_id)
    return found


def lessons_visible_to(agent: Agent) -> QuerySet[Lesson]:
    """Open suggestions for editors from tickets that the agent may see, newest first."""
    condition = visible_condition(agent, "question__ticket__")
    rows = Lesson.objects.filter(state=Lesson.State.OPEN).select_related("question__ticket", "answer__agent").order_by("-id")
    return rows if condition is None else rows.filter(condition)


def lesson_for(agent: Agent, lesson_id: int) -> Lesson:
    """Raises NotFound."""
    found = lessons_visible_to(agent).filter(pk=lesson_id).first()
    if found is None:
        raise NotFound
    return found
