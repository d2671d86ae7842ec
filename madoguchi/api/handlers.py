"""What webhooks hear: an event becomes one delivery per endpoint that wants it."""

from madoguchi.foundation.models import Event

from . import actions
from .models import WebhookEndpoint


def announce(event: Event) -> None:
    """Safe to repeat: an endpoint has each event once."""
    actions.announce(event=event)


announce.listens = lambda: WebhookEndpoint.objects.filter(is_active=True).exists()  # type: ignore[attr-defined]  # no endpoint, no work
