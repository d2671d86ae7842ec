"""Writes about channels, one file a verb family; this page lists what the rest of the house may call."""

from .arriving import (
    begin_attempt,
    discard,
    forget_attempt,
    keep_refresh_token,
    note_origin,
    note_progress,
    note_trouble,
    quarantine,
    receive_again,
    settle,
    store_envelope,
)
from .mailboxes import delete_mailbox, keep_grant, make_dkim_key, remove_dkim_key, save_mailbox

__all__ = [
    "begin_attempt", "delete_mailbox", "discard", "forget_attempt", "keep_grant", "keep_refresh_token", "make_dkim_key", "note_origin",
    "note_progress", "note_trouble", "quarantine", "receive_again", "remove_dkim_key", "save_mailbox", "settle", "store_envelope",
]  # fmt: skip
