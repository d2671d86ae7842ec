"""A notice to a customer, put together from the approved text and what is known."""

from datetime import timedelta

from django.conf import settings

from madoguchi.design import formats
from madoguchi.foundation import clock
from madoguchi.sla import queries as sla
from madoguchi.tickets.models import Ticket
from madoguchi.workplace import queries as workplace

from . import ladder
from .models import Choices, Measure
from .queries import appeal_token, choices, wording_of
from .texts import DAYS, MODEL_TEXTS, NEXT_STEP, RESTRICTIONS, fill

ANSWER_WITHIN = timedelta(days=3)  # what a notice says where no clock promises an earlier answer


def language_of(ticket: Ticket) -> str:
    """The language of notices in this ticket."""
    company = workplace.workplace()
    known = ticket.language or ticket.customer.language or (ticket.mailbox.language if ticket.mailbox else "")
    return formats.language_of(known or (company.language if company else "en"))


def appeal_link(measure_id: int) -> str:
    return f"{settings.BASE_URL}/protection/appeals/{appeal_token(measure_id)}"


def draft(ticket: Ticket, step: ladder.Step, *, language: str) -> str:
    """The text of a step's notice as it is offered to whoever takes it. Braces that stay are filled in when the step is taken: what was
    done, the facts, the restriction, the link to appeal.
    """
    if step not in ladder.WITH_NOTICE:
        return ""
    chosen = choices()
    text, _own = wording_of(step, language)
    with formats.spoken_to(language, ticket.customer.time_zone):
        due = formats.moment(sla.expectation(ticket) or clock.now() + ANSWER_WITHIN)
        words = {
            "next_step": fill(NEXT_STEP[language], {"due": due}), "due": due, "number": str(ticket.pk),
            "name": ticket.customer.name or f"#{ticket.pk}", "date": formats.date_text(clock.now()),
            **_periods(chosen, language),
        }  # fmt: skip
    text = fill(text, words)
    if step == ladder.Step.ASK or "{appeal_link}" in text:
        return text
    return f"{text}\n\n{MODEL_TEXTS['appeal'][language]}"


def _periods(chosen: Choices, language: str) -> dict[str, str]:
    periods = {
        "appeal_period": DAYS[language].format(n=chosen.appeal_days),
        "answer_period": DAYS[language].format(n=chosen.answer_days),
    }
    return periods | ({"contact": chosen.contact} if chosen.contact else {})


def restriction_words(measure: Measure, language: str) -> dict[str, str]:
    """What a notice says about a restriction, in the customer's language; inside `formats.spoken_to`."""
    return {
        "restriction": RESTRICTIONS[measure.kind][language],
        "from": formats.date_text(measure.starts_at),
        "until": formats.date_text(measure.ends_at) if measure.ends_at else "",
        "contact": choices().contact or _our_address(measure.ticket),
        "appeal_link": appeal_link(measure.pk),
    }


def _our_address(ticket: Ticket) -> str:
    return ticket.mailbox.address if ticket.mailbox else settings.BASE_URL


def held_notice(measure: Measure, language: str) -> str:
    """What a customer is told whose message ran into a restriction."""
    text, _own = wording_of("held", language)
    with formats.spoken_to(language, measure.customer.time_zone):
        return fill(text, restriction_words(measure, language))
