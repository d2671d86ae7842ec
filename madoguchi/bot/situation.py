"""What the assistant knows when a customer has written: read from the record, for `thinking.deciding`."""

from dataclasses import dataclass

from django.conf import settings

from madoguchi.customers.models import Identity
from madoguchi.foundation import clock
from madoguchi.staff.models import Agent, Presence
from madoguchi.tickets.models import Message, Ticket
from madoguchi.understanding.queries import reading_of, text_of
from madoguchi.understanding.readers.rules import needs_person
from madoguchi.workplace import queries as workplace
from madoguchi.workplace.models import Brand

from .models import Assistant, Connector, Dialogue, Turn
from .thinking import flows
from .thinking.deciding import Near, Option, Situation
from .thinking.flows import Flow

CHAT = "chat"
INSIDE = frozenset({"hours"})
"""Operations that ask no connector."""
MOST_TOGETHER = 5
"""Messages in a row that are read as one."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One message of a customer with everything around it. `dialogue` is None for the first one."""

    message: Message
    ticket: Ticket
    brand: Brand
    assistant: Assistant
    dialogue: Dialogue | None
    language: str
    flows: dict[str, Flow]
    now: Situation

    @property
    def flow(self) -> Flow | None:
        state = self.dialogue.flow if self.dialogue else {}
        return self.flows.get(state.get("key", ""))


def assistant_for(ticket: Ticket) -> Assistant | None:
    """The assistant that is switched on for the ticket's brand and on duty at this moment."""
    brand = ticket.brand or workplace.default_brand()
    found = Assistant.objects.select_related("brand").filter(brand=brand, is_active=True).first() if brand else None
    if found is None or (found.hours == Assistant.Hours.CLOSED and is_open(ticket)):
        return None
    return found


def is_open(ticket: Ticket) -> bool:
    version = workplace.current_versions().choose(calendar_id=None, brand_id=ticket.brand_id)
    return version is None or workplace.hours(version).is_open(clock.now())


def somebody_there(ticket: Ticket) -> bool:
    return is_open(ticket) and Agent.objects.filter(is_active=True, presence=Presence.AVAILABLE).exists()


def runnable_flows() -> dict[str, Flow]:
    """Those whose data we can look up."""
    there = set(Connector.objects.filter(is_active=True).values_list("operation", flat=True)) | INSIDE
    return {key: flow for key, flow in flows.shipped().items() if flow.hands_over or flow.operation in there}


def look(message: Message, assistant: Assistant, dialogue: Dialogue | None) -> Scene:
    ticket = message.ticket
    language = language_for(message, dialogue)
    text = "\n".join(_unanswered(message))
    ours = runnable_flows()
    reading = reading_of(message)
    reason = reading.reason if reading is not None and reading.needs_person else ""
    turns = Turn.objects.filter(dialogue=dialogue).order_by("id") if dialogue else Turn.objects.none()
    last = turns.last()
    state = dialogue.flow if dialogue else {}
    now = Situation(
        text=text,
        turns=turns.count(),
        misses=dialogue.misses if dialogue else 0,
        offered=[Option(one["label"], one["means"]) for one in dialogue.offered] if dialogue else (),
        answered=dialogue.answered if dialogue else "",
        asked_back=last is not None and last.kind == Turn.Kind.ASK,
        awaits_contact=dialogue is not None and dialogue.state == Dialogue.State.CONTACT,
        person_reason=reason or needs_person(text, language),
        has_files=message.attachments.exists(),
        flow=flows.triggered(list(ours.values()), text),
        in_flow=state.get("key") in ours,
        somebody_there=somebody_there(ticket),
        contact_known=contact_of(ticket) != "",
        speaks=not assistant.languages or language in assistant.languages,
    )
    return Scene(message, ticket, assistant.brand, assistant, dialogue, language, ours, now)


def with_articles(scene: Scene, near: list[Near], *, sure: float, bar: float) -> Situation:
    from dataclasses import replace  # noqa: PLC0415

    return replace(scene.now, found=near, sure=sure, bar=bar)


def language_for(message: Message, dialogue: Dialogue | None) -> str:
    """The conversation's, once it is known: a name or a number says nothing about the language."""
    known = dict(settings.LANGUAGES)
    told = [message.language, dialogue.language if dialogue else "", message.ticket.language, message.ticket.customer.language]
    return next((one for one in told if one in known), "en")


def contact_of(ticket: Ticket) -> str:
    """Where people can answer when the chat is closed."""
    found = Identity.objects.filter(customer=ticket.customer_id, kind__in=("mail", "phone")).order_by("-is_primary", "id").first()
    return found.value if found else ""


def _unanswered(message: Message) -> list[str]:
    """What the customer wrote since we last said something, oldest first: thoughts come in pieces."""
    ours = Message.objects.filter(ticket=message.ticket_id, direction=Message.Direction.OUT, pk__lt=message.pk).order_by("-id").first()
    said = Message.objects.filter(ticket=message.ticket_id, direction=Message.Direction.IN, automatic="", pk__lte=message.pk)
    if ours is not None:
        said = said.filter(pk__gt=ours.pk)
    return [text_of(one) for one in list(said.order_by("-id")[:MOST_TOGETHER])[::-1]]
