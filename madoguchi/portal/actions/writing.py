"""What strangers write in the contact form."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from madoguchi.channels import actions as channels
from madoguchi.channels.mail.letter import File
from madoguchi.channels.mail.problems import SendProblem
from madoguchi.channels.models import Mailbox
from madoguchi.channels.web.written import FORM, Written, to_raw
from madoguchi.foundation import audit, clock
from madoguchi.foundation.errors import Invalid


def send_form(
    *, nonce: str, mailbox: Mailbox, name: str, address: str, subject: str, text: str, facts: Mapping[str, object], files: Sequence[File]
) -> None:
    """Keep what was written in the contact form, raw; the intake makes a ticket of it. The same form sent again is kept once.

    `facts`: kind, custom, language, consent, trap. Raises Invalid with `fields`.
    """
    written = Written(FORM, name, address, mailbox.address, subject, text, clock.now(), facts=facts, files=list(files))
    try:
        raw = to_raw(written)
    except SendProblem as error:
        raise Invalid(fields={"address": _("This is not a valid address or number.")}) from error
    channels.store_envelope(
        raw=raw, source="form", channel=FORM, mailbox=mailbox, provider_id=f"form:{nonce}:{written.digest}", sender=address,
        recipients=[mailbox.address], client_address=audit.client_address.get(),
    )  # fmt: skip
