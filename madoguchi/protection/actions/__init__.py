"""Writes of protection, one file a verb family; this page lists what the rest of the house may call."""

from . import cases
from .appealing import appeal, decide_appeal
from .asking import answer_help, ask_for_help
from .caring import finish_care, plan_care, remind_care
from .cases import add_evidence, close_case, edit_case, forget_old_cases, note_export, open_case, write_entry
from .choosing import approve_wording, set_choices
from .consulting import answer, ask_desk, close_consultation, say_more, set_desk
from .ending import end_due, lift, remind_reviews, review
from .judging import judge, protect, unprotect
from .looking import look, prefer
from .receiving import receive
from .taking import take_step

__all__ = [
    "add_evidence", "answer", "answer_help", "appeal", "approve_wording", "ask_desk", "ask_for_help", "cases", "close_case",
    "close_consultation", "decide_appeal", "edit_case", "end_due", "finish_care", "forget_old_cases", "judge", "lift", "look",
    "note_export", "open_case", "plan_care", "prefer", "protect", "receive", "remind_care", "remind_reviews", "review", "say_more",
    "set_choices", "set_desk", "take_step", "unprotect", "write_entry",
]  # fmt: skip
