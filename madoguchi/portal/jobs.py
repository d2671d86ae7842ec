"""Background work of the customers' side."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from madoguchi.customers.queries import customer_known_as
from madoguchi.design.formats import spoken_to
from madoguchi.foundation import crypto
from madoguchi.foundation.jobs import job
from madoguchi.knowledge.frame import brand_name

from .actions.entering import make_link


@job("portal.mail_link", queue="mail", own_transaction=True)
def mail_link(*, address: str, language: str) -> None:
    """Mail a sign-in link to a customer; nothing to anybody else."""
    to = crypto.decrypt(address)
    token = make_link(address=to)
    if token is None:
        return
    customer = customer_known_as("mail", to)
    company = brand_name()
    with spoken_to((customer.language if customer else "") or language):
        context = {"link": settings.BASE_URL + reverse("my_link", args=[token]), "company": company}
        subject = " ".join(render_to_string("portal/email/link_subject.txt", context).split())
        body = render_to_string("portal/email/link_message.txt", context).strip()
    EmailMessage(subject, body, None, [to]).send()
