"""Writes of automation; this page lists what the rest of the house may call."""

from .canned import delete_canned, save_canned
from .firing import fire_for_event, run_behind
from .macros import apply_macro, delete_macro, save_macro
from .timed import fire_timed
from .triggers import delete_trigger, move_trigger, save_trigger

__all__ = [
    "apply_macro", "delete_canned", "delete_macro", "delete_trigger", "fire_for_event", "fire_timed", "move_trigger", "run_behind",
    "save_canned", "save_macro", "save_trigger",
]  # fmt: skip
