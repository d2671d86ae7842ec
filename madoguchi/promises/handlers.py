"""What promises do when something happens elsewhere."""

from madoguchi.foundation.models import Event
from madoguchi.tickets.models import Message

from . import actions


def replied(event: Event) -> None:
    """A person answered: see what the answer promises."""
    if not event.payload["by_person"]:
        return
    message = Message.objects.select_related("ticket__customer").filter(pk=event.payload["message_id"]).first()
    if message is not None:
        actions.offer_found(message=message)


def redacted(event: Event) -> None:
    """Words that were taken out of a message do not live on here."""
    actions.forget_words(message_id=event.payload["message_id"])
