"""Background work of automation."""

from . import actions


def look_at_time() -> None:
    """Timed: see config.schedule."""
    actions.fire_timed()
