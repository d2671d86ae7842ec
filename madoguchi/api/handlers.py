"""What webhooks hear: an event becomes one delivery per endpoint that wants it."""

import json

from madoguchi.foundation import clock
from madoguchi.foundation.models import Event

from .actions import queue_deliveries
from .models import WebhookDelivery, WebhookEndpoint
from .webhook_events import PUBLIC_NAMES


def announce(event: Event) -> None:
    """Safe to repeat: an endpoint has each event once."""
    name, now = PUBLIC_NAMES[event.name], clock.now()
    body = json.dumps(
        {"type": name, "timestamp": event.at.isoformat(), "data": {**event.payload, "actor": event.actor_name}}, ensure_ascii=False
    )
    queue_deliveries(
        [
            WebhookDelivery(
                endpoint=endpoint, event_id=event.pk, event_type=name, webhook_id=f"msg_{event.pk}_{endpoint.pk}", body=body,
                created_at=now, updated_at=now,
            )
            for endpoint in WebhookEndpoint.objects.filter(is_active=True)
            if not endpoint.events or name in endpoint.events
        ]
    )  # fmt: skip
