"""Writes about channels: keeping what arrived, raw, before anybody looks inside."""

from django.conf import settings
from django.db import IntegrityError, transaction

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import Invalid

from .models import Envelope, Mailbox


def store_envelope(
    *,
    raw: bytes,
    source: str,
    mailbox: Mailbox | None = None,
    provider_id: str | None = None,
    sender: str = "",
    recipients: list[str] | None = None,
    client_address: str = "",
) -> Envelope | None:
    """Keep one arrival durably; None when this mailbox already has `provider_id`. Raises Invalid when it is too large."""
    if len(raw) > settings.MESSAGE_SIZE_LIMIT:
        message = f"The message is larger than {settings.MESSAGE_SIZE_LIMIT} bytes"
        raise Invalid(message)
    envelope = Envelope(
        mailbox=mailbox, source=source, provider_id=provider_id, sender=sender[:320], recipients=recipients or [],
        client_address=client_address, raw=raw, size=len(raw), received_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            envelope.save(force_insert=True)
    except IntegrityError:
        return None
    return envelope


def store_many(envelopes: list[Envelope]) -> None:
    """Keep many arrivals with one statement; for imports."""
    Envelope.objects.bulk_create(envelopes)


def keep_refresh_token(*, mailbox_id: int, old: str, new: str) -> None:
    """Store a refresh token that the provider rotated, unless somebody connected the mailbox anew meanwhile."""
    secret = Mailbox.objects.filter(pk=mailbox_id).values_list("oauth_refresh_secret", flat=True).first()
    if secret and crypto.decrypt(secret) == old:
        Mailbox.objects.filter(pk=mailbox_id, oauth_refresh_secret=secret).update(oauth_refresh_secret=crypto.encrypt(new))
