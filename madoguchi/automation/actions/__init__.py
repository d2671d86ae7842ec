"""Writes of automation; this page lists what the rest of the house may call."""

from .canned import delete_canned, save_canned

__all__ = ["delete_canned", "save_canned"]
