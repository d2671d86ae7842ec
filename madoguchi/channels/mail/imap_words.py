"""What went wrong with an IMAP server, in words that say what to do."""

import imaplib
import socket
import ssl

import imap_tools
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import MadoguchiError

from .imap_session import Account


def explain_imap(error: Exception, account: Account) -> str:
    """One or two sentences in the active language; the other side's own words stay as they are."""
    said = _said(error)
    where = f"{account.host}:{account.port}"
    if isinstance(error, MadoguchiError):
        return str(error.message)
    if isinstance(error, socket.gaierror):
        return _("The server name {host} is unknown. Check the spelling.").format(host=account.host)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The certificate of {where} is not valid ({said}). Check the server name, or ask who runs the server.").format(
            where=where, said=error.verify_message
        )
    if isinstance(error, ssl.SSLError):
        return _("{where} does not speak TLS in the chosen way. Try the other encryption setting or another port.").format(where=where)
    if isinstance(error, TimeoutError):
        return _("{where} did not answer in time. Check the port and the firewall.").format(where=where)
    if isinstance(error, ConnectionRefusedError):
        return _("{where} refused the connection. Check the port.").format(where=where)
    if isinstance(error, imap_tools.MailboxLoginError) or "AUTHENTICATIONFAILED" in said.upper():
        return _("The server refused the password of {user} ({said}). Check user name and password.").format(user=account.user, said=said)
    if isinstance(error, imap_tools.MailboxFolderSelectError):
        return _("The folder {folder} cannot be opened ({said}). Choose another folder.").format(folder=account.folder, said=said)
    if isinstance(error, (OSError, imaplib.IMAP4.abort)):
        return _("The connection to {where} broke ({said}). It is tried again by itself.").format(where=where, said=said)
    return _("The server answered in a way that was not understood ({said}).").format(said=said)


def explain_move(error: Exception, folder: str) -> str:
    return _("Mail comes in, but cannot be moved to the folder {folder} ({said}). Choose another folder.").format(
        folder=folder, said=_said(error)
    )


def _said(error: Exception) -> str:
    if isinstance(error, imap_tools.UnexpectedCommandStatusError):
        answer = error.command_result[1]
        return b" ".join(line for line in answer if isinstance(line, bytes)).decode("utf-8", "replace")[:200]
    return " ".join(str(error).split())[:200] or type(error).__name__
