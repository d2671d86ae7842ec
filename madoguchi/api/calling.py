"""One call to a webhook: signed, guarded, kept in the log."""

from datetime import timedelta

from madoguchi.foundation import clock, crypto, outgoing
from madoguchi.foundation.errors import Invalid, Upstream

from . import actions, signing
from .models import WebhookDelivery, WebhookEndpoint

TIMEOUT = timedelta(seconds=15)
ANSWER_LIMIT = 4096  # bytes; only its beginning is kept


def call(delivery: WebhookDelivery) -> str:
    """Call the endpoint (selected with the delivery); returns why it did not accept, or an empty text. Never inside a transaction."""
    body = delivery.body.encode()
    head = signing.headers(_secrets(delivery.endpoint), webhook_id=delivery.webhook_id, timestamp=int(clock.now().timestamp()), body=body)
    status, milliseconds = 0, 0
    try:
        answer = outgoing.post(delivery.endpoint.url, body=body, headers=head, timeout=TIMEOUT.total_seconds(), limit=ANSWER_LIMIT)
        status, milliseconds, said = answer.status, round(answer.seconds * 1000), answer.body.decode("utf-8", "replace")
    except (Upstream, Invalid) as error:
        said = str(error.message)
    accepted = actions.note_call(delivery=delivery, status=status, said=said, milliseconds=milliseconds)
    return "" if accepted else str(status or said)


def _secrets(endpoint: WebhookEndpoint) -> list[str]:
    """The secret, and the one before it while it is still good."""
    both = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > clock.now():
        both.append(endpoint.old_secret)
    return [crypto.decrypt(secret) for secret in both]
