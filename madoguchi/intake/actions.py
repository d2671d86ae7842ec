"""What people do with arrivals that were set aside, and with mail that was forwarded to us."""

from django.db import transaction

from madoguchi.channels import actions as channels
from madoguchi.channels.models import Envelope
from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, NotFound


@transaction.atomic
def retry_envelope(*, envelope_id: int, by: Actor) -> None:
    """Read an arrival again that was set aside; the worker does so within a second."""
    _exists(envelope_id)
    if not channels.receive_again(envelope_id=envelope_id):
        raise Conflict
    audit.record("intake.retry_envelope", by=by, subject=f"envelope:{envelope_id}")


@transaction.atomic
def discard_envelope(*, envelope_id: int, by: Actor) -> None:
    """Mark a quarantined arrival as dealt with. Its raw form stays and it can be retried."""
    _exists(envelope_id)
    if not channels.discard(envelope_id=envelope_id):
        raise Conflict
    audit.record("intake.discard_envelope", by=by, subject=f"envelope:{envelope_id}")


def _exists(envelope_id: int) -> None:
    if not Envelope.objects.filter(pk=envelope_id).exists():
        raise NotFound
