"""Reads about channels."""

from collections.abc import Iterable

from .models import Envelope, Mailbox


def own_addresses() -> dict[str, int]:
    """Every address (lower case) under which we receive, aliases included, with the id of its mailbox."""
    return addresses_of(Mailbox.objects.filter(is_active=True).only("id", "address", "aliases"))


def addresses_of(mailboxes: Iterable[Mailbox]) -> dict[str, int]:
    found: dict[str, int] = {}
    for mailbox in mailboxes:
        found |= {str(alias).lower(): mailbox.pk for alias in mailbox.aliases}
        found[mailbox.address.lower()] = mailbox.pk
    return found


def base_address(address: str) -> str:
    """Lower case and without the +detail of the local part, which carries reply tokens."""
    local, at, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.split('+', 1)[0]}{at}{domain}"


def known_fingerprints(fingerprints: Iterable[str], *, apart_from: Iterable[int | None]) -> dict[str, int]:
    """Which contents have arrived before and were dealt with, with the envelope of each. What people threw away does not count."""
    dealt_with = [Envelope.Stage.KEPT, Envelope.Stage.LOOP, Envelope.Stage.BOUNCE, Envelope.Stage.QUARANTINED]
    found = Envelope.objects.filter(fingerprint__in=list(fingerprints), stage__in=dealt_with)
    mine = [pk for pk in apart_from if pk]
    return dict((found.exclude(pk__in=mine) if mine else found).values_list("fingerprint", "id"))


def stored_names(mailbox_id: int, provider_ids: Iterable[str]) -> set[str]:
    """Those of a transport's own ids under which this mailbox has an envelope."""
    found = Envelope.objects.filter(mailbox_id=mailbox_id, provider_id__in=list(provider_ids))
    return {name for name in found.values_list("provider_id", flat=True) if name}


def still_received(ids: Iterable[int]) -> set[int]:
    """Those of the envelopes that nobody has dealt with meanwhile, locked."""
    waiting = Envelope.objects.select_for_update().filter(pk__in=list(ids), stage=Envelope.Stage.RECEIVED)
    return set(waiting.order_by("id").values_list("id", flat=True))


def default_address() -> str:
    """The address under which customers reach us when nothing else is known; empty before there is a mailbox."""
    active = Mailbox.objects.filter(is_active=True)
    return active.order_by("-is_default", "id").values_list("address", flat=True).first() or ""
