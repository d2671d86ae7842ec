"""Does a mailbox work? Each step of its conversation tried out, with words that say what is wrong and what to do."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from ..models import Mailbox
from .dkim_record import published, record_of
from .imap_in import SERVER_ERRORS, account_of
from .imap_session import Session
from .imap_words import explain_imap
from .problems import SendProblem
from .routes import route_of
from .send import check


@dataclass(frozen=True)
class Step:
    """ok: True, False, or None for what could not be found out or only needs to be known."""

    name: str
    text: str
    ok: bool | None = None


def connection_test(mailbox: Mailbox) -> list[Step]:
    """Sign in for receiving and for sending, and look for the DKIM record. Changes nothing on any server."""
    return [_incoming(mailbox), _outgoing(mailbox), *_signature(mailbox)]


def _incoming(mailbox: Mailbox) -> Step:
    name = _("Receiving")
    if mailbox.incoming != Mailbox.Incoming.IMAP:
        text = _("Mail to {address} is taken on port {port} of this machine. Let the domain's mail server deliver it there.")
        return Step(name, text.format(address=mailbox.address, port=settings.SMTP_PORT), ok=None)
    account = account_of(mailbox)
    try:
        session = Session(account, writing=False)
    except SERVER_ERRORS as error:
        return Step(name, explain_imap(error, account), ok=False)
    session.close()
    text = _("Signed in to {host} as {user}; the folder {folder} can be read.")
    return Step(name, text.format(host=account.host, user=account.user, folder=account.folder), ok=True)


def _outgoing(mailbox: Mailbox) -> Step:
    name = _("Sending")
    route = route_of(mailbox)
    try:
        check(route)
    except SendProblem as problem:
        return Step(name, str(problem.message), ok=False)
    if route.folder:
        return Step(name, _("Replies are written into the folder {folder} and not sent.").format(folder=route.folder), ok=None)
    return Step(name, _("{server} is ready to take mail.").format(server=route.name), ok=True)


def _signature(mailbox: Mailbox) -> list[Step]:
    record = record_of(mailbox)
    if record is None:
        return []
    found = published(record)
    text = {
        True: _("The DKIM record stands in DNS."),
        False: _("The DKIM record is missing in DNS. Publish it, or receivers will not trust the signature."),
        None: _("DNS did not answer, so the DKIM record could not be checked."),
    }[found]
    return [Step(_("Signature"), text, ok=found)]
