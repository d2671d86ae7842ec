"""Secrets at rest and signatures, from one master key.

Field encryption is Fernet (AES-128-CBC with HMAC-SHA256). `MADOGUCHI_SECRET_KEY` may hold several keys separated by commas:
the first encrypts, all decrypt, so a key can be rotated.
"""

import base64
import hashlib
import hmac
import secrets
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from .errors import Unavailable


def derive(purpose: str, *, key: str | None = None) -> bytes:
    """32 bytes for one purpose from the master key, so that no two uses share a key."""
    return hmac.new((key or settings.MASTER_KEYS[0]).encode(), purpose.encode(), hashlib.sha256).digest()


@cache
def _box() -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derive("fields", key=key))) for key in settings.MASTER_KEYS])


def encrypt(text: str) -> str:
    """Ciphertext for a text column; empty stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """The text back. Raises Unavailable when no configured key fits."""
    if not token:
        return ""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken as error:
        message = "A stored secret cannot be read with the configured MADOGUCHI_SECRET_KEY"
        raise Unavailable(message) from error


def sign(text: str, *, purpose: str, length: int = 16) -> str:
    """A URL-safe HMAC-SHA256 of `text`, cut to `length` characters (6 bits each)."""
    mac = hmac.new(derive(purpose), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")[:length]


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def token(nbytes: int = 32) -> str:
    """A fresh random URL-safe token."""
    return secrets.token_urlsafe(nbytes)


def fingerprint(secret: str) -> str:
    """How a token is stored: SHA-256, since tokens are random and long."""
    return hashlib.sha256(secret.encode()).hexdigest()
