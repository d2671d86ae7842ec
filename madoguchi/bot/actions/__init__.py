"""Writes of the assistant."""

from .suggesting import mark_inserted, mark_unhelpful, suggest

__all__ = ["mark_inserted", "mark_unhelpful", "suggest"]
