"""What can go wrong when a mail is sent: a closed list of codes, and a sentence for each that says what to do."""

from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Upstream


class SendProblem(Upstream):
    """A mail was not taken. `problem` is one of the codes below, `detail` the other side's own words, kept untranslated.

    `refused`: {address: [code, text]} when the server refused recipients.
    """

    def __init__(self, problem: str, detail: str = "", *, permanent: bool, refused: dict[str, list] | None = None) -> None:
        self.problem = problem
        self.detail = " ".join(detail.split())[:500]
        self.refused = refused or {}
        super().__init__(explain(problem, self.detail), permanent=permanent)


def explain(problem: str, detail: str = "") -> str:
    """The problem in the reader's language."""
    sentences = {
        "no_route": _("This mailbox has no way to send. Enter its SMTP server in the mailbox settings."),
        "unknown_host": _("The name of the mail server is unknown ({detail}). Check its spelling in the mailbox settings."),
        "unreachable": _("The mail server cannot be reached ({detail}). Check the server, the port and the firewall."),
        "timeout": _("The mail server did not answer in time ({detail}). It will be tried again."),
        "broken": _("The connection to the mail server broke ({detail}). It will be tried again."),
        "encryption": _("No safe connection to the mail server ({detail}). Check the encryption setting and the server’s certificate."),
        "sign_in": _("The mail server refused the sign-in ({detail}). Check the user name and password in the mailbox settings."),
        "oauth": _("The provider gave no access to the mailbox ({detail}). Connect the mailbox again in its settings."),
        "sender": _("The mail server refused the sender address ({detail})."),
        "recipients": _("The mail server refused the recipient ({detail}). Check the address."),
        "content": _("The mail server refused the message ({detail})."),
        "too_large": _("The message is too large for the mail server ({detail}). Remove attachments and send it again."),
        "addresses": _("The mail server cannot send to an address with such characters ({detail}). Use another address."),
        "busy": _("The mail server asks for patience ({detail}). It will be tried again."),
        "dkim": _("The message could not be signed ({detail}). Check the DKIM key in the mailbox settings."),
        "no_recipient": _("The message has no recipient. Add an address and send it again."),
        "unconfirmed": _(
            "The mail server was given the whole message, but its confirmation never came. Ask the customer, or send it again."
        ),
        "stopped": _(
            "The machine stopped in the middle of sending, so the message may or may not have gone out. Ask the customer, or send it again."
        ),
        "program": _("The message could not be prepared for sending ({detail}). Tell your administrator."),
    }
    return sentences.get(problem, sentences["program"]).format(detail=detail or "?")
