"""Writes of the promises: the clocks, their alarms, and the policies; this page lists what the rest of the house may call."""

from .alarms import escalate, sound_alarms
from .clocks import (
    carry_over,
    end_needless_replies,
    meet_reply,
    reopen_reply,
    restore,
    retarget,
    start_clocks,
    start_next_reply,
    status_changed,
    withdraw,
)  # fmt: skip
from .policies import delete_policy, ensure_default_policy, move_policy, save_policy

__all__ = [
    "carry_over", "delete_policy", "end_needless_replies", "ensure_default_policy", "escalate", "meet_reply", "move_policy",
    "reopen_reply", "restore", "retarget", "save_policy", "sound_alarms", "start_clocks", "start_next_reply", "status_changed",
    "withdraw",
]  # fmt: skip
