"""Writes about chats, one file a verb family; this page lists what the rest of the house may call."""

from .conversing import (
    agree,
    changed,
    end,
    give_contact,
    keep_address,
    keep_place,
    mark_read_by_agent,
    mark_read_by_visitor,
    move,
    move_back,
    note_presence,
    pick_up,
    rate,
    recognise,
    wait_for_person,
)
from .mailing import mail_transcript, mail_unread
from .saying import Saying, say
from .widgets import ensure_widget, rotate_secret, save_widget

__all__ = [
    "Saying", "agree", "changed", "end", "ensure_widget", "give_contact", "keep_address", "keep_place", "mail_transcript",
    "mail_unread", "mark_read_by_agent", "mark_read_by_visitor", "move", "move_back", "note_presence", "pick_up", "rate",
    "recognise", "rotate_secret", "save_widget", "say", "wait_for_person",
]  # fmt: skip
