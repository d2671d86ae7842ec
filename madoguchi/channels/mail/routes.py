"""Which way a mailbox sends: the folder of a development installation, its own SMTP server, or the installation's relay."""

from urllib.parse import unquote, urlsplit

from django.conf import settings

from madoguchi.foundation import crypto
from madoguchi.workplace.queries import is_demo

from ..models import Mailbox
from .oauth import grant_of
from .send import Route


def route_of(mailbox: Mailbox | None) -> Route:
    """The mailbox's route; one without a host when there is no way to send, which `send` reports."""
    if settings.MAIL_FOLDER:
        return Route(folder=settings.MAIL_FOLDER)
    if mailbox is not None and mailbox.smtp_host:
        grant = grant_of(mailbox)
        user = mailbox.smtp_user or (mailbox.address if grant else "")
        secret = crypto.decrypt(mailbox.smtp_secret)
        return Route(mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security, user, secret, grant)
    if not settings.RELAY and is_demo():
        return Route(folder=settings.HOME / "outbox")  # the demo company sends nothing into the world by itself
    return relay(settings.RELAY)


def relay(text: str) -> Route:
    """`host:port` (no encryption, for a mail server on the same machine or network) or smtps:// or smtp+starttls://user:password@host:port."""
    if not text:
        return Route()
    url = urlsplit(text if "://" in text else f"smtp://{text}")
    security = {"smtps": "tls", "smtp+starttls": "starttls"}.get(url.scheme, "none")
    port = url.port or {"tls": 465, "starttls": 587, "none": 25}[security]
    return Route(url.hostname or "", port, security, unquote(url.username or ""), unquote(url.password or ""))


def default_mailbox() -> Mailbox | None:
    return Mailbox.objects.filter(is_active=True).order_by("-is_default", "id").first()
