"""The mail about what an agent has not read, in the agent's language and time zone."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import ngettext

from madoguchi.design import formats
from madoguchi.design.context import HTML_LANG
from madoguchi.staff.models import Agent, Notice
from madoguchi.tickets.queries import tickets_visible_to
from madoguchi.workplace.queries import workplace

from .notices import told as in_words

SHOWN = 50  # the others are counted


def digest_mail(agent: Agent, notices: Sequence[Notice]) -> EmailMultiAlternatives | None:
    """None when nothing of it may be told: a ticket that the agent can no longer see is not named."""
    tickets = {notice.ticket_id for notice in notices if notice.ticket_id}
    visible = set(tickets_visible_to(agent).filter(pk__in=tickets).values_list("pk", flat=True)) if tickets else set()
    told = [notice for notice in notices if notice.ticket_id is None or notice.ticket_id in visible]
    if not told:
        return None
    place = workplace()
    with formats.spoken_to(agent.language, agent.time_zone):
        rest = len(told) - SHOWN
        context = {
            "agent": agent, "notices": in_words(agent, told[-SHOWN:]), "desk": settings.BASE_URL,
            "rest": ngettext("and one more", "and {count} more", rest).format(count=rest) if rest > 0 else "",
            "own": settings.BASE_URL + reverse("profile"), "lang": HTML_LANG.get(agent.language, agent.language),
        }  # fmt: skip
        subject = ngettext("{company}: {count} unread notification", "{company}: {count} unread notifications", len(told))
        subject = " ".join(subject.format(company=place.name if place else "Madoguchi", count=len(told)).split())
        mail = EmailMultiAlternatives(subject, render_to_string("console/email/digest.txt", context).strip() + "\n", None, [agent.email])
        mail.attach_alternative(render_to_string("console/email/digest.html", context), "text/html")
    return mail
