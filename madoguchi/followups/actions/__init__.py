"""Writes of follow-ups and case records, one file a verb family."""

from .asking import VISITOR, call_off, look_at_time, plan, settle, stop
from .recording import write_record
from .ruling import delete_rule, save_rule

__all__ = ["VISITOR", "call_off", "delete_rule", "look_at_time", "plan", "save_rule", "settle", "stop", "write_record"]
