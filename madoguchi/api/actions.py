"""Writes of the API's own rows: remembered answers, webhook endpoints and deliveries."""

import base64
import json
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, crypto, jobs, outgoing
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.foundation.models import Event
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, ApiToken
from madoguchi.staff.permissions import Permission

from .models import IdempotentAnswer, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from .webhook_events import EVENTS, SOURCES, TEST, fact_of_test, public, public_name, webhook_id

ANSWERS_KEPT = timedelta(hours=24)
LOG_KEPT = timedelta(days=30)
OLD_SECRET_KEPT = timedelta(hours=24)
GIVE_UP_AFTER = timedelta(days=5)  # an endpoint that accepted nothing for so long is switched off
REPLAY_AT_ONCE = 10_000
AT_ONCE = 500  # rows in one statement
SAID_LENGTH = 500
UNFINISHED = (WebhookDelivery.State.WAITING, WebhookDelivery.State.RETRY)
MAX_ENDPOINTS = 50


def promise_answer(*, token: ApiToken, key: str, digest: str) -> IdempotentAnswer:
    """Claim the key in the current transaction. Raises IntegrityError when it is taken."""
    return IdempotentAnswer.objects.create(token=token, key=key, request_digest=digest, created_at=clock.now())


def keep_answer(row: IdempotentAnswer, *, status: int, body: dict) -> None:
    """Under lock and key: answers hold customers' texts, and secrets that are shown once."""
    row.status, row.body = status, crypto.encrypt(json.dumps(body, ensure_ascii=False))
    row.save(update_fields=["status", "body"])


def forget_answer(row: IdempotentAnswer) -> None:
    row.delete()


def new_secret() -> str:
    """A Standard Webhooks secret: `whsec_` and 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _checked(events: list[str]) -> list[str]:
    if unknown := sorted(set(events) - set(EVENTS)):
        text = _("Unknown: {unknown}. Known: {known}").format(unknown=", ".join(unknown)[:500], known=", ".join(EVENTS))
        raise Invalid(fields={"events": text})
    return sorted(set(events))


@transaction.atomic
def add_endpoint(*, url: str, events: list[str], agent: Agent, by: Actor) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint; the returned secret is shown once. Raises Invalid for a private address or an unknown event."""
    if WebhookEndpoint.objects.count() >= MAX_ENDPOINTS:
        raise Conflict(_("There can be {n} webhooks. Delete one that is no longer used.").format(n=MAX_ENDPOINTS))
    secret = new_secret()
    endpoint = WebhookEndpoint.objects.create(
        url=outgoing.check_url(url), events=_checked(events), secret=crypto.encrypt(secret), created_by=agent, created_at=clock.now()
    )
    audit.record("api.add_webhook", by=by, subject=f"webhook:{endpoint.pk}", detail={"url": url, "events": events})
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    *, endpoint_id: int, by: Actor, url: str | None = None, events: list[str] | None = None, is_active: bool | None = None
) -> WebhookEndpoint:
    endpoint = _endpoint(endpoint_id)
    if url is not None:
        endpoint.url = outgoing.check_url(url)
    if events is not None:
        endpoint.events = _checked(events)
    if is_active is not None:
        endpoint.is_active = is_active
        endpoint.failing_since, endpoint.off_reason = None, ""
    endpoint.save()
    audit.record("api.change_webhook", by=by, subject=f"webhook:{endpoint.pk}", detail={"url": endpoint.url, "active": endpoint.is_active})
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint_id: int, by: Actor) -> str:
    """A new secret; the old one signs beside it for a day."""
    endpoint, secret = _endpoint(endpoint_id), new_secret()
    endpoint.old_secret, endpoint.secret = endpoint.secret, crypto.encrypt(secret)
    endpoint.old_secret_until = clock.now() + OLD_SECRET_KEPT
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    audit.record("api.rotate_webhook_secret", by=by, subject=f"webhook:{endpoint.pk}")
    return secret


@transaction.atomic
def remove_endpoint(*, endpoint_id: int, by: Actor) -> None:
    endpoint = _endpoint(endpoint_id)
    audit.record("api.remove_webhook", by=by, subject=f"webhook:{endpoint.pk}", detail={"url": endpoint.url})
    endpoint.delete()


@transaction.atomic
def announce(*, event: Event) -> int:
    """Queue the event for every active endpoint that wants it; returns for how many. Repeating it changes nothing."""
    wanting = [endpoint for endpoint in WebhookEndpoint.objects.filter(is_active=True) if _wants(endpoint, event)]
    return sum(_queue(endpoint, event) for endpoint in wanting)


@transaction.atomic
def replay(*, delivery_id: int, by: Actor) -> WebhookDelivery:
    """Send one delivery again, whatever became of it, with its own id."""
    delivery = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    _active(delivery.endpoint_id)
    _send_again(delivery)
    audit.record("api.replay_webhook", by=by, subject=f"webhook:{delivery.endpoint_id}", detail={"webhook_id": delivery.webhook_id})
    return delivery


@transaction.atomic
def replay_failed(*, endpoint_id: int, by: Actor) -> int:
    """Send again, oldest first, what failed for good, tests apart; returns how many deliveries that makes."""
    endpoint = _active(endpoint_id)
    failed = endpoint.deliveries.filter(state=WebhookDelivery.State.FAILED, event_id__isnull=False)
    ids = list(failed.order_by("id").values_list("pk", flat=True)[:REPLAY_AT_ONCE])
    _send_all_again(endpoint, ids)
    audit.record("api.replay_webhook", by=by, subject=f"webhook:{endpoint.pk}", detail={"failed": len(ids)})
    return len(ids)


@transaction.atomic
def write_test(*, endpoint_id: int, by: Actor) -> WebhookDelivery:
    """A delivery that says only that the webhook is being tested. The caller sends it, once; it is not tried again."""
    endpoint, now = _endpoint(endpoint_id), clock.now()
    audit.record("api.test_webhook", by=by, subject=f"webhook:{endpoint.pk}")
    return WebhookDelivery.objects.create(
        endpoint=endpoint, event_type=TEST, webhook_id=f"evt_test_{crypto.token(12)}", created_at=now, updated_at=now,
        body=_written(fact_of_test(at=now, by=by)),
    )  # fmt: skip


@transaction.atomic
def replay_range(*, endpoint_id: int, since: datetime, until: datetime, by: Actor) -> int:
    """Send again all of this time span, also what happened while the endpoint was off; returns how many deliveries that makes.

    In few statements: whoever asks for a month must not hold up everybody else's writing.
    """
    endpoint = _active(endpoint_id)
    if until < since:
        raise Conflict(_("The end must come after the beginning."))
    events = Event.objects.filter(name__in=SOURCES, ephemeral=False, at__gte=since, at__lt=until).order_by("id")[:REPLAY_AT_ONCE]
    rows = [_delivery(endpoint, event) for event in events if _wants(endpoint, event)]
    WebhookDelivery.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    ids: list[int] = []
    for some in batched([row.event_id for row in rows]):
        ids += endpoint.deliveries.filter(event_id__in=some).order_by("id").values_list("pk", flat=True)
    _send_all_again(endpoint, ids)
    sent = len(ids)
    detail = {"since": since.isoformat(), "until": until.isoformat(), "count": sent}
    audit.record("api.replay_webhook", by=by, subject=f"webhook:{endpoint.pk}", detail=detail)
    return sent


def _wants(endpoint: WebhookEndpoint, event: Event) -> bool:
    name = public_name(event)
    return name is not None and (not endpoint.events or name in endpoint.events)


def _delivery(endpoint: WebhookEndpoint, event: Event) -> WebhookDelivery:
    now = clock.now()
    return WebhookDelivery(
        endpoint=endpoint, event_id=event.pk, event_type=public_name(event) or event.name, webhook_id=webhook_id(event),
        body=_written(public(event)), created_at=now, updated_at=now,
    )  # fmt: skip


def _queue(endpoint: WebhookEndpoint, event: Event) -> int:
    if endpoint.deliveries.filter(event_id=event.pk).exists():
        return 0
    delivery = _delivery(endpoint, event)
    delivery.save(force_insert=True)
    _enqueue(delivery)
    return 1


def _written(fact: dict[str, Any]) -> str:
    return json.dumps(fact, ensure_ascii=False, separators=(",", ":"))


def _send_again(delivery: WebhookDelivery) -> None:
    delivery.state, delivery.attempts, delivery.updated_at = WebhookDelivery.State.WAITING, 0, clock.now()
    delivery.save(update_fields=["state", "attempts", "updated_at"])
    _enqueue(delivery)


def _send_all_again(endpoint: WebhookEndpoint, ids: list[int]) -> None:
    for some in batched(ids):
        WebhookDelivery.objects.filter(pk__in=some).update(state=WebhookDelivery.State.WAITING, attempts=0, updated_at=clock.now())
    wanted = {_key(pk): {"delivery": pk} for pk in ids}
    jobs.enqueue_all("api.deliver_webhook", wanted, lock=_lock(endpoint.pk))


def batched(ids: list[Any]) -> Iterator[list[Any]]:
    """The ids in pieces that fit into one statement."""
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _key(delivery_id: int) -> str:
    return f"webhook:{delivery_id}"


def _lock(endpoint_id: int) -> str:
    """One endpoint is called one call at a time, so a slow one holds up only itself."""
    return f"webhook:{endpoint_id}"


def _enqueue(delivery: WebhookDelivery) -> None:
    if not jobs.enqueue("api.deliver_webhook", key=_key(delivery.pk), lock=_lock(delivery.endpoint_id), delivery=delivery.pk):
        jobs.start_over(key=_key(delivery.pk))


def _endpoint(endpoint_id: int) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def _active(endpoint_id: int) -> WebhookEndpoint:
    endpoint = _endpoint(endpoint_id)
    if not endpoint.is_active:
        raise Conflict(_("This webhook is switched off. Switch it on first."))
    return endpoint


@transaction.atomic
def note_call(*, delivery: WebhookDelivery, status: int, said: str, milliseconds: int) -> bool:
    """Keep what a call brought (`status` 0: no answer); True when it was accepted (2xx). After days of failures, or 410 Gone, the
    endpoint is switched off. A test is not tried again, and its failure tells nothing about the days.
    """
    now, accepted = clock.now(), 200 <= status < 300  # noqa: PLR2004
    said = said.replace("\x00", "")[:SAID_LENGTH]
    WebhookAttempt.objects.create(delivery=delivery, at=now, status=status, milliseconds=milliseconds, said=said)
    failure = WebhookDelivery.State.FAILED if delivery.is_test else WebhookDelivery.State.RETRY
    state = WebhookDelivery.State.DELIVERED if accepted else failure
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=state, status=status or None, answer=said, milliseconds=milliseconds, attempts=F("attempts") + 1, updated_at=now
    )
    if delivery.is_test and not accepted:
        return False
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    endpoint.failing_since = None if accepted else endpoint.failing_since or now
    endpoint.save(update_fields=["failing_since"])
    if status == 410:  # noqa: PLR2004  the receiver says that it wants no more
        _switch_off(endpoint, "410 Gone")
    elif endpoint.failing_since and now - endpoint.failing_since > GIVE_UP_AFTER:
        _switch_off(endpoint, said or str(status))
    return accepted


def give_up(*, delivery_id: int) -> None:
    """No more attempts by themselves; a person may replay it."""
    WebhookDelivery.objects.filter(pk=delivery_id, state__in=UNFINISHED).update(state=WebhookDelivery.State.FAILED, updated_at=clock.now())


def _switch_off(endpoint: WebhookEndpoint, reason: str) -> None:
    if not endpoint.is_active:
        return
    endpoint.is_active, endpoint.off_reason = False, reason[:300]
    endpoint.save(update_fields=["is_active", "off_reason"])
    people = [agent.pk for agent in Agent.objects.select_related("role").filter(is_active=True) if agent.may(Permission.MANAGE_API)]
    staff.notify(agent_ids=people, kind="webhook_off", key=f"webhook_off:{endpoint.pk}:{endpoint.failing_since}", url=endpoint.url)


def prune() -> None:
    """Forget old answers and finished deliveries; timed work."""
    now = clock.now()
    IdempotentAnswer.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    WebhookDelivery.objects.filter(updated_at__lt=now - LOG_KEPT).exclude(
        state__in=[WebhookDelivery.State.WAITING, WebhookDelivery.State.RETRY]
    ).delete()
