"""Writes of protection, one file a verb family; this page lists what the rest of the house may call."""

from .choosing import approve_wording, set_choices
from .ending import end_due, lift, remind_reviews, review
from .judging import judge, protect, unprotect
from .looking import look, prefer
from .receiving import receive
from .taking import take_step

__all__ = [
    "approve_wording", "end_due", "judge", "lift", "look", "prefer", "protect", "receive", "remind_reviews", "review", "set_choices",
    "take_step", "unprotect",
]  # fmt: skip
