"""Marks that bring an answer back to its ticket: the signed reply token, the subject tag, the bare subject.

The token is the only mark that a stranger cannot make. It stands in our reply address
(`support+t-XXXX@...`) and in our Message-IDs (`<t.XXXX.unique@domain>`), so it survives programs
that drop References and people who write a new mail to the same address.
"""

import hashlib
import hmac
import re
import secrets
from itertools import islice

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # local parts may lose their case; no l, o, 0, 1
_SIGNATURE_LENGTH = 12  # 60 bits
_MAX_ID = 2**63 - 1

_MAX_CANDIDATES = 300

_TOKEN = re.compile(r"(?<![a-z0-9])(?:t[.\-])?([a-km-np-z2-9]{13,25})(?![a-z0-9])", re.IGNORECASE)


def make_reply_token(ticket_id: int, secret: str | bytes) -> str:
    """The token of a ticket: its id and a signature, lower case, safe in a local part. ValueError for a negative id."""
    if not 0 <= ticket_id <= _MAX_ID:
        raise ValueError("a ticket id is a positive number of 63 bits")
    number = _encode(ticket_id)
    return number + _sign(number, secret)


def read_reply_token(text: str, secret: str | bytes) -> int | None:
    """The ticket id of the first valid token in an address, a Message-ID or a References line; None without one."""
    for match in islice(_TOKEN.finditer(text[:100_000]), _MAX_CANDIDATES):
        ticket_id = _verify(match[1].lower(), secret)
        if ticket_id is not None:
            return ticket_id
    return None


def _verify(token: str, secret: str | bytes) -> int | None:
    number, signature = token[:-_SIGNATURE_LENGTH], token[-_SIGNATURE_LENGTH:]
    if not number or not token.isascii() or not hmac.compare_digest(signature, _sign(number, secret)):
        return None
    return _decode(number)


def reply_address(address: str, token: str) -> str:
    """`support@example.com` with the token as plus-address."""
    local, at, domain = address.rpartition("@")
    return f"{local}+t-{token}{at}{domain}"


def reply_message_id(token: str, domain: str) -> str:
    """A fresh Message-ID that carries the token."""
    return f"<t.{token}.{secrets.token_hex(8)}@{domain}>"


def _sign(number: str, secret: str | bytes) -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    digest = hmac.new(key, b"madoguchi.reply-token:" + number.encode(), hashlib.sha256).digest()
    value = int.from_bytes(digest[:8], "big")
    return "".join(_ALPHABET[(value >> (5 * n)) & 31] for n in range(_SIGNATURE_LENGTH))


def _encode(value: int) -> str:
    digits = []
    while True:
        value, rest = divmod(value, 32)
        digits.append(_ALPHABET[rest])
        if not value:
            return "".join(reversed(digits))


def _decode(text: str) -> int | None:
    value = 0
    for character in text:
        digit = _ALPHABET.find(character)
        if digit < 0:
            return None
        value = value * 32 + digit
    return value if value <= _MAX_ID else None


# ---- subjects -------------------------------------------------------------------------------------

_TAG = re.compile(r"[\[【［]\s*[#＃]\s*([A-Z]{0,6}-?)?(\d{1,18})\s*[\]】］]")
_AUTO = re.compile(r"auto\s*[:：]\s*", re.IGNORECASE)  # of our own acknowledgement; without our tag it may be a word of the customer's
_PREFIX = re.compile(
    r"^\s*(?:(?:re|r|aw|antw(?:ort)?|wg|fw|fwd|wtr|tr|rv|enc|res|ref|sv|vs|vl|vb|odp|pd|ynt|ilt|i|rif|doorst|回复|答复|转发|回覆|答覆|轉寄|轉發|回信|"
    r"返信|転送|回答|автоответ|отв|ha|回复|automatic reply|automatische antwort|自動返信|自动回复|自動回覆|abwesenheitsnotiz)"
    r"(?:\s*[\[(（]\s*\d{1,3}\s*[\])）]|\^?\d{0,2})?\s*[:：﹕]|\((?:fwd|wg|fw)\)|\[(?:fwd|fw|ext|external|extern)[:\]])\s*",
    re.IGNORECASE,
)


def subject_tag(number: int | str) -> str:
    """`[#12345]`, as it stands in the subjects that we send."""
    return f"[#{number}]"


def find_subject_tag(subject: str) -> str | None:
    """The number of the first tag, as text; None without one. Anybody can write a tag: check the sender too."""
    match = _TAG.search(subject[:2000])
    return (match[1] or "") + match[2] if match else None


def base_subject(subject: str) -> str:
    """The subject without reply and forward prefixes and without our tag, white space made single."""
    ours = _TAG.search(subject[:2000]) is not None
    text = " ".join(_TAG.sub(" ", subject[:2000]).split())
    while True:
        match = _PREFIX.match(text) or (_AUTO.match(text) if ours else None)
        if not match or match.end() == 0:
            return text.rstrip("]") if subject.lower().lstrip().startswith("[fwd:") else text
        text = text[match.end() :].lstrip()
