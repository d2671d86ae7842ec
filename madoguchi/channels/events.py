"""Facts that the channels announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MailSetAside:
    """An arrival went into quarantine; `reason` is a code and, after a colon, details."""

    envelope_id: int
    reason: str
