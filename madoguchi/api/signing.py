"""Signatures of Standard Webhooks 1.0.0: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`. Pure."""

import base64
import hashlib
import hmac


def signature(secret: str, *, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature; `secret` is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


def headers(secrets: list[str], *, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """All secrets sign, so that a receiver may change over in peace."""
    signed = " ".join(signature(secret, webhook_id=webhook_id, timestamp=timestamp, body=body) for secret in secrets)
    return {
        "webhook-id": webhook_id, "webhook-timestamp": str(timestamp), "webhook-signature": signed, "Content-Type": "application/json",
    }  # fmt: skip
