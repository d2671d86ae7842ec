"""Writes of promises."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.design.formats import zone_of
from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.sla.queries import supervisors
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import REDACTED, Message, Ticket
from madoguchi.understanding.readers.language import detect_language

from . import queries
from .detecting import find_promises, is_work_day
from .events import PromiseBroken, PromisesChanged
from .models import Promise

EARLIEST, LATEST = timedelta(minutes=30), timedelta(hours=24)  # before it is due, the owner is reminded
AHEAD = 0.2  # of the whole time, between those two
BATCH = 100
LONGEST = 500


def offer_found(*, message: Message) -> list[Promise]:
    """What one of our messages promises, kept as found until a person says whether it is. Repeating it changes nothing."""
    works, zone = queries.work_days(message.ticket)
    written_at = message.created_at.astimezone(zone_of(message.ticket.customer.time_zone, zone))
    language = detect_language(message.text, fallback=message.language or message.ticket.language)
    rows = [
        Promise(
            ticket=message.ticket, message=message, text=found.text[:LONGEST], due_at=found.due, owner_id=message.agent_id,
            made_at=message.created_at,
        )
        for found in find_promises(message.text, language=language, written_at=written_at, works=works or is_work_day)
    ]  # fmt: skip
    with transaction.atomic():
        made = Promise.objects.bulk_create(rows, ignore_conflicts=True)
        if made:
            events.emit(PromisesChanged(message.ticket_id, message.ticket.team_id, 0, Promise.State.OFFERED), by=SYSTEM)
    return made


@transaction.atomic
def make(*, ticket: Ticket, text: str, due_at: datetime | None, owner: Agent | None, by: Actor) -> Promise:
    """A promise that a person writes down, said by phone or in person. Raises Invalid."""
    text = " ".join(text.split())[:LONGEST]
    if not text:
        raise Invalid(_("Write what was promised."), fields={"text": _("Write what was promised.")})
    promise = Promise(ticket=ticket, text=text, owner=owner, made_at=clock.now())
    _take_on(promise, due_at)
    promise.save(force_insert=True)
    _changed(promise, by)
    return promise


@transaction.atomic
def confirm(*, promise_id: int, due_at: datetime | None, owner: Agent | None, by: Actor) -> Promise:
    """It is a promise, or its time or owner changes. Raises Invalid without a time to come, Conflict once it is settled."""
    promise = _locked(promise_id)
    if promise.state not in {Promise.State.OFFERED, Promise.State.OPEN}:
        raise Conflict(_("This promise is settled already."))
    promise.owner = owner
    _take_on(promise, due_at)
    promise.save()
    _changed(promise, by)
    return promise


@transaction.atomic
def settle(*, promise_id: int, state: str, by: Actor, note: str = "") -> Promise:
    """`kept`, `withdrawn` (told the customer otherwise: `note` says what) or `declined` (never was one). Raises Conflict, Invalid."""
    promise = _locked(promise_id)
    wanted = Promise.State.OFFERED if state == Promise.State.DECLINED else Promise.State.OPEN
    if state not in {Promise.State.KEPT, Promise.State.WITHDRAWN, Promise.State.DECLINED}:
        raise Invalid
    if promise.state == state:
        return promise
    if promise.state != wanted:
        raise Conflict(_("This promise is settled already."))
    note = " ".join(note.split())[:LONGEST]
    if state == Promise.State.WITHDRAWN and not note:
        raise Invalid(_("Write what the customer was told instead."))
    promise.state, promise.settled_at, promise.note = state, clock.now(), note
    promise.save(update_fields=["state", "settled_at", "note"])
    _changed(promise, by)
    return promise


@transaction.atomic
def forget_words(*, message_id: int) -> None:
    """Words that were blacked out in the message do not live on in the promise found in it."""
    message = Message.objects.filter(pk=message_id).only("text").first()
    said = " ".join(message.text.split()) if message else ""
    for promise in Promise.objects.select_for_update().filter(message_id=message_id):
        if promise.text not in said:
            promise.text = f"{REDACTED} #{promise.pk}"
            promise.save(update_fields=["text"])


@transaction.atomic
def reopen(*, promise_id: int, by: Actor) -> Promise:
    """Take back that it was settled."""
    promise = _locked(promise_id)
    if promise.state in {Promise.State.KEPT, Promise.State.WITHDRAWN}:
        promise.state, promise.settled_at, promise.note = Promise.State.OPEN, None, ""
        promise.save(update_fields=["state", "settled_at", "note"])
        _changed(promise, by)
    return promise


def look_at_time() -> int:
    """Remind of what is due soon, sound an alarm for what is late, each once; how many."""
    told = 0
    for take in (_remind, _alarm):
        while (found := take()) == BATCH:
            told += found
        told += found
    return told


@transaction.atomic
def _remind() -> int:
    now = clock.now()
    rows = Promise.objects.select_for_update(skip_locked=True).filter(state=Promise.State.OPEN, reminded_at=None, remind_at__lte=now)
    promises = list(rows.order_by("remind_at")[:BATCH])
    for promise in promises:
        promise.reminded_at = now
        if promise.owner_id and promise.due_at and promise.due_at > now:
            _tell([promise.owner_id], "promise_soon", promise)
    Promise.objects.bulk_update(promises, ["reminded_at"])
    return len(promises)


@transaction.atomic
def _alarm() -> int:
    now = clock.now()
    late = Promise.objects.select_for_update(skip_locked=True, of=("self",)).select_related("ticket")
    promises = list(late.filter(state=Promise.State.OPEN, alarmed_at=None, due_at__lte=now).order_by("due_at")[:BATCH])
    for promise in promises:
        promise.alarmed_at = now
        _tell(list(dict.fromkeys([*([promise.owner_id] if promise.owner_id else []), *supervisors()])), "promise_broken", promise)
        events.emit(PromiseBroken(promise.ticket_id, promise.ticket.team_id, promise.pk), by=SYSTEM)
    Promise.objects.bulk_update(promises, ["alarmed_at"])
    return len(promises)


def _tell(agent_ids: list[int], kind: str, promise: Promise) -> None:
    staff.notify(
        agent_ids=agent_ids, kind=kind, ticket_id=promise.ticket_id, key=f"{kind}:{promise.pk}:{promise.due_at:%Y%m%d%H%M}",
        subject=promise.text,
    )  # fmt: skip


def _take_on(promise: Promise, due_at: datetime | None) -> None:
    now = clock.now()
    if due_at is None:
        raise Invalid(_("Choose by when it is promised."), fields={"due_at": _("Choose by when it is promised.")})
    if due_at <= now:
        raise Invalid(_("Choose a time to come."), fields={"due_at": _("Choose a time to come.")})
    ahead = min(max((due_at - now) * AHEAD, EARLIEST), LATEST)
    promise.state, promise.due_at = Promise.State.OPEN, due_at
    promise.remind_at, promise.reminded_at, promise.alarmed_at = due_at - ahead, None, None


def _locked(promise_id: int) -> Promise:
    promise = Promise.objects.select_for_update(of=("self",)).select_related("ticket").filter(pk=promise_id).first()
    if promise is None:
        raise NotFound
    return promise


def _changed(promise: Promise, by: Actor) -> None:
    events.emit(PromisesChanged(promise.ticket_id, promise.ticket.team_id, promise.pk, promise.state), by=by)


def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:  # noqa: ARG001  rooms are asked alike
    """Our own words towards these customers; that something was promised and kept stays. Cannot be undone."""
    for promise in Promise.objects.filter(ticket__customer__in=customer_ids):
        promise.text, promise.note = f"#{promise.pk}", ""
        promise.save(update_fields=["text", "note"])
