"""Canned replies as the composer offers them."""

from madoguchi.automation import queries as automation
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Ticket

MOST = 200


def canned_for(agent: Agent, ticket: Ticket, *, language: str) -> list[dict[str, str]]:
    """Those the agent may use, the ones with a text in `language` first; `insert` is the text with its variables filled in."""
    return [
        {"name": one.shortcut, "detail": one.name, "insert": text}
        for one, text in automation.canned_texts(agent, ticket, language, limit=MOST)
    ]
