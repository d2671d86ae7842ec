"""Background work about our people."""

import json

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.jobs import job
from madoguchi.workplace.queries import workplace

from .actions.invitations import link_of
from .models import Invitation


@job("staff.send_mail", queue="mail", own_transaction=True)
def send_mail(*, content: str, until: str) -> None:
    """Send a mail of `actions.send_later`; after `until` it is dropped."""
    if clock.now().isoformat() <= until:
        mail = json.loads(crypto.decrypt(content))
        EmailMessage(mail["subject"], mail["body"], None, [mail["to"]]).send()


@job("staff.mail_invitation", queue="mail", own_transaction=True)
def mail_invitation(*, invitation: int, token: str) -> None:
    """Send the invitation in its reader's language; nothing when it was withdrawn or accepted in the meantime."""
    row = Invitation.objects.select_related("invited_by").filter(pk=invitation, accepted_at=None).first()
    if row is None:
        return
    place = workplace()
    context = {"invitation": row, "link": link_of(crypto.decrypt(token)), "company": place.name if place else "Madoguchi"}
    with translation.override(row.language):
        subject = " ".join(render_to_string("staff/email/invitation_subject.txt", context).split())
        body = render_to_string("staff/email/invitation_message.txt", context).strip()
    EmailMessage(subject, body, None, [row.email]).send()
