"""What a message was when something was decided upon it: a digest that anybody can compute again."""

import hashlib
import json

from madoguchi.tickets.models import Message


def digest_of(message: Message) -> tuple[str, bool]:
    """(SHA-256 in hex, whether it is of the raw mail). A message without a raw mail is digested by `canonical`."""
    if message.envelope is not None and message.envelope.raw:
        return hashlib.sha256(bytes(message.envelope.raw)).hexdigest(), True
    return hashlib.sha256(canonical(message)).hexdigest(), False


def canonical(message: Message) -> bytes:
    """The message as JSON with sorted keys, UTF-8, no white space: what its digest is computed from."""
    body = {
        "id": message.pk, "at": message.created_at.isoformat(timespec="microseconds"), "channel": message.channel,
        "from": [message.from_name, message.from_address], "subject": message.subject, "text": message.text,
    }  # fmt: skip
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
