"""Writes of the assistant."""

from .setting_up import save_assistant, save_connector
from .settling import mark_wrong, settle
from .suggesting import mark_inserted, mark_unhelpful, suggest
from .talking import consider, leave_to_people, taken

__all__ = [
    "consider", "leave_to_people", "mark_inserted", "mark_unhelpful", "mark_wrong", "save_assistant", "save_connector", "settle", "suggest",
    "taken",
]  # fmt: skip
