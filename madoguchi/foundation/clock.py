"""The one place that asks for the time, so that tests can hold it still."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_fixed: datetime | None = None


def now() -> datetime:
    """The current time, aware, UTC."""
    return _fixed or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) inside the block; for tests and replays."""
    global _fixed  # noqa: PLW0603  one clock per process is the point
    before, _fixed = _fixed, at
    try:
        yield
    finally:
        _fixed = before
