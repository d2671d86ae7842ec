"""Writes about channels: keeping what arrived, raw, before anybody looks inside."""

from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from madoguchi.foundation import clock, crypto, events
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.bulk import update_rows
from madoguchi.foundation.errors import Invalid

from ..events import MailSetAside
from ..models import Envelope, Mailbox

OUTCOME = ("stage", "reason", "message_id", "fingerprint", "auth", "mailbox")
REASON_LENGTH = 2000


def store_envelope(
    *,
    raw: bytes,
    source: str,
    mailbox: Mailbox | None = None,
    provider_id: str | None = None,
    sender: str = "",
    recipients: list[str] | None = None,
    client_address: str = "",
    helo: str = "",
    size: int | None = None,
    channel: str = "mail",
) -> Envelope | None:
    """Keep one arrival durably; None when this mailbox already has `provider_id`. Raises Invalid when it is too large.

    `size`: of the whole message, when `raw` is only its beginning; the intake then puts it into quarantine.
    """
    if len(raw) > settings.MESSAGE_SIZE_LIMIT:
        message = f"The message is larger than {settings.MESSAGE_SIZE_LIMIT} bytes"
        raise Invalid(message)
    envelope = Envelope(
        channel=channel, mailbox=mailbox, source=source, provider_id=provider_id, sender=_clean(sender)[:320],
        recipients=[_clean(address) for address in recipients or []],
        client_address=client_address, helo=_clean(helo)[:255], raw=raw, size=size or len(raw), received_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            envelope.save(force_insert=True)
    except IntegrityError:
        return None
    return envelope


def note_origin(*, envelope_id: int, auth: dict) -> None:
    """Keep what our own check of SPF, DKIM and DMARC found."""
    Envelope.objects.filter(pk=envelope_id).update(auth=auth)


def _clean(address: str) -> str:
    """A text that both databases can keep: SMTP lets any byte through."""
    return address.encode("utf-8", "replace").decode().replace("\0", "")


def settle(envelopes: Sequence[Envelope]) -> None:
    """Save what became of the arrivals; those not stored yet (imports read durable files) are stored with it."""
    fresh = [envelope for envelope in envelopes if envelope.pk is None]
    Envelope.objects.bulk_create(fresh)
    kept = {id(envelope) for envelope in fresh}
    update_rows([envelope for envelope in envelopes if id(envelope) not in kept], OUTCOME)
    aside = [envelope for envelope in envelopes if envelope.stage == Envelope.Stage.QUARANTINED]
    if aside:
        events.emit_many((MailSetAside(envelope.pk, envelope.reason) for envelope in aside), by=SYSTEM)


def begin_attempt(envelope_ids: Sequence[int]) -> None:
    """Count an attempt before it is made, so that a mail that kills its reader is found out."""
    Envelope.objects.filter(pk__in=envelope_ids).update(attempts=F("attempts") + 1)


def forget_attempt(envelope_ids: Sequence[int]) -> None:
    """Take back an attempt that never had a chance, since the database failed."""
    Envelope.objects.filter(pk__in=envelope_ids, attempts__gt=0).update(attempts=F("attempts") - 1)


@transaction.atomic
def quarantine(*, envelope_id: int, reason: str) -> bool:
    """Put an arrival aside for people to look at; `reason` is a code and, after a colon, details."""
    waiting = Envelope.objects.filter(pk=envelope_id, stage=Envelope.Stage.RECEIVED)
    moved = waiting.update(stage=Envelope.Stage.QUARANTINED, reason=reason[:REASON_LENGTH]) == 1
    if moved:
        events.emit(MailSetAside(envelope_id, reason[:REASON_LENGTH]), by=SYSTEM)
    return moved


def receive_again(*, envelope_id: int) -> bool:
    """Take an arrival out of quarantine (or from among the loops, the bounces, the thrown away): it is read once more."""
    again = [Envelope.Stage.QUARANTINED, Envelope.Stage.LOOP, Envelope.Stage.DISCARDED, Envelope.Stage.BOUNCE]
    aside = Envelope.objects.filter(pk=envelope_id, stage__in=again)
    return aside.update(stage=Envelope.Stage.RECEIVED, reason="", attempts=0) == 1


def discard(*, envelope_id: int) -> bool:
    """Mark a quarantined arrival as thrown away; its raw form stays."""
    return Envelope.objects.filter(pk=envelope_id, stage=Envelope.Stage.QUARANTINED).update(stage=Envelope.Stage.DISCARDED) == 1


def keep_refresh_token(*, mailbox_id: int, old: str, new: str) -> None:
    """Store a refresh token that the provider rotated, unless somebody connected the mailbox anew meanwhile."""
    secret = Mailbox.objects.filter(pk=mailbox_id).values_list("oauth_refresh_secret", flat=True).first()
    if secret and crypto.decrypt(secret) == old:
        Mailbox.objects.filter(pk=mailbox_id, oauth_refresh_secret=secret).update(oauth_refresh_secret=crypto.encrypt(new))


def note_progress(*, mailbox_id: int, uidvalidity: int, last_uid: int, trouble: str = "") -> None:
    """How far a mailbox has been read. Looking again is harmless: an envelope's `provider_id` is kept once.

    `trouble`: what does not work although mail comes in, in words.
    """
    Mailbox.objects.filter(pk=mailbox_id).update(
        imap_uidvalidity=uidvalidity, imap_last_uid=last_uid, imap_checked_at=clock.now(), imap_error=trouble
    )


def note_trouble(*, mailbox_id: int, words: str) -> None:
    """Why a mailbox cannot be read, for people."""
    Mailbox.objects.filter(pk=mailbox_id).update(imap_error=words, imap_checked_at=clock.now())
