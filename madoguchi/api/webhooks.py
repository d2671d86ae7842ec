"""Webhooks over the API: endpoints, their deliveries, replay."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from madoguchi.foundation.errors import Invalid, NotAllowed, NotFound
from madoguchi.staff.permissions import Permission

from . import actions
from .door import PROBLEMS, may
from .idempotency import Written, once
from .models import WebhookDelivery, WebhookEndpoint
from .paging import Cursor, Limit, keyset
from .shapes import Moment, Strict, instant
from .webhook_events import EVENTS

router = Router(tags=["webhooks"])
Names = Annotated[list[Annotated[str, Field(json_schema_extra={"enum": EVENTS})]], Field(max_length=50)]  # actions refuse others
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
URL = rf"^https?://{_LABEL}(\.{_LABEL})*(:{_PORT})?(/[!-\"$-~]*)?$"
Url = Annotated[str, Field(min_length=1, max_length=2000, pattern=URL)]


class EndpointIn(Strict):
    url: Url
    events: Names = []


class EndpointPatch(Strict):
    url: Url | None = None
    events: Names | None = None
    is_active: bool | None = None


class EndpointOut(Schema):
    id: int
    url: str
    events: list[str]
    is_active: bool
    failing_since: datetime | None
    off_reason: str = Field(description="Why it was switched off by itself")
    secret: str | None = Field(None, description="Only in the answer to its making or renewal")


class EndpointPage(Schema):
    items: list[EndpointOut]
    next_cursor: str | None


class CallOut(Schema):
    at: datetime
    status: int = Field(description="0 when there was no answer")
    milliseconds: int
    said: str


class ReplayIn(Strict):
    since: Moment
    until: Moment


class ReplayOut(Schema):
    deliveries: int


class DeliveryOut(Schema):
    id: int
    webhook_id: str
    event: str
    state: str
    attempts: int
    status: int | None
    answer: str
    created_at: datetime
    updated_at: datetime
    calls: list[CallOut]


class DeliveryPage(Schema):
    items: list[DeliveryOut]
    next_cursor: str | None


def endpoint_out(endpoint: WebhookEndpoint, secret: str | None = None) -> dict[str, Any]:
    return {
        "id": endpoint.pk, "url": endpoint.url, "events": endpoint.events, "is_active": endpoint.is_active, "secret": secret,
        "failing_since": endpoint.failing_since.isoformat() if endpoint.failing_since else None, "off_reason": endpoint.off_reason,
    }  # fmt: skip


def delivery_out(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": delivery.pk, "webhook_id": delivery.webhook_id, "event": delivery.event_type, "state": delivery.state,
        "attempts": delivery.attempts, "status": delivery.status, "answer": delivery.answer,
        "created_at": delivery.created_at.isoformat(), "updated_at": delivery.updated_at.isoformat(),
        "calls": [
            {"at": call.at.isoformat(), "status": call.status, "milliseconds": call.milliseconds, "said": call.said}
            for call in sorted(delivery.calls.all(), key=lambda call: call.pk)
        ],
    }  # fmt: skip


def _found(endpoint_id: int) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    return endpoint


@contextmanager
def _reachable() -> Iterator[None]:
    """An address of the right form that may not be called is forbidden, not malformed."""
    try:
        yield
    except Invalid as error:
        if error.fields:
            raise
        raise NotAllowed(error.message) from error


@router.get("/webhooks", response={200: EndpointPage, **PROBLEMS}, operation_id="list_webhooks")
def list_webhooks(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    may(request, Permission.MANAGE_API)
    return keyset(WebhookEndpoint.objects.all(), cursor, limit, endpoint_out)


@router.post("/webhooks", response={201: EndpointOut, **PROBLEMS}, operation_id="create_webhook")
@once
def create_webhook(request: HttpRequest, body: EndpointIn) -> Written:
    """`events` empty: all. The secret in the answer is shown this once."""
    may(request, Permission.MANAGE_API)
    with _reachable():
        endpoint, secret = actions.add_endpoint(url=body.url, events=body.events, agent=request.agent, by=request.actor)  # type: ignore[attr-defined]
    return 201, endpoint_out(endpoint, secret)


@router.get("/webhooks/{int:endpoint_id}", response={200: EndpointOut, **PROBLEMS}, operation_id="get_webhook")
def get_webhook(request: HttpRequest, endpoint_id: int) -> dict[str, Any]:
    may(request, Permission.MANAGE_API)
    return endpoint_out(_found(endpoint_id))


@router.patch("/webhooks/{int:endpoint_id}", response={200: EndpointOut, **PROBLEMS}, operation_id="change_webhook")
@once
def change_webhook(request: HttpRequest, endpoint_id: int, body: EndpointPatch) -> Written:
    may(request, Permission.MANAGE_API)
    with _reachable():
        changed = actions.change_endpoint(
            endpoint_id=endpoint_id, by=request.actor, url=body.url, events=body.events, is_active=body.is_active  # type: ignore[attr-defined]
        )  # fmt: skip
    return 200, endpoint_out(changed)


@router.post("/webhooks/{int:endpoint_id}/secret", response={200: EndpointOut, **PROBLEMS}, operation_id="rotate_webhook_secret")
@once
def rotate(request: HttpRequest, endpoint_id: int) -> Written:
    """A new secret; deliveries carry signatures of the old and the new one until the next renewal."""
    may(request, Permission.MANAGE_API)
    secret = actions.rotate_secret(endpoint_id=endpoint_id, by=request.actor)  # type: ignore[attr-defined]
    return 200, endpoint_out(_found(endpoint_id), secret)


@router.delete("/webhooks/{int:endpoint_id}", response={200: dict[str, bool], **PROBLEMS}, operation_id="delete_webhook")
@once
def delete_webhook(request: HttpRequest, endpoint_id: int) -> Written:
    may(request, Permission.MANAGE_API)
    actions.remove_endpoint(endpoint_id=endpoint_id, by=request.actor)  # type: ignore[attr-defined]
    return 200, {"deleted": True}


@router.get("/webhooks/{int:endpoint_id}/deliveries", response={200: DeliveryPage, **PROBLEMS}, operation_id="list_deliveries")
def list_deliveries(request: HttpRequest, endpoint_id: int, limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    may(request, Permission.MANAGE_API)
    return keyset(_found(endpoint_id).deliveries.prefetch_related("calls"), cursor, limit, delivery_out)


@router.post("/webhooks/{int:endpoint_id}/replay", response={200: ReplayOut, **PROBLEMS}, operation_id="replay_webhook")
@once
def replay_webhook(request: HttpRequest, endpoint_id: int, body: ReplayIn) -> Written:
    """Send again all of a time span, also what happened while the webhook was off. Receivers know repeats by the webhook-id."""
    may(request, Permission.MANAGE_API)
    sent = actions.replay_range(endpoint_id=endpoint_id, since=instant(body.since), until=instant(body.until), by=request.actor)  # type: ignore[attr-defined]
    return 200, {"deliveries": sent}


@router.post("/webhooks/{int:endpoint_id}/replay-failed", response={200: ReplayOut, **PROBLEMS}, operation_id="replay_failed_deliveries")
@once
def replay_failed(request: HttpRequest, endpoint_id: int) -> Written:
    """Send again, oldest first, what failed for good; at most 10,000 at once."""
    may(request, Permission.MANAGE_API)
    return 200, {"deliveries": actions.replay_failed(endpoint_id=endpoint_id, by=request.actor)}  # type: ignore[attr-defined]


@router.post("/deliveries/{int:delivery_id}/replay", response={200: DeliveryOut, **PROBLEMS}, operation_id="replay_delivery")
@once
def replay(request: HttpRequest, delivery_id: int) -> Written:
    may(request, Permission.MANAGE_API)
    return 200, delivery_out(actions.replay(delivery_id=delivery_id, by=request.actor))  # type: ignore[attr-defined]
