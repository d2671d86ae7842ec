"""Who vouches for a mail: the server that handed it to us, or our own check because it came straight from anybody.

A public client that speaks to our own SMTP port can write any Authentication-Results field, so from it the field counts for nothing.
Whoever hands mail on to us (LMTP, a pipe, IMAP, a relay in our network) has seen the sender's server; we have not, so asking SPF about
the relay's address would only mislead.
"""

from ipaddress import IPv6Address, ip_address

from django.conf import settings

from ..models import Envelope

OWN_PORT = "smtp"


def came_straight(envelope: Envelope) -> bool:
    """It was sent to our own port by a machine that is none of ours."""
    return envelope.source == OWN_PORT and bool(envelope.client_address) and not is_relay(envelope.client_address)


def wants_check(envelope: Envelope) -> bool:
    """We are to check SPF, DKIM and DMARC ourselves: it came to our port and nobody whom we trust did so."""
    return settings.CHECK_ORIGIN and envelope.source == OWN_PORT and bool(envelope.client_address) and not envelope.auth


def is_relay(address: str) -> bool:
    """Private and loopback addresses, those of MADOGUCHI_SMTP_RELAYS, and what is no address (a socket of this machine)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return not found.is_global or any(found in network for network in settings.SMTP_RELAYS)


def spf_address(envelope: Envelope) -> str:
    """The address that SPF is asked about; "" when it was a relay's."""
    address = envelope.client_address.partition("%")[0]
    mapped = getattr(ip_address(address), "ipv4_mapped", None) if came_straight(envelope) else None
    return str(mapped or address) if came_straight(envelope) else ""
