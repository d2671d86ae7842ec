"""Writes about customers, one file a verb family; this page lists what the rest of the house may call."""

from .recognising import Stranger, recognise_many

__all__ = ["Stranger", "recognise_many"]
