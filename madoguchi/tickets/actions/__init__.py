"""Writes of the record, one file a verb family; this page lists what the rest of the house may call."""

from .changing import assign, set_due, set_due_many, set_field, set_status, set_subject, tag, untag, unwatch, watch
from .delivering import cancel, record_bounce, reschedule, retry, send_now
from .desk import NewerDraft, mark_read, mark_unread, save_draft, show_presence
from .receiving import File, Inbound, keep_messages, new_ticket
from .writing import add_note, reply

__all__ = [
    "File", "Inbound", "NewerDraft", "add_note", "assign", "cancel", "keep_messages", "mark_read", "mark_unread", "new_ticket",
    "record_bounce", "reply", "reschedule", "retry", "save_draft", "send_now", "set_due", "set_due_many", "set_field", "set_status",
    "set_subject", "show_presence", "tag", "untag", "unwatch", "watch",
]  # fmt: skip
