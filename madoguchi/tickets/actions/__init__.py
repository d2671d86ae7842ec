"""Writes of the record, one file a verb family; this page lists what the rest of the house may call."""

from .changing import assign, set_due, set_due_many, set_field, set_status, set_subject, tag, untag, unwatch, watch
from .receiving import File, Inbound, keep_messages, new_ticket
from .writing import add_note, reply

__all__ = [
    "File", "Inbound", "keep_messages", "new_ticket",
    "add_note", "assign", "reply", "set_due", "set_due_many", "set_field", "set_status", "set_subject", "tag", "untag", "unwatch", "watch",
]  # fmt: skip
