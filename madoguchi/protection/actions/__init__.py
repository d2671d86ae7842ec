"""Writes of protection, one file a verb family; this page lists what the rest of the house may call."""

from .appealing import appeal, decide_appeal
from .asking import answer_help, ask_for_help
from .choosing import approve_wording, set_choices
from .ending import end_due, lift, remind_reviews, review
from .judging import judge, protect, unprotect
from .looking import look, prefer
from .receiving import receive
from .taking import take_step

__all__ = [
    "answer_help", "appeal", "approve_wording", "ask_for_help", "decide_appeal", "end_due", "judge", "lift", "look", "prefer", "protect",
    "receive", "remind_reviews", "review", "set_choices", "take_step", "unprotect",
]  # fmt: skip
