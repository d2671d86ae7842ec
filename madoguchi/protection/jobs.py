"""Timed work of protection."""

from . import actions


def keep_dates() -> None:
    """End restrictions at their date, remind of reviews, forget what the law lets nobody keep."""
    actions.end_due()
    actions.remind_reviews()
    actions.remind_care()
    actions.forget_old_cases()
