"""All timed work on one page."""

from datetime import timedelta

from madoguchi.foundation.timers import Entry

SCHEDULE: list[Entry] = [
    Entry("prune", timedelta(minutes=5), "madoguchi.config.housekeeping.prune"),
]
