"""Writes of the record, one file a verb family; this page lists what the rest of the house may call."""

from .bulk import bulk_apply
from .changing import KEEP, assign, set_channel, set_due, set_due_many, set_field, set_status, set_subject, tag, untag, unwatch, watch
from .closing import close_solved, mark_spam, reopen
from .creating import create_ticket
from .custom import order_custom_fields, retire_custom_field, save_custom_field, set_company_custom, set_custom, set_customer_custom
from .customers import merge_customers, set_customer, unmerge_customers
from .delivering import cancel, record_bounce, reschedule, retry, send_now, trust
from .desk import NewerDraft, forget_stale_viewings, mark_read, mark_unread, save_draft, show_presence
from .files import add_upload, discard_upload, forget_unsent
from .linking import link, unlink
from .merging import merge, unmerge
from .receiving import File, Inbound, announce_ready, keep_messages, new_ticket, note_origin
from .redacting import Redaction, redact_attachment, redact_text
from .saving_views import editable_view, order_views, remove_view, save_view
from .splitting import split
from .tags import delete_tag, merge_tag, rename_tag
from .tasks import add_task, change_task, finish_task, remove_task
from .undoing import Applied, Undone, apply_to_each, forget_old_undoables, remembered, undo
from .writing import add_note, reply

__all__ = [
    "KEEP",
    "Applied",
    "File",
    "Inbound",
    "NewerDraft",
    "Redaction",
    "Undone",
    "add_note",
    "add_task",
    "add_upload",
    "announce_ready",
    "apply_to_each",
    "assign",
    "bulk_apply",
    "cancel",
    "change_task",
    "close_solved",
    "create_ticket",
    "delete_tag",
    "discard_upload",
    "editable_view",
    "finish_task",
    "forget_old_undoables",
    "forget_stale_viewings",
    "forget_unsent",
    "keep_messages",
    "link",
    "mark_read",
    "mark_spam",
    "mark_unread",
    "merge",
    "merge_customers",
    "merge_tag",
    "new_ticket",
    "note_origin",
    "order_custom_fields",
    "order_views",
    "record_bounce",
    "redact_attachment",
    "redact_text",
    "remembered",
    "remove_task",
    "remove_view",
    "rename_tag",
    "reopen",
    "reply",
    "reschedule",
    "retire_custom_field",
    "retry",
    "save_custom_field",
    "save_draft",
    "save_view",
    "send_now",
    "set_channel",
    "set_company_custom",
    "set_custom",
    "set_customer",
    "set_customer_custom",
    "set_due",
    "set_due_many",
    "set_field",
    "set_status",
    "set_subject",
    "show_presence",
    "split",
    "tag",
    "trust",
    "undo",
    "unlink",
    "unmerge",
    "unmerge_customers",
    "untag",
    "unwatch",
    "watch",
]  # fmt: skip
