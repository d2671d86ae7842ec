"""Runs a flow's steps in a dialogue: the engine thinks, the connectors look up, this brings them together."""

from typing import Any

from madoguchi.foundation import ratelimit
from madoguchi.foundation.errors import MadoguchiError, TooMany

from .connectors import look_up
from .models import Turn
from .saying import Saying, hand_over
from .situation import Scene
from .thinking import flows
from .thinking.deciding import Option, Reason
from .thinking.texts import text

LOOKUPS_OF_ONE_TICKET = 6
LOOKUPS_OF_ONE_ORDER = 8
AN_HOUR = 3600


def run(scene: Scene, flow: flows.Flow, state: dict[str, Any]) -> Saying:
    """One turn of the flow. `state` is the dialogue's, changed in place."""
    return _said(scene, flow, state, flows.advance(flow, state, scene.now.text, scene.language))


def _said(scene: Scene, flow: flows.Flow, state: dict[str, Any], step: flows.Step) -> Saying:
    language = scene.language
    match step:
        case flows.Say(words, ends, choices):
            offered = [Option(choice, "") for choice in choices] if not ends else _after(language)
            return Saying(Turn.Kind.FLOW, [words], offered, detail=flow.key, flow={} if ends else state)
        case flows.LookUp(operation, slots):
            return _looked_up(scene, flow, state, operation, slots)
        case flows.GiveUp(done):
            made = hand_over(scene, Reason.FLOW)
            made.detail = f"{flow.key}{':done' if done else ''}"
            made.flow = state
            return made
    return Saying(Turn.Kind.FLOW, [text("ask_away", language)], [Option(text("person", language), "person")], detail=flow.key)


def _after(language: str) -> list[Option]:
    return [Option(text("yes", language), "yes"), Option(text("no", language), "no"), Option(text("person", language), "person")]


def _looked_up(scene: Scene, flow: flows.Flow, state: dict[str, Any], operation: str, slots: dict[str, str]) -> Saying:
    """Numbers cannot be tried out: neither many in one ticket, nor one number with many addresses from many tickets."""
    try:
        if any(slot.identity for slot in flow.slots):
            ratelimit.hit(f"bot-look-up:ticket:{scene.ticket.pk}", limit=LOOKUPS_OF_ONE_TICKET, seconds=AN_HOUR)
            ratelimit.hit(f"bot-look-up:order:{slots.get('order', '')[:40]}", limit=LOOKUPS_OF_ONE_ORDER, seconds=AN_HOUR)
        values = look_up(operation, slots, ticket=scene.ticket, language=scene.language)
    except TooMany:
        return hand_over(scene, Reason.FLOW)
    except MadoguchiError:
        return hand_over(scene, Reason.AWAY)
    return _said(scene, flow, state, flows.looked_up(flow, state, values, scene.language))
