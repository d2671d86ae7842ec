"""Writes of routing; this page lists what the rest of the house may call."""

from .giving import forget, retry_waiting, route, sound_alarms
from .rules import delete_rule, move_rule, save_rule

__all__ = ["delete_rule", "forget", "move_rule", "retry_waiting", "route", "save_rule", "sound_alarms"]
