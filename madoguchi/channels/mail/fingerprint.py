"""What makes two arrivals the same mail: the content without the traces that each server on the way leaves. Pure."""

import hashlib
import re

_NAMED = (b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"content-type")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"^(%s)[ \t]*:(.*(?:\r?\n[ \t].*)*)" % b"|".join(_NAMED), re.IGNORECASE | re.MULTILINE)
_SPACE = re.compile(rb"\s+")


def fingerprint(raw: bytes) -> str:
    """SHA-256 over the fields that the writer's program wrote, and the body with line ends made equal. Hexadecimal.

    A file without such fields (a plain text, garbage) is compared as a whole.
    """
    end = _END_OF_HEAD.search(raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    fields = _FIELD.findall(head)
    digest = hashlib.sha256()
    if not fields:
        digest.update(raw.replace(b"\r\n", b"\n").strip())
        return digest.hexdigest()
    for name, value in sorted((name.lower(), _SPACE.sub(b" ", value).strip()) for name, value in fields):
        digest.update(name + b":" + value + b"\n")
    digest.update(body.replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()
