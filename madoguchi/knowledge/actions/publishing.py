"""The way of a text to its readers: submitted, approved, published now or later, taken back, expired."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound

from .. import index
from ..events import TranslationChanged
from ..models import State, Translation

log = logging.getLogger(__name__)


def _locked(article_id: int, language: str) -> Translation:
    row = Translation.objects.select_for_update().filter(article=article_id, language=language).first()
    if row is None:
        raise NotFound
    return row


def _move(row: Translation, state: State, *, publish_at: datetime | None = None) -> None:
    """Give the text in hand another state."""
    if row.next_version_id:
        row.next_state = state
    else:
        row.state = state
    row.publish_at = publish_at
    row.save()


def _recorded(what: str, row: Translation, by: Actor, **detail: object) -> None:
    audit.record(f"knowledge.{what}", by=by, subject=f"translation:{row.pk}", detail={"language": row.language, **detail})


def _told(row: Translation, by: Actor) -> None:
    events.emit(TranslationChanged(article_id=row.article_id, translation_id=row.pk, language=row.language), by=by)


def _refuse_unless(row: Translation, *states: State) -> None:
    if row.in_hand not in states:
        raise Conflict(_("The text is in another state by now. Reload the page."))


@transaction.atomic
def submit(*, by: Actor, article_id: int, language: str) -> Translation:
    """Ask for a review of the draft in hand. Raises NotFound, Conflict."""
    row = _locked(article_id, language)
    _refuse_unless(row, State.DRAFT)
    _move(row, State.IN_REVIEW)
    _recorded("submit", row, by)
    return row


@transaction.atomic
def return_to_draft(*, by: Actor, article_id: int, language: str) -> Translation:
    """Not yet: back from review, or off the schedule. Raises NotFound, Conflict."""
    row = _locked(article_id, language)
    _refuse_unless(row, State.IN_REVIEW, State.SCHEDULED)
    _move(row, State.DRAFT)
    _recorded("return_to_draft", row, by)
    return row


@transaction.atomic
def publish(*, by: Actor, article_id: int, language: str) -> Translation:
    """Approve the text in hand and give it to its readers now. Raises NotFound, Conflict when there is nothing to publish."""
    row = _locked(article_id, language)
    _refuse_unless(row, State.DRAFT, State.IN_REVIEW, State.SCHEDULED, State.EXPIRED)
    _publish(row, by)
    return row


def _publish(row: Translation, by: Actor) -> None:
    now = clock.now()
    if newer := row.next_version:
        row.title, row.summary, row.body, row.tags = newer.title, newer.summary, newer.body, newer.tags
        row.next_version, row.next_state, row.revised_at = None, "", newer.saved_at
    row.state, row.published_at, row.publish_at = State.PUBLISHED, now, None
    if row.expires_at and row.expires_at <= now:
        row.expires_at = None
    row.save()
    index.put([row.pk])
    _recorded("publish", row, by, title=row.title)
    _told(row, by)


@transaction.atomic
def schedule(*, by: Actor, article_id: int, language: str, at: datetime) -> Translation:
    """Approve the text in hand, to be published at `at`. Raises NotFound, Conflict, Invalid with the field `at`."""
    row = _locked(article_id, language)
    _refuse_unless(row, State.DRAFT, State.IN_REVIEW, State.SCHEDULED, State.EXPIRED)
    if at <= clock.now():
        raise Invalid(fields={"at": _("Choose a moment that lies ahead.")})
    _move(row, State.SCHEDULED, publish_at=at)
    _recorded("schedule", row, by, at=at.isoformat())
    return row


@transaction.atomic
def expire(*, by: Actor, article_id: int, language: str, at: datetime | None) -> Translation:
    """Say when a text stops being shown; None: never. Raises NotFound, Invalid with the field `at`."""
    row = _locked(article_id, language)
    if at is not None and at <= clock.now():
        raise Invalid(fields={"at": _("Choose a moment that lies ahead.")})
    row.expires_at = at
    row.save()
    _recorded("expire", row, by, at=at.isoformat() if at else None)
    _told(row, by)
    return row


@transaction.atomic
def unpublish(*, by: Actor, article_id: int, language: str) -> Translation:
    """Take a text from its readers at once. A newer one in hand stays in hand. Raises NotFound, Conflict."""
    row = _locked(article_id, language)
    if row.state != State.PUBLISHED:
        raise Conflict(_("The text is in another state by now. Reload the page."))
    _take_back(row, State.DRAFT)
    _recorded("unpublish", row, by)
    _told(row, by)
    return row


def _take_back(row: Translation, state: State) -> None:
    if newer := row.next_version:
        row.title, row.summary, row.body, row.tags = newer.title, newer.summary, newer.body, newer.tags
        row.state = State(row.next_state)
        row.next_version, row.next_state, row.revised_at = None, "", newer.saved_at
    else:
        row.state = state
    row.save()
    index.put([row.pk])


def run_timed() -> None:
    """Publish what is due and end what has run out; each text in a transaction of its own, so that one cannot hold up the others."""
    now = clock.now()
    due = Translation.objects.filter(publish_at__lte=now).values_list("pk", flat=True)
    over = Translation.objects.filter(state=State.PUBLISHED, expires_at__lte=now).values_list("pk", flat=True)
    for pk in dict.fromkeys([*due, *over]):
        with transaction.atomic():
            row = Translation.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            if row.state == State.PUBLISHED and row.expires_at and row.expires_at <= now:
                _take_back(row, State.EXPIRED)
                _recorded("expired", row, SYSTEM)
                _told(row, SYSTEM)
            if row.in_hand == State.SCHEDULED and row.publish_at and row.publish_at <= now:
                _publish(row, SYSTEM)
