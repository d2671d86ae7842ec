"""Writes of the API's own rows: remembered answers, webhook endpoints and deliveries."""

import base64
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from madoguchi.foundation import audit, clock, crypto, jobs, outgoing
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.staff.models import Agent, ApiToken

from .models import IdempotentAnswer, WebhookDelivery, WebhookEndpoint
from .webhook_events import EVENTS

ANSWERS_KEPT = timedelta(hours=24)
LOG_KEPT = timedelta(days=30)
MAX_ENDPOINTS = 50


def promise_answer(*, token: ApiToken, key: str, digest: str) -> IdempotentAnswer:
    """Claim the key in the current transaction. Raises IntegrityError when it is taken."""
    return IdempotentAnswer.objects.create(token=token, key=key, request_digest=digest, created_at=clock.now())


def keep_answer(row: IdempotentAnswer, *, status: int, body: dict) -> None:
    row.status, row.body = status, body
    row.save(update_fields=["status", "body"])


def forget_answer(row: IdempotentAnswer) -> None:
    row.delete()


def new_secret() -> str:
    """A Standard Webhooks secret: `whsec_` and 24 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _checked(events: list[str]) -> list[str]:
    if unknown := sorted(set(events) - set(EVENTS)):
        raise Invalid(fields={"events": f"Unknown: {', '.join(unknown)}. Known: {', '.join(EVENTS)}"})
    return sorted(set(events))


@transaction.atomic
def add_endpoint(*, url: str, events: list[str], agent: Agent, by: Actor) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint; the returned secret is shown once. Raises Invalid for a private address or an unknown event."""
    if WebhookEndpoint.objects.count() >= MAX_ENDPOINTS:
        raise Conflict(f"At most {MAX_ENDPOINTS} webhooks; delete one that is no longer used")
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
        endpoint.failing_since = None
    endpoint.save()
    audit.record("api.change_webhook", by=by, subject=f"webhook:{endpoint.pk}", detail={"url": endpoint.url, "active": endpoint.is_active})
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint_id: int, by: Actor) -> str:
    """A new secret; the old one signs too until the next rotation."""
    endpoint, secret = _endpoint(endpoint_id), new_secret()
    endpoint.old_secret, endpoint.secret = endpoint.secret, crypto.encrypt(secret)
    endpoint.save(update_fields=["secret", "old_secret"])
    audit.record("api.rotate_webhook_secret", by=by, subject=f"webhook:{endpoint.pk}")
    return secret


@transaction.atomic
def remove_endpoint(*, endpoint_id: int, by: Actor) -> None:
    endpoint = _endpoint(endpoint_id)
    audit.record("api.remove_webhook", by=by, subject=f"webhook:{endpoint.pk}", detail={"url": endpoint.url})
    endpoint.delete()


@transaction.atomic
def replay(*, delivery_id: int, by: Actor) -> WebhookDelivery:
    """Send one delivery again, with its own id."""
    delivery = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    delivery.state, delivery.attempts, delivery.updated_at = WebhookDelivery.State.WAITING, 0, clock.now()
    delivery.save(update_fields=["state", "attempts", "updated_at"])
    jobs.enqueue("api.deliver_webhook", key=f"webhook:{delivery.pk}", delivery=delivery.pk)
    audit.record("api.replay_webhook", by=by, subject=f"webhook_delivery:{delivery.pk}")
    return delivery


def _endpoint(endpoint_id: int) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def queue_deliveries(deliveries: list[WebhookDelivery]) -> None:
    """Keep and enqueue; an event that an endpoint already has is left alone."""
    for delivery in deliveries:
        row, fresh = WebhookDelivery.objects.get_or_create(
            endpoint=delivery.endpoint, event_id=delivery.event_id,
            defaults={
                "event_type": delivery.event_type, "webhook_id": delivery.webhook_id, "body": delivery.body,
                "created_at": delivery.created_at, "updated_at": delivery.updated_at,
            },
        )  # fmt: skip
        if fresh:
            jobs.enqueue("api.deliver_webhook", key=f"webhook:{row.pk}", delivery=row.pk)


def note_attempt(
    *, delivery_id: int, state: str, status: int | None, answer: str, milliseconds: int | None, failing: datetime | None
) -> None:
    """What became of one attempt; `failing`: since when the endpoint has not accepted anything."""
    delivery = WebhookDelivery.objects.get(pk=delivery_id)
    delivery.state, delivery.status, delivery.answer = state, status, answer[:500]
    delivery.milliseconds, delivery.attempts, delivery.updated_at = milliseconds, delivery.attempts + 1, clock.now()
    delivery.save()
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(failing_since=failing)


def switch_off(*, endpoint_id: int) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint_id).update(is_active=False)


def prune() -> None:
    """Forget old answers and finished deliveries; timed work."""
    now = clock.now()
    IdempotentAnswer.objects.filter(created_at__lt=now - ANSWERS_KEPT).delete()
    WebhookDelivery.objects.filter(updated_at__lt=now - LOG_KEPT).exclude(state=WebhookDelivery.State.WAITING).delete()
