"""Calling webhooks in the background; retries, back-off and the dead list are the job queue's."""

from madoguchi.foundation.errors import Upstream
from madoguchi.foundation.jobs import job

from . import actions
from .calling import call
from .models import WebhookDelivery


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
    problem = call(row)
    if problem and not row.is_test:
        raise Upstream(f"{row.endpoint.url} answered {problem}", permanent=False)
