"""Delivering webhooks: signed, guarded, retried by the queue's back-off, given up visibly."""

from datetime import timedelta

from madoguchi.foundation import clock, crypto, outgoing
from madoguchi.foundation.errors import Invalid, Upstream
from madoguchi.foundation.jobs import job
from madoguchi.staff import actions as staff

from . import signing
from .actions import note_attempt, switch_off
from .models import WebhookDelivery

TIMEOUT = 15.0
GIVE_UP_AFTER = timedelta(days=5)  # an endpoint that accepted nothing for so long is switched off


def gave_up(*, delivery: int, error: str) -> None:
    row = WebhookDelivery.objects.filter(pk=delivery).first()
    if row is not None:
        note_attempt(
            delivery_id=delivery, state="failed", status=row.status, answer=row.answer or error, milliseconds=row.milliseconds,
            failing=row.endpoint.failing_since or clock.now(),
        )  # fmt: skip


@job("api.deliver_webhook", queue="web", own_transaction=True, on_dead=gave_up)
def deliver_webhook(*, delivery: int) -> None:
    """One attempt. Any 2xx is success; everything else raises Upstream, so that the queue tries again."""
    row = WebhookDelivery.objects.select_related("endpoint").filter(pk=delivery).first()
    if row is None or row.state == WebhookDelivery.State.DELIVERED or not row.endpoint.is_active:
        return
    endpoint, body, now = row.endpoint, row.body.encode(), clock.now()
    secrets = [crypto.decrypt(secret) for secret in (endpoint.secret, endpoint.old_secret) if secret]
    head = signing.headers(secrets, webhook_id=row.webhook_id, timestamp=int(now.timestamp()), body=body)
    status, milliseconds = None, None
    try:
        answer = outgoing.post(endpoint.url, body=body, headers=head, timeout=TIMEOUT)
        status, milliseconds, said = answer.status, round(answer.seconds * 1000), answer.body.decode("utf-8", "replace")
    except (Upstream, Invalid) as error:
        said = str(error.message)
    accepted = status is not None and 200 <= status < 300  # noqa: PLR2004
    failing = None if accepted else endpoint.failing_since or now
    note_attempt(
        delivery_id=row.pk,
        state="delivered" if accepted else "retry",
        status=status,
        answer=said,
        milliseconds=milliseconds,
        failing=failing,
    )
    if accepted:
        return
    if failing and now - failing > GIVE_UP_AFTER:
        switch_off(endpoint_id=endpoint.pk)
        if endpoint.created_by_id:
            staff.notify(
                agent_ids=[endpoint.created_by_id], kind="webhook_off", key=f"webhook_off:{endpoint.pk}:{failing.date()}", url=endpoint.url
            )
        raise Upstream(f"{endpoint.url} accepted nothing for days; it is switched off", permanent=True)
    raise Upstream(f"{endpoint.url} answered {status or said}", permanent=False)
