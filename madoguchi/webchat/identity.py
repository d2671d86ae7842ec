"""Who a signed-in visitor is, as the brand's own site says it with the widget's secret. Pure.

Two ways: a JSON Web Token (RFC 7519, HS256 only) with `exp`, and `mail` or `email`, `name`, `sub`; or an address with the hex HMAC-SHA256
of it. The token is to be preferred: it ends, a signature of an address is valid for as long as the secret is.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

LONGEST_TOKEN = 4096
LONGEST_LIFE = 86400  # seconds that a token may be valid from now on: one that never ends is a mistake
SKEW = 60


class Forged(ValueError):
    """The proof does not hold; its text is a code: signature, expired, malformed."""


@dataclass(frozen=True)
class Person:
    """What the site vouches for. At least one of `mail` and `id` is set."""

    mail: str = ""
    id: str = ""
    name: str = ""


def from_address(secret: str, mail: str, signature: str) -> Person:
    """The person of a signed address. Raises Forged."""
    mail = mail.strip().lower()
    wanted = hmac.new(secret.encode(), mail.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    if not mail or not hmac.compare_digest(wanted.encode(), signature.strip().lower().encode("utf-8", "replace")):
        raise Forged("signature")
    return Person(mail=mail)


def from_token(secret: str, token: str, *, now: datetime) -> Person:
    """The person of a JSON Web Token. Raises Forged."""
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != 3:  # noqa: PLR2004  header, payload, signature
        raise Forged("malformed")
    header, claims = _json(parts[0]), _json(parts[1])
    if header.get("alg") != "HS256" or "crit" in header:  # "none" and public-key algorithms are ways around the secret
        raise Forged("malformed")
    wanted = hmac.new(secret.encode(), f"{parts[0]}.{parts[1]}".encode("utf-8", "replace"), hashlib.sha256).digest()
    if not hmac.compare_digest(wanted, _bytes(parts[2])):
        raise Forged("signature")
    _check_times(claims, now.timestamp())
    mail, name, sub = (str(claims.get(key) or "").strip() for key in ("mail", "name", "sub"))
    mail = (mail or str(claims.get("email") or "")).strip().lower()
    if not (mail or sub):
        raise Forged("malformed")
    return Person(mail=mail[:320], id=sub[:200], name=name[:200])


def _check_times(claims: dict, now: float) -> None:
    ends, begins = claims.get("exp"), claims.get("nbf", 0)
    numbers = (int, float)
    if not isinstance(ends, numbers) or isinstance(ends, bool) or not isinstance(begins, numbers):
        raise Forged("malformed")
    if ends < now - SKEW or begins > now + SKEW:
        raise Forged("expired")
    if ends > now + LONGEST_LIFE + SKEW:
        raise Forged("malformed")


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Forged("malformed") from error


def _json(part: str) -> dict:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise Forged("malformed") from error
    if not isinstance(found, dict):
        raise Forged("malformed")
    return found
