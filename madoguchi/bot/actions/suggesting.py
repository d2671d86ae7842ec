"""What the desk suggests as an answer, and what agents say about it."""

from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from madoguchi.foundation import clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid
from madoguchi.knowledge import asking
from madoguchi.tickets.models import Message

from ..models import Suggestion
from ..queries import sources
from ..thinking import wishes
from ..wording import worded

FRESH = timedelta(hours=1)
"""So long a suggestion is shown again without asking: articles change slower than tickets are opened."""
LOOKED_BACK = 4
FEW = 30
"""Characters: a shorter message is asked together with the ticket's subject, in which the matter often stands."""


def suggest(*, message: Message, fallback: str) -> Suggestion:
    """What the articles say to `message`; kept, so that many looks at a ticket cost one question. Raises Unavailable.

    `fallback`: the language when the message's is not known. No transaction is open while the articles are asked.
    """
    kept = Suggestion.objects.filter(message=message).first()
    if kept is not None and (kept.unhelpful_at or kept.inserted or clock.now() - kept.asked_at < FRESH):
        return kept
    language = next((one for one in (message.language, message.ticket.language, fallback) if one in dict(settings.LANGUAGES)), "en")
    found = asking.ask(question_in(message), language=language)
    question = question_in(message)
    first = found.hits[0] if found.hits else None
    fits = first is not None and found.score >= found.bar and first.lang == language and bool(sources([asdict(first)]))
    draft = worded(question, [first.passage], language=language) if fits and first is not None else ""
    values = {
        "ticket_id": message.ticket_id, "language": language, "score": found.score, "bar": found.bar, "asked_at": clock.now(),
        "worded": draft, "hits": [asdict(hit) for hit in found.hits],
    }  # fmt: skip
    row, _made = Suggestion.objects.update_or_create(message=message, defaults=values)
    return row


def question_in(message: Message) -> str:
    """What the customer asks: their own words, without quoted mail and signature.

    "A person, please" or "no" is not the question; the message before it is.
    """
    before = Message.objects.filter(ticket=message.ticket_id, direction=Message.Direction.IN, automatic="", pk__lte=message.pk)
    texts = [(one.reply_text or one.text).strip() for one in before.order_by("-id")[:LOOKED_BACK]]
    said = next((one for one in texts if not (wishes.wants_person(one) or wishes.says_no(one) or wishes.says_yes(one))), texts[0])
    return f"{message.subject}\n{said}" if len(said) < FEW and message.subject else said


@transaction.atomic
def mark_inserted(*, by: Actor, suggestion: Suggestion, slug: str) -> None:
    """An agent took this article into a reply. Raises Invalid when it was not suggested."""
    if slug not in {hit["slug"] for hit in suggestion.hits}:
        raise Invalid
    Suggestion.objects.filter(pk=suggestion.pk).update(inserted=slug, inserted_by=by.agent_id, unhelpful_at=None, unhelpful_by=None)


@transaction.atomic
def mark_unhelpful(*, by: Actor, suggestion: Suggestion) -> None:
    """None of it answers the customer: it is not shown again, and counts as wrong in the report."""
    Suggestion.objects.filter(pk=suggestion.pk).update(unhelpful_at=clock.now(), unhelpful_by=by.agent_id)
