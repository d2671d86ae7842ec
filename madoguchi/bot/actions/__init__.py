"""Writes of the assistant."""

from .learning import dismiss_lesson, learn, make_article
from .setting_up import save_assistant, save_connector
from .settling import mark_wrong, settle
from .suggesting import mark_inserted, mark_unhelpful, suggest
from .talking import consider, leave_to_people, taken

__all__ = [
    "consider", "dismiss_lesson", "learn", "leave_to_people", "make_article", "mark_inserted", "mark_unhelpful", "mark_wrong",
    "save_assistant", "save_connector", "settle", "suggest", "taken",
]  # fmt: skip
