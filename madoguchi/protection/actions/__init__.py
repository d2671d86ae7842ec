"""Writes of protection, one file a verb family; this page lists what the rest of the house may call."""

from . import cases
from .appealing import appeal, decide_appeal
from .asking import answer_help, ask_for_help
from .cases import add_evidence, close_case, edit_case, forget_old_cases, note_export, open_case, write_entry
from .choosing import approve_wording, set_choices
from .ending import end_due, lift, remind_reviews, review
from .judging import judge, protect, unprotect
from .looking import look, prefer
from .receiving import receive
from .taking import take_step

__all__ = [
    "add_evidence", "answer_help", "appeal", "approve_wording", "ask_for_help", "cases", "close_case", "decide_appeal", "edit_case",
    "end_due", "forget_old_cases", "judge", "lift", "look", "note_export", "open_case", "prefer", "protect", "receive", "remind_reviews",
    "review", "set_choices", "take_step", "unprotect", "write_entry",
]  # fmt: skip
