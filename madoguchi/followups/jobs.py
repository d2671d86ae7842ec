"""Timed work of follow-ups."""

from . import actions


def look_at_time() -> None:
    """Timed: see config.schedule."""
    actions.look_at_time()
