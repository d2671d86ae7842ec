"""Mail of the system itself (sign-in links, invitations, digests) through the default mailbox, for Django's `send_mail`."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from .journal import Journal
from .problems import SendProblem
from .routes import default_mailbox, route_of
from .send import Outgoing, Receipt, send

log = logging.getLogger(__name__)


class DefaultMailboxBackend(BaseEmailBackend):
    """Sends at once. With `fail_silently` a problem is logged; otherwise SendProblem tells the person who waits for the mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if not email_messages:
            return 0
        sent = 0
        for message in email_messages:
            try:
                send_now(message)
                sent += 1
            except SendProblem as problem:
                log.warning("system mail not sent", extra={"problem": problem.problem, "detail": problem.detail})
                if not self.fail_silently:
                    raise
        return sent


def send_now(message: EmailMessage, journal: Journal | None = None) -> Receipt:
    """Send one mail of the system. Raises SendProblem; with a `journal`, a kill at any point leaves the truth in it."""
    mailbox = default_mailbox()
    address = mailbox.address if mailbox else settings.DEFAULT_FROM_EMAIL or f"madoguchi@{settings.SMTP_HELLO}"
    message.from_email = message.from_email or f"Madoguchi <{address}>"
    message.extra_headers.setdefault("Auto-Submitted", "auto-generated")
    message.extra_headers.setdefault("X-Auto-Response-Suppress", "All")
    mime = message.message()
    return send(route_of(mailbox), Outgoing(address, message.recipients(), mime.as_bytes(), mime["Message-ID"]), journal)
