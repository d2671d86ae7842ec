"""Writes of the record, one file a verb family; this page lists what the rest of the house may call."""

from .changing import assign, set_due, set_due_many, set_field, set_status, set_subject, tag, untag, unwatch, watch
from .desk import NewerDraft, mark_read, mark_unread, save_draft, show_presence
from .receiving import File, Inbound, keep_messages, new_ticket
from .writing import add_note, reply

__all__ = [
    "File", "Inbound", "NewerDraft", "add_note", "assign", "keep_messages", "mark_read", "mark_unread", "new_ticket", "reply", "save_draft",
    "set_due", "set_due_many", "set_field", "set_status", "set_subject", "show_presence", "tag", "untag", "unwatch", "watch",
]  # fmt: skip
