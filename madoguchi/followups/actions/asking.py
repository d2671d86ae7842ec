"""Writes of follow-ups: plan, ask, settle, call off."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.customers import actions as customers
from madoguchi.customers.queries import refuses
from madoguchi.design.formats import date_text, language_of, spoken_to, zone_of
from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.protection.queries import in_force
from madoguchi.sla.queries import supervisors
from madoguchi.staff import actions as staff
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Status, Task, Ticket
from madoguchi.workplace.queries import workplace

from .. import queries, texts
from ..events import FollowedUp
from ..models import FollowUp, Means
from ..planning import APART, apart, planned, waking

AUTOMATIC = "followup"  # what our mails are marked with
PURPOSE = "followup"  # what a customer refuses
SURVEY = "survey"  # the other mail that asks how it went
VISITOR = Actor("visitor")
BATCH = 100
FIRST, SECOND = timedelta(hours=48), timedelta(days=15)  # a step comes not later than this after solving
TOO_LATE = timedelta(days=5)
CALL_WITHIN = timedelta(hours=8)


@transaction.atomic
def plan(*, ticket_id: int) -> None:
    """A ticket was solved: plan the steps of the first rule that fits. Repeating it changes nothing."""
    found = Ticket.objects.select_related("customer__company").filter(pk=ticket_id, status=Status.SOLVED, is_spam=False)
    ticket = found.first()
    rule = queries.rule_for(ticket) if ticket is not None and ticket.solved_at is not None else None
    if ticket is None or ticket.solved_at is None or rule is None:
        return
    zone, works = zone_of(*_zones(ticket)), queries.work_days(ticket)
    steps = [(1, rule.first_means, timedelta(hours=rule.first_hours), FIRST)]
    if rule.second_days:
        steps.append((2, rule.second_means, timedelta(days=rule.second_days), max(SECOND, timedelta(days=rule.second_days + 1))))
    rows = []
    for step, means, earliest, latest in steps:
        at = planned(ticket.solved_at, zone, earliest=earliest, latest=latest, works=works)
        rows.append(FollowUp(ticket=ticket, rule=rule, step=step, means=means, planned_for=at, due_at=at, solved_at=ticket.solved_at))
    FollowUp.objects.bulk_create(rows, ignore_conflicts=True)


def call_off(*, ticket_id: int, why: str) -> None:
    """The customer wrote, or the matter goes on: nothing more is asked about it."""
    waiting = FollowUp.objects.filter(ticket=ticket_id, state=FollowUp.State.PLANNED)
    waiting.update(state=FollowUp.State.CANCELLED, why=why, settled_at=clock.now())


def look_at_time() -> int:
    """Ask wherever the time has come, or call it off; how many were looked at. Each in a transaction of its own: a job that is killed
    and run again asks none twice.
    """
    due = FollowUp.objects.filter(state=FollowUp.State.PLANNED, due_at__lte=clock.now()).order_by("due_at", "id")
    ids = list(due.values_list("id", flat=True)[:BATCH])
    for followup_id in ids:
        _take_up(followup_id)
    return len(ids)


@transaction.atomic
def _take_up(followup_id: int) -> None:
    rows = FollowUp.objects.select_for_update(skip_locked=True, of=("self",)).select_related("ticket__customer", "ticket__assignee")
    followup = rows.filter(pk=followup_id, state=FollowUp.State.PLANNED).first()
    if followup is None:
        return
    now = clock.now()
    why = _why_not(followup)
    if why:
        _end(followup, state=FollowUp.State.CANCELLED, why=why)
        return
    at = waking(now if followup.means == Means.CALL else apart(now, _others(followup)), zone_of(*_zones(followup.ticket)))
    if at > now:
        followup.due_at = at
        followup.save(update_fields=["due_at"])
        return
    try:
        with transaction.atomic():
            if followup.means == Means.CALL:
                _give_task(followup)
            else:
                followup.message = _ask(followup)
    except (Invalid, Conflict):  # no address to write to
        _end(followup, state=FollowUp.State.CANCELLED, why="no_address")
        return
    followup.state, followup.asked_at, followup.attempts = FollowUp.State.ASKED, now, followup.attempts + 1
    followup.save(update_fields=["state", "asked_at", "attempts", "message"])


def _why_not(followup: FollowUp) -> str:
    """A reason for not asking, empty when there is none."""
    ticket = followup.ticket
    reasons = {
        "reopened": ticket.status not in {Status.SOLVED, Status.CLOSED} or ticket.solved_at != followup.solved_at,
        "spam": ticket.is_spam,
        "merged": ticket.merged_into_id is not None,
        "wrote": queries.wrote_since(ticket, followup.solved_at),
        "too_late": clock.now() - followup.planned_for > TOO_LATE,
        "refused": refuses(ticket.customer_id, PURPOSE),
        "restricted": bool(in_force(ticket.customer_id)),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _others(followup: FollowUp) -> list[datetime]:
    """When this customer was last asked how it went, by a survey or about another ticket."""
    asked = Message.objects.filter(ticket__customer=followup.ticket.customer_id, automatic__in=[AUTOMATIC, SURVEY])
    return list(asked.filter(created_at__gt=clock.now() - APART).values_list("created_at", flat=True))


def _ask(followup: FollowUp) -> Message:
    ticket, token = followup.ticket, queries.token(followup.pk)
    language = _language(ticket)
    base = settings.BASE_URL
    with spoken_to(language, next(iter(_zones(ticket)), "")):
        words = {
            "name": ticket.customer.name, "number": str(ticket.pk), "date": date_text(followup.solved_at),
            "agent": ticket.assignee.name if ticket.assignee else "", "optout": base + reverse("followups:stop", args=[token]),
            "yes": base + reverse("followups:well", args=[token, "yes"]), "no": base + reverse("followups:well", args=[token, "no"]),
        }  # fmt: skip
    return tickets.reply(
        ticket_id=ticket.pk, by=SYSTEM, automatic=AUTOMATIC, status="", language=language, channel="mail",
        text=texts.mail(language, **words), html=texts.mail_html(language, **words),
    )  # fmt: skip


def _give_task(followup: FollowUp) -> None:
    """Calling is a colleague's task; without an assignee the supervisors hear of it."""
    ticket = followup.ticket
    who = ticket.assignee if ticket.assignee is not None and ticket.assignee.is_active else None
    company = workplace()
    with spoken_to(who.language if who else company.language if company else "en"):
        title = _("Call the customer: is everything in order?")
    tickets.add_task(ticket_id=ticket.pk, title=title, by=SYSTEM, assignee=who, due_at=clock.now() + CALL_WITHIN)
    if who is None:
        staff.notify(
            agent_ids=supervisors(), kind="followup_call", ticket_id=ticket.pk, key=f"followup:{followup.pk}", subject=ticket.subject
        )


@transaction.atomic
def settle(*, followup_id: int, outcome: str, by: Actor) -> FollowUp:
    """What came of it: verified | reopened | not_reached. `reopened` takes the ticket up again with a note. Repeating it changes nothing;
    a customer may go from "all is well" to "not solved", not back. Raises Conflict when nobody was asked, Invalid.
    """
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("ticket")
    followup = rows.filter(pk=followup_id).first()
    if followup is None:
        raise NotFound
    if outcome not in FollowUp.Outcome.values:
        raise Invalid
    if followup.state not in {FollowUp.State.ASKED, FollowUp.State.DONE}:
        raise Conflict(_("Nobody has been asked yet."))
    if followup.outcome in {outcome, FollowUp.Outcome.REOPENED}:
        return followup
    followup.outcome = outcome
    _end(followup, state=FollowUp.State.DONE)
    if outcome == FollowUp.Outcome.REOPENED:
        _take_ticket_up(followup.ticket_id, by)
        call_off(ticket_id=followup.ticket_id, why="reopened")
    events.emit(FollowedUp(followup.ticket_id, followup.ticket.team_id, followup.pk, outcome), by=by)
    return followup


def _take_ticket_up(ticket_id: int, by: Actor) -> None:
    """Open again with a note; a closed ticket stays closed, so that it becomes a note and a task."""
    ticket = Ticket.objects.select_related("assignee").get(pk=ticket_id)
    company = workplace()
    with spoken_to(company.language if company else "en"):
        text = _("In the follow-up the customer answered that it is not solved.")
        title = _("Follow-up: not solved, contact the customer")
    tickets.add_note(ticket_id=ticket_id, text=text, by=by)
    if ticket.status == Status.SOLVED:
        tickets.reopen(ticket_id=ticket_id, by=by)
    elif ticket.status == Status.CLOSED and not Task.objects.filter(ticket=ticket_id, title=title, done_at=None).exists():
        tickets.add_task(ticket_id=ticket_id, title=title, by=by, assignee=ticket.assignee, due_at=clock.now() + CALL_WITHIN)


def stop(*, followup: FollowUp) -> None:
    """The customer wants to be asked no more."""
    customers.refuse(customer=followup.ticket.customer, purpose=PURPOSE, by=VISITOR)


def _end(followup: FollowUp, *, state: str, why: str = "") -> None:
    followup.state, followup.why, followup.settled_at = state, why, clock.now()
    followup.save(update_fields=["state", "why", "settled_at", "outcome"])


def _language(ticket: Ticket) -> str:
    company = workplace()
    return language_of(ticket.language or ticket.customer.language or (company.language if company else "en"))


def _zones(ticket: Ticket) -> list[str]:
    company = workplace()
    return [zone for zone in (ticket.customer.time_zone, company.time_zone if company else "") if zone]
