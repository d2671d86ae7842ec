"""Timed work of surveys."""

from . import actions


def send_due() -> None:
    """Timed: see config.schedule."""
    actions.send_due()
