"""Writes of surveys."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.customers import actions as customers
from madoguchi.customers.queries import refuses
from madoguchi.design.formats import language_of, spoken_to, zone_of
from madoguchi.followups import queries as followups
from madoguchi.followups.planning import APART, apart, waking
from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.protection.queries import in_force
from madoguchi.sla.queries import supervisors
from madoguchi.staff import actions as staff
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Status, Ticket
from madoguchi.workplace.queries import workplace

from . import queries, scales, texts
from .events import SurveyAnswered
from .models import Choices, Survey

AUTOMATIC = "survey"  # what our mails are marked with
PURPOSE = "survey"  # what a customer refuses
VISITOR = Actor("visitor")
BATCH = 100
TOO_LATE = timedelta(days=7)  # after an outage nobody remembers what they should rate
COMMENT_LENGTH = 2000
CALL_WITHIN = timedelta(hours=24)


@transaction.atomic
def save_choices(*, by: Actor, is_on: bool, kind: str, delay_hours: int, every_days: int) -> Choices:
    Choices.objects.update_or_create(
        pk=1, defaults={"is_on": is_on, "kind": kind, "delay_hours": delay_hours, "every_days": every_days}
    )  # fmt: skip
    chosen = queries.choices()
    audit.record("surveys.change_choices", by=by, detail={"on": is_on, "kind": kind, "delay": delay_hours, "every": every_days})
    return chosen


@transaction.atomic
def plan(*, ticket_id: int) -> None:
    """A ticket was solved: ask its customer later on. Repeating it changes nothing."""
    chosen = queries.choices()
    ticket = Ticket.objects.select_related("customer").filter(pk=ticket_id, status=Status.SOLVED).first()
    if not chosen.is_on or ticket is None or ticket.solved_at is None:
        return
    wait = timedelta(hours=chosen.delay_hours)
    survey = Survey(
        ticket=ticket, kind=chosen.kind, language=_language(ticket), due_at=waking(ticket.solved_at + wait, zone_of(*_zones(ticket)))
    )  # fmt: skip
    Survey.objects.bulk_create([survey], ignore_conflicts=True)


def call_off(*, ticket_id: int) -> None:
    """The matter goes on: there is nothing to rate yet."""
    Survey.objects.filter(ticket=ticket_id, state=Survey.State.PLANNED).update(state=Survey.State.CANCELLED, why="reopened")


def send_due() -> int:
    """Ask, or decide not to, wherever the time has come; how many were looked at. Each in a transaction of its own: a job that is
    killed and run again sends none twice.
    """
    due = Survey.objects.filter(state=Survey.State.PLANNED, due_at__lte=clock.now()).order_by("due_at", "id")
    ids = list(due.values_list("id", flat=True)[:BATCH])
    for survey_id in ids:
        _send(survey_id)
    return len(ids)


@transaction.atomic
def _send(survey_id: int) -> None:
    waiting = Survey.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=survey_id, state=Survey.State.PLANNED)
    survey = waiting.select_related("ticket__customer").first()
    if survey is None:
        return
    why = _why_not(survey)
    if why:
        survey.state, survey.why = Survey.State.CANCELLED, why
        survey.save(update_fields=["state", "why"])
        return
    now = clock.now()
    at = waking(_apart_from_others(survey), zone_of(*_zones(survey.ticket)))
    if at > now:
        survey.due_at = at
        survey.save(update_fields=["due_at"])
        return
    try:
        with transaction.atomic():
            survey.message = _ask(survey)
    except (Invalid, Conflict):  # no address to write to
        survey.state, survey.why = Survey.State.CANCELLED, "no_address"
        survey.save(update_fields=["state", "why"])
        return
    survey.state, survey.sent_at = Survey.State.ASKED, now
    survey.save(update_fields=["state", "sent_at", "message"])


def _why_not(survey: Survey) -> str:
    """A reason for not asking, empty when there is none."""
    ticket, chosen, now = survey.ticket, queries.choices(), clock.now()
    said = Message.objects.filter(ticket=ticket, automatic="").exclude(direction=Message.Direction.NOTE)
    directions = set(said.values_list("direction", flat=True).distinct())
    asked = Survey.objects.filter(ticket__customer=ticket.customer_id, sent_at__gt=now - timedelta(days=chosen.every_days))
    reasons = {
        "off": not chosen.is_on,
        "reopened": ticket.status not in {Status.SOLVED, Status.CLOSED},
        "spam": ticket.is_spam,
        "merged": ticket.merged_into_id is not None,
        "too_late": now - survey.due_at > TOO_LATE,
        "no_answer": directions != {Message.Direction.IN, Message.Direction.OUT},
        "chat": ticket.channel == "chat",  # rated in the chat itself
        "asked_lately": asked.exists(),
        "refused": refuses(ticket.customer_id, PURPOSE),
        "restricted": bool(in_force(ticket.customer_id)),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _apart_from_others(survey: Survey) -> datetime:
    """Not within two days of a mail, sent or planned, that asks this customer whether all is well: the survey waits."""
    now = clock.now()
    return apart(now, followups.near(survey.ticket.customer_id, at=now, apart=APART))


def _ask(survey: Survey) -> Message:
    ticket, language = survey.ticket, survey.language or "en"
    token = queries.token(survey.pk)
    links = [(score, settings.BASE_URL + reverse("surveys:rate_with", args=[token, score])) for score in scales.scores(survey.kind)]
    stop_at = settings.BASE_URL + reverse("surveys:stop", args=[token])
    kind, name, number = survey.kind, ticket.customer.name, ticket.pk
    return tickets.reply(
        ticket_id=ticket.pk, by=SYSTEM, automatic=AUTOMATIC, status="", language=language, channel="mail",
        text=texts.mail(language, kind, name=name, number=number, links=links, optout=stop_at),
        html=texts.mail_html(language, kind, name=name, number=number, links=links, optout=stop_at),
    )  # fmt: skip


@transaction.atomic
def answer(*, survey_id: int, score: int, comment: str | None = None) -> Survey:
    """The customer's score, and what they add (None keeps what is there). May be repeated and changed while it is open.

    A low score becomes somebody's task, once. Raises Conflict after the time, Invalid for a score that is not on the scale.
    """
    survey = Survey.objects.select_for_update(of=("self",)).select_related("ticket__assignee", "ticket__team").get(pk=survey_id)
    if not queries.is_open(survey):
        raise Conflict(_("The time for rating has passed."))
    if score not in scales.scores(survey.kind):
        raise Invalid
    changed = survey.score != score
    survey.state, survey.score = Survey.State.ANSWERED, score
    survey.answered_at = clock.now()
    if comment is not None:
        survey.comment = comment.strip()[:COMMENT_LENGTH]
    if scales.is_low(survey.kind, score) and not survey.called_back:
        _call_back(survey)
        survey.called_back = True
    survey.save(update_fields=["state", "score", "answered_at", "comment", "called_back"])
    if changed:
        events.emit(SurveyAnswered(survey.ticket_id, survey.ticket.team_id, survey.pk, score), by=VISITOR)
    return survey


def _call_back(survey: Survey) -> None:
    """Whoever gave a low score is called: a task of the assignee, else of the team's lead; without either the supervisors are told."""
    ticket = survey.ticket
    who = ticket.assignee or (ticket.team.lead if ticket.team else None)
    who = who if who is not None and who.is_active else None
    company = workplace()
    with spoken_to(who.language if who else company.language if company else "en"):
        title = _("Call back: rated {score} of {highest}").format(score=survey.score, highest=scales.SCORES[survey.kind][1])
    tickets.add_task(ticket_id=ticket.pk, title=title, by=SYSTEM, assignee=who, due_at=clock.now() + CALL_WITHIN)
    if who is None:
        staff.notify(agent_ids=supervisors(), kind="low_score", ticket_id=ticket.pk, key=f"low_score:{survey.pk}", subject=ticket.subject)


def stop(*, survey: Survey) -> None:
    """The customer wants no more surveys."""
    customers.refuse(customer=survey.ticket.customer, purpose=PURPOSE, by=VISITOR)


def _language(ticket: Ticket) -> str:
    company = workplace()
    return language_of(ticket.language or ticket.customer.language or (company.language if company else "en"))


def _zones(ticket: Ticket) -> list[str]:
    company = workplace()
    return [zone for zone in (ticket.customer.time_zone, company.time_zone if company else "") if zone]


def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:  # noqa: ARG001  rooms are asked alike
    """What these customers wrote beside their scores; the scores stay. Cannot be undone."""
    Survey.objects.filter(ticket__customer__in=customer_ids).update(comment="")
