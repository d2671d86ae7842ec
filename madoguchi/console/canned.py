"""Canned replies as the composer offers them."""

from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Ticket


def canned_for(agent: Agent, ticket: Ticket, *, language: str) -> list[dict[str, str]]:  # noqa: ARG001
    return []
