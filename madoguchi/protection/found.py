"""Search results as they may be shown: a shielded message is found as ever, its words are not shown."""

from collections.abc import Iterable
from dataclasses import replace

from madoguchi.staff.models import Agent
from madoguchi.tickets.search import Hit

from .shield import shielded, softened_lines
from .veiling import VEIL


def softened_hits(agent: Agent, hits: Iterable[Hit]) -> list[Hit]:
    """The hits, with veils for words and whole snippets of messages that are shielded for the agent."""
    found = list(hits)
    shields = shielded(agent, [hit.message for hit in found if hit.message is not None])
    lines = softened_lines(agent, [hit.ticket.pk for hit in found])
    return [_softened(hit, hit.message is not None and hit.message.pk in shields, lines) for hit in found]


def _softened(hit: Hit, is_shielded: bool, lines: dict) -> Hit:
    mine = lines.get(hit.ticket.pk)
    if mine is None:
        return hit
    subject = mine.subject(hit.ticket.subject)
    if subject != hit.ticket.subject:
        hit = replace(hit, subject=[(subject, False)])
    if is_shielded:
        return replace(hit, snippet=[(VEIL, False)])
    shown = mine.preview("".join(text for text, _marked in hit.snippet))
    if hit.message is None and shown is None:
        return replace(hit, snippet=[(VEIL, False)])
    return hit
