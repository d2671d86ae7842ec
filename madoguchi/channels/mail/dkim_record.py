"""The DNS record of a DKIM key (RFC 6376, 3.6): what it must say, and what it says."""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization

from madoguchi.foundation import crypto

from ..models import Mailbox

PATIENCE = 5.0  # seconds for the name server


@dataclass(frozen=True)
class Record:
    """A TXT record: under which name, with which text."""

    name: str
    text: str


def record_of(mailbox: Mailbox) -> Record | None:
    """The record that must stand in the domain's DNS; None without a key."""
    if not (mailbox.dkim_selector and mailbox.dkim_key):
        return None
    key = serialization.load_pem_private_key(crypto.decrypt(mailbox.dkim_key).encode(), password=None)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    domain = mailbox.address.rpartition("@")[2]
    return Record(f"{mailbox.dkim_selector}._domainkey.{domain}", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")


def published(record: Record) -> bool | None:
    """Whether DNS holds the key; None when DNS does not answer."""
    import dns.resolver  # noqa: PLC0415  a tenth of the time to start, for a page that is rarely opened

    try:
        answer = dns.resolver.resolve(record.name, "TXT", lifetime=PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return False
    except (dns.exception.DNSException, UnicodeError):
        return None
    wanted = record.text.rpartition("p=")[2]
    return any(wanted in b"".join(row.strings).decode("ascii", "replace").replace(" ", "") for row in answer)
