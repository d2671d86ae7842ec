"""Timed work of protection."""

from . import actions


def keep_dates() -> None:
    """End restrictions at their date and remind of reviews."""
    actions.end_due()
    actions.remind_reviews()
