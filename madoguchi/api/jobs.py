"""Calling webhooks: signed, guarded; retries, back-off and the dead list are the job queue's."""

from datetime import timedelta

from madoguchi.foundation import clock, crypto, outgoing
from madoguchi.foundation.errors import Invalid, Upstream
from madoguchi.foundation.jobs import job

from . import actions, signing
from .models import WebhookDelivery, WebhookEndpoint

TIMEOUT = timedelta(seconds=15)
ANSWER_LIMIT = 4096  # bytes; only its beginning is kept


def gave_up(*, delivery: int, error: str) -> None:  # noqa: ARG001  why stands in the calls
    actions.give_up(delivery_id=delivery)


@job("api.deliver_webhook", queue="web", own_transaction=True, on_dead=gave_up)
def deliver_webhook(*, delivery: int) -> None:
    """One call. Any 2xx is success; everything else raises Upstream, so that the queue tries again. After a kill the receiver may get it
    twice, always under the same webhook-id.
    """
    row = WebhookDelivery.objects.select_related("endpoint").filter(pk=delivery).first()
    if row is None or row.state in {WebhookDelivery.State.DELIVERED, WebhookDelivery.State.FAILED}:
        return
    if not row.endpoint.is_active:
        actions.give_up(delivery_id=row.pk)
        return
    body = row.body.encode()
    head = signing.headers(_secrets(row.endpoint), webhook_id=row.webhook_id, timestamp=int(clock.now().timestamp()), body=body)
    status, milliseconds = 0, 0
    try:
        answer = outgoing.post(row.endpoint.url, body=body, headers=head, timeout=TIMEOUT.total_seconds(), limit=ANSWER_LIMIT)
        status, milliseconds, said = answer.status, round(answer.seconds * 1000), answer.body.decode("utf-8", "replace")
    except (Upstream, Invalid) as error:
        said = str(error.message)
    if not actions.note_call(delivery=row, status=status, said=said, milliseconds=milliseconds):
        raise Upstream(f"{row.endpoint.url} answered {status or said}", permanent=False)


def _secrets(endpoint: WebhookEndpoint) -> list[str]:
    """The secret, and the one before it while it is still good."""
    both = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > clock.now():
        both.append(endpoint.old_secret)
    return [crypto.decrypt(secret) for secret in both]
