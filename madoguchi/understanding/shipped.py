"""Which trained reader is in use. It is loaded by the first message that a worker reads; web processes never load it."""

from .readers.reading import Model


def model_in_use() -> Model | None:
    """The trained reader; None when only the rules read."""
    return None
