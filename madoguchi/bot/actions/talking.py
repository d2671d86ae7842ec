"""The assistant's turn in a conversation."""

from django.db import transaction

from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Unavailable
from madoguchi.knowledge import asking
from madoguchi.knowledge.answers import Found
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message

from .. import flow_running, situation
from ..events import HandedOver, LeftToPeople
from ..models import Dialogue, Turn
from ..saying import Saying, saying
from ..situation import CHAT, Scene
from ..summary import summary_of
from ..thinking import deciding, flows
from ..thinking.deciding import Near, Option
from ..thinking.texts import text

KIND = "bot"
BOT = Actor("bot", None, "Assistant")
MOST_WORDS = 500
"""Characters of a choice or a link, as `tickets.reply` takes them."""


def consider(*, message_id: int) -> None:
    """Answer, ask, hand over, or leave the message to people. Thinking and looking up happen outside of any transaction."""
    found = Message.objects.select_related("ticket__customer", "ticket__brand").filter(pk=message_id, channel=CHAT).first()
    if found is None or Turn.objects.filter(message=found).exists() or _spoken_since(found):
        return
    dialogue = Dialogue.objects.filter(ticket=found.ticket_id).first()
    assistant = situation.assistant_for(found.ticket)
    if dialogue is not None and dialogue.state not in Dialogue.OPEN:
        _leave(found, first=False)
        return
    if assistant is None or (dialogue is None and not _begins(found)):
        _leave(found, first=dialogue is None and _begins(found))
        return
    scene = situation.look(found, assistant, dialogue)
    decision, articles = _decide(scene)
    _act(scene, _said(scene, decision, articles))


def _begins(message: Message) -> bool:
    """Whether people have not answered yet: the assistant never comes in between."""
    return not Message.objects.filter(ticket=message.ticket_id, direction=Message.Direction.OUT, automatic="").exists()


def _spoken_since(message: Message) -> bool:
    """Whether the customer has written again meanwhile (then that message is considered, with this one), or a person has answered."""
    later = Message.objects.filter(ticket=message.ticket_id, automatic="", pk__gt=message.pk)
    return later.exclude(direction=Message.Direction.NOTE).exists()


def _decide(scene: Scene) -> tuple[deciding.Decision, Found | None]:
    kind, _, slug = deciding.wants(scene.now).partition(":")
    if kind == "article":
        return deciding.decide(scene.now), _kept_passage(scene, slug)
    if not deciding.needs_articles(scene.now):
        return deciding.decide(scene.now), None
    try:
        found = asking.ask(scene.now.text, language=scene.language)
    except Unavailable:
        return deciding.hand_over(scene.now, deciding.Reason.AWAY), None
    near = [Near(hit.slug, hit.title, hit.score) for hit in found.hits]
    return deciding.decide(situation.with_articles(scene, near, sure=found.score, bar=found.bar)), found


def _kept_passage(scene: Scene, slug: str) -> Found | None:
    """The article that the customer chose, with the part that answers what they had asked before."""
    asked = Turn.objects.filter(dialogue=scene.dialogue, kind=Turn.Kind.ASK).select_related("message").order_by("-id").first()
    question = asked.message.reply_text or asked.message.text if asked else scene.now.text
    try:
        found = asking.ask(question, language=scene.language)
    except Unavailable:
        return None
    return Found(found.score, found.bar, [hit for hit in found.hits if hit.slug == slug])


def _said(scene: Scene, decision: deciding.Decision, found: Found | None) -> Saying:
    if isinstance(decision, deciding.RunFlow) and decision.key in scene.flows:
        flow = scene.flows[decision.key]
        return flow_running.run(scene, flow, flows.begin(flow))
    if isinstance(decision, deciding.GoOnInFlow) and scene.flow is not None and scene.dialogue is not None:
        return flow_running.run(scene, scene.flow, dict(scene.dialogue.flow))
    return saying(scene, decision, found)


@transaction.atomic
def _act(scene: Scene, said: Saying) -> None:
    ticket = type(scene.ticket).objects.select_for_update(of=("self",)).get(pk=scene.ticket.pk)
    if Turn.objects.filter(message=scene.message).exists() or _spoken_since(scene.message):
        return
    now = clock.now()
    dialogue = Dialogue.objects.filter(ticket=ticket).first()
    first = dialogue is None
    if dialogue is None:
        dialogue = Dialogue(ticket=ticket, language=scene.language, started_at=now)
    _move(dialogue, said)
    dialogue.language, dialogue.last_at = scene.language, now
    dialogue.save()
    reply = _reply(scene, said, first=first)
    Turn.objects.create(
        dialogue=dialogue,
        message=scene.message,
        reply=reply,
        kind=said.kind,
        slug=said.slug,
        detail=said.detail[:40],
        score=said.score,
        at=now,
    )
    if dialogue.state == Dialogue.State.HANDED_OVER:
        _tell_people(dialogue)


def _tell_people(dialogue: Dialogue) -> None:
    tickets.add_note(ticket_id=dialogue.ticket_id, text=summary_of(dialogue), by=BOT)
    events.emit(HandedOver(dialogue.ticket_id, dialogue.ticket.team_id, dialogue.reason), by=BOT)


def leave_quietly(dialogue: Dialogue, *, came_back: bool) -> None:
    """The customer went away without an answer: people look at it, nothing is said to the customer. In the caller's transaction."""
    dialogue.state = Dialogue.State.CAME_BACK if came_back else Dialogue.State.HANDED_OVER
    dialogue.reason = dialogue.reason or deciding.Reason.MISSES
    dialogue.save()
    _tell_people(dialogue)


def _move(dialogue: Dialogue, said: Saying) -> None:
    states = {
        Turn.Kind.HAND_OVER: Dialogue.State.HANDED_OVER, Turn.Kind.CONTACT: Dialogue.State.CONTACT,
        Turn.Kind.RESOLVED: Dialogue.State.SAID_YES,
    }  # fmt: skip
    dialogue.contact = said.contact or dialogue.contact
    if said.reason is not None and not (dialogue.state == Dialogue.State.CONTACT and dialogue.reason):
        dialogue.reason = said.reason
    dialogue.state = states.get(said.kind, Dialogue.State.TALKING)
    dialogue.misses += said.missed
    dialogue.answered = said.slug or dialogue.answered
    dialogue.flow = said.flow
    dialogue.offered = [{"label": one.label, "means": one.means} for one in said.offered if one.means]


def _reply(scene: Scene, said: Saying, *, first: bool) -> Message:
    """The first one says that a machine writes."""
    name = scene.assistant.name
    company = scene.brand.name
    parts = [text("intro", scene.language, company=company), *said.parts] if first else said.parts
    choices = [_choice(one) for one in said.offered]
    return tickets.reply(
        ticket_id=scene.ticket.pk, text="\n\n".join(parts), by=Actor("bot", None, name or BOT.name), automatic=KIND, status="",
        language=scene.language, choices=choices, channel=CHAT,
    )  # fmt: skip


def _choice(option: Option) -> dict[str, str]:
    label = option.label[:MOST_WORDS]
    return {"label": label, "value": label}


@transaction.atomic
def _leave(message: Message, *, first: bool) -> None:
    """People have it; routing hears of it, once a message is enough for that."""
    events.emit(LeftToPeople(message.ticket_id, message.ticket.team_id, message.pk, first=first), by=BOT)


@transaction.atomic
def leave_to_people(*, message_id: int) -> None:
    """When considering failed for good: people get the message as if the assistant were off."""
    found = Message.objects.select_related("ticket").filter(pk=message_id).first()
    if found is None or Turn.objects.filter(message=found).exists():
        return
    Dialogue.objects.filter(ticket=found.ticket_id, state__in=Dialogue.OPEN).update(state=Dialogue.State.HANDED_OVER, reason="away")
    _leave(found, first=True)
    events.emit(HandedOver(found.ticket_id, found.ticket.team_id, "away"), by=BOT)


@transaction.atomic
def taken(*, ticket_id: int) -> None:
    """A person answered: the assistant is silent from here on."""
    Dialogue.objects.filter(ticket=ticket_id, state__in=Dialogue.OPEN).update(state=Dialogue.State.TAKEN, offered=[], flow={})
