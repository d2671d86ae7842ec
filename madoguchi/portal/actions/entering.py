"""Signing in by a mailed link. Whether an address is known is told to nobody but whoever reads its mail."""

from datetime import timedelta

from django.db import transaction

from madoguchi.customers import actions as customers
from madoguchi.customers.queries import customer_known_as
from madoguchi.foundation import audit, clock, crypto, ratelimit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import NotFound, TooMany
from madoguchi.foundation.jobs import enqueue

from ..models import Session, SignInLink

LINK_VALID = timedelta(minutes=30)
SESSION_VALID = timedelta(days=14)
PER_CLIENT_AN_HOUR, PER_ADDRESS_AN_HOUR, TRIES_PER_CLIENT_AN_HOUR = 10, 4, 30
KEPT = timedelta(days=7)


def ask_for_link(*, address: str, language: str) -> None:
    """Somebody wants to sign in as `address`. The same work is done for every address; a job finds out whether it is a customer's.

    Raises TooMany for a client that asks too often; too many mails to one address are left out silently.
    """
    ratelimit.hit(f"portal:client:{audit.client_address.get()}", limit=PER_CLIENT_AN_HOUR, seconds=3600)
    try:
        ratelimit.hit(f"portal:address:{crypto.fingerprint(address)}", limit=PER_ADDRESS_AN_HOUR, seconds=3600)
    except TooMany:
        return
    enqueue("portal.mail_link", address=crypto.encrypt(address), language=language)


def make_link(*, address: str) -> str | None:
    """A fresh token for a customer's address; None for an address that is nobody's."""
    if customer_known_as("mail", address) is None:
        return None
    token = crypto.token()
    now = clock.now()
    SignInLink.objects.create(digest=crypto.fingerprint(token), address=address, created_at=now, expires_at=now + LINK_VALID)
    return token


def redeem(*, token: str) -> tuple[Session, str]:
    """Use a link: the session and its token, for the cookie. Raises NotFound when the link is unknown, used or too old; TooMany."""
    ratelimit.hit(f"portal:try:{audit.client_address.get()}", limit=TRIES_PER_CLIENT_AN_HOUR, seconds=3600)  # counts when it fails too
    with transaction.atomic():
        return _redeem(token)


def _redeem(token: str) -> tuple[Session, str]:
    now = clock.now()
    fresh = SignInLink.objects.filter(digest=crypto.fingerprint(token), used_at=None, expires_at__gt=now)
    link = fresh.first()
    if link is None or fresh.update(used_at=now) != 1:
        raise NotFound
    customer = customer_known_as("mail", link.address)
    if customer is None:
        raise NotFound
    customers.mark_verified(kind="mail", value=link.address)
    secret = crypto.token()
    session = Session.objects.create(
        digest=crypto.fingerprint(secret), customer=customer, address=link.address, started_at=now, expires_at=now + SESSION_VALID
    )
    audit.record("portal.sign_in", by=Actor("customer", customer.pk, customer.name), subject=f"customer:{customer.pk}")
    return session, secret


def end_session(*, session: Session) -> None:
    """Sign out here."""
    session.delete()


def prune() -> None:
    """Forget links and sessions that are over."""
    now = clock.now()
    SignInLink.objects.filter(expires_at__lt=now - KEPT).delete()
    Session.objects.filter(expires_at__lt=now).delete()
