"""What somebody wrote on our own pages, as a message of the same kind that mail comes in.

Kept raw like a mail, so that the intake, redaction, backups and the desk need to know only one form of arrival. What a mail has no
place for (the kind, own fields, the language of the page, consent) stands in one field of ours in front of it; that field is read only
from envelopes of these channels, because in a mail anybody could write it.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from madoguchi.foundation import crypto

from ..mail.letter import File, Letter, to_bytes

FORM, PORTAL = "form", "portal"
CHANNELS = frozenset({FORM, PORTAL})
_FACTS = re.compile(rb"\AX-Madoguchi-Written: ([A-Za-z0-9+/=\s]+?)\r\n(?=[A-Za-z-]+:)")
_LINE = 72


@dataclass(frozen=True)
class Written:
    """`facts`: plain JSON values; `address` of the writer, who proved it only on the portal (`channel`)."""

    channel: str
    name: str
    address: str
    to: str
    subject: str
    text: str
    at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same from the same content of the same day; nobody else can make it."""
        files = [f"{file.name}:{crypto.fingerprint(base64.b64encode(file.data).decode())}" for file in self.files]
        parts = [self.channel, self.address.lower(), self.to, self.subject, self.text, json.dumps(self.facts, sort_keys=True), *files]
        return crypto.sign("\0".join([*parts, self.at.date().isoformat()]), purpose="written", length=32)


def to_raw(written: Written) -> bytes:
    """The bytes to keep. Raises SendProblem when the address cannot stand in a message."""
    letter = Letter(
        sender=(written.name, written.address), to=[["", written.to]], subject=written.subject, text=written.text,
        message_id=f"<w.{written.digest}@{written.to.rpartition('@')[2]}>", date=written.at, files=written.files,
    )  # fmt: skip
    packed = base64.b64encode(json.dumps(dict(written.facts)).encode()).decode()
    lines = [packed[start : start + _LINE] for start in range(0, len(packed), _LINE)]
    return b"X-Madoguchi-Written: " + "\r\n ".join(lines).encode() + b"\r\n" + to_bytes(letter)


def facts_of(raw: bytes) -> dict[str, object]:
    """What `to_raw` put in front; nothing where that was replaced, as redaction does."""
    found = _FACTS.match(raw[:200_000])
    try:
        facts = json.loads(base64.b64decode(found[1])) if found else {}
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
