"""Timed work of promises."""

from . import actions


def look_at_time() -> None:
    """Timed: see config.schedule."""
    actions.look_at_time()
