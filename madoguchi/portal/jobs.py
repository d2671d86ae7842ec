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
from madoguchi.workplace.queries import workplace

from .actions.entering import make_link
from .actions.privacy import erase_customer


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


@job("portal.erase")
def erase(*, request: int) -> None:
    """Erase what a customer asked us to, in one transaction."""
    erase_customer(request_id=request)


@job("portal.mail_decision", queue="mail", own_transaction=True)
def mail_decision(*, address: str, language: str, erased: bool, answer: str) -> None:
    """Tell the customer what became of their wish to be erased."""
    company = brand_name()
    place = workplace()
    with spoken_to(language or (place.language if place else "en")):
        context = {"company": company, "erased": erased, "answer": crypto.decrypt(answer)}
        subject = " ".join(render_to_string("portal/email/decision_subject.txt", context).split())
        body = render_to_string("portal/email/decision_message.txt", context).strip()
    EmailMessage(subject, body, None, [crypto.decrypt(address)]).send()
