"""Reads of automation: who may use which canned reply and macro, texts with their variables filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from madoguchi.design import formats
from madoguchi.foundation.errors import NotFound
from madoguchi.sla import queries as sla
from madoguchi.staff.models import Agent
from madoguchi.tickets.conditions import Verdict, explain
from madoguchi.tickets.models import Ticket
from madoguchi.tickets.queries import tickets_visible_to, visible_condition
from madoguchi.workplace import queries as workplace

from . import variables
from .models import CannedReply, Macro, TriggerRun

LANGUAGES = [code for code, _name in settings.LANGUAGES]


def usable_by(agent: Agent) -> Q:
    """Own ones, those shared with everybody, and those of the agent's teams."""
    return Q(owner=agent) | Q(owner=None, team=None) | Q(owner=None, team__in=agent.teams.values("id"))


def canned_for(agent: Agent, language: str = "") -> list[CannedReply]:
    """The canned replies that the agent may use; those with a text in `language` come first, then by shortcut."""
    rows = CannedReply.objects.filter(usable_by(agent)).select_related("team")
    return sorted(rows, key=lambda row: (bool(language) and language not in row.texts, row.shortcut))


def macros_for(agent: Agent) -> QuerySet[Macro]:
    return Macro.objects.filter(usable_by(agent)).select_related("team")


def macro_for(agent: Agent, macro_id: int) -> Macro:
    """Raises NotFound."""
    macro = macros_for(agent).filter(pk=macro_id).first()
    if macro is None:
        raise NotFound
    return macro


def text_in(texts: dict[str, str], language: str, fallback: str = "") -> tuple[str, str]:
    """(text, its language): in the wanted language, else `fallback` (the company's), else English, else whichever there is."""
    if not fallback:
        company = workplace.workplace()
        fallback = company.language if company else "en"
    for code in (language, fallback, "en", *texts):
        if texts.get(code):
            return texts[code], code
    return "", language


def values_for(ticket: Ticket, *, language: str, agent_name: str = "") -> dict[str, str]:
    """What the variables stand for, in the customer's language and time zone. A variable without a value is empty."""
    company = workplace.workplace()
    customer = ticket.customer
    zone = customer.time_zone or (company.time_zone if company else "")
    due = sla.expectation(ticket)
    with formats.spoken_to(language, zone):
        due_text = formats.moment(due, name_zone=not customer.time_zone) if due else ""
    name = ticket.brand.name if ticket.brand else company.name if company else ""
    return {
        "customer.name": customer.name, "ticket.number": str(ticket.pk), "ticket.subject": ticket.subject, "agent.name": agent_name,
        "company": name, "due": due_text,
    }  # fmt: skip


def render_canned(canned: CannedReply, ticket: Ticket, agent: Agent, language: str = "") -> tuple[str, list[str]]:
    """The canned reply for this ticket, and the variables in it that have no value here."""
    text, found = text_in(canned.texts, language or ticket.language)
    return variables.fill(text, values_for(ticket, language=found, agent_name=agent.name))


def canned_texts(agent: Agent, ticket: Ticket, language: str = "", *, limit: int = 200) -> list[tuple[CannedReply, str]]:
    """Every canned reply that the agent may use with its text for this ticket; what the variables stand for is read once a language."""
    values: dict[str, dict[str, str]] = {}
    company = workplace.workplace()
    rendered = []
    for row in canned_for(agent, language)[:limit]:
        text, found = text_in(row.texts, language or ticket.language, company.language if company else "en")
        if found not in values:
            values[found] = values_for(ticket, language=found, agent_name=agent.name)
        rendered.append((row, variables.fill(text, values[found])[0]))
    return rendered


def verdicts_of(ticket: Ticket, conditions: Mapping[str, Sequence[Any]]) -> list[Verdict]:
    """What becomes of each condition for the ticket as it is now."""
    return explain(conditions, sla.traits_of([ticket], [conditions])[ticket.pk])


@dataclass(frozen=True)
class Tried:
    """A past ticket put to conditions."""

    ticket: Ticket
    fits: bool
    verdicts: list[Verdict]


def dry_run(agent: Agent, conditions: Mapping[str, Sequence[Any]], *, limit: int = 200) -> list[Tried]:
    """The newest tickets that the agent may see, as they are now: which of them meet the conditions, and why. Changes nothing."""
    rows = tickets_visible_to(agent).filter(is_spam=False, merged_into=None).select_related("customer").order_by("-id")
    tickets = list(rows[:limit])
    traits = sla.traits_of(tickets, [conditions])
    tried = []
    for ticket in tickets:
        verdicts = explain(conditions, traits[ticket.pk])
        tried.append(Tried(ticket, all(verdict.met for verdict in verdicts), verdicts))
    return tried


def runs_visible_to(agent: Agent) -> QuerySet[TriggerRun]:
    """The log of triggers, newest first, as far as the agent may see its tickets."""
    condition = visible_condition(agent, "ticket__")
    runs = TriggerRun.objects.select_related("trigger", "ticket").order_by("-id")
    return runs if condition is None else runs.filter(condition)
