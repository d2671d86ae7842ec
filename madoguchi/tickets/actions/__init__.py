"""Writes of the record, one file a verb family; this page lists what the rest of the house may call."""

from .changing import assign, set_due, set_due_many, set_field, set_status, set_subject, tag, untag, unwatch, watch
from .writing import add_note, reply

__all__ = [
    "add_note", "assign", "reply", "set_due", "set_due_many", "set_field", "set_status", "set_subject", "tag", "untag", "unwatch", "watch",
]  # fmt: skip
