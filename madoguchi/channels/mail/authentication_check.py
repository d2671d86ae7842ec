"""SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) checked by ourselves, for mail that came straight to our port.

The organisational domain is found by walking up the DNS tree, so no list of public suffixes has to be kept up to date.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import dkim
import dns.exception
import dns.resolver
import spf
from django.conf import settings

from madoguchi.channels.mail.authentication import Authentication, Result, domain_of

# Signatures beyond these are not looked at.
MAX_SIGNATURES = 5
# Labels that the walk up the tree looks at.
_MAX_LABELS = 8


class DnsTrouble(Exception):
    """The name servers did not answer; the result is a temporary error."""


class Resolver(Protocol):
    """`lookup(name, kind)`: TXT as bytes, A, AAAA and PTR as text, MX as (preference, name); [] when there is nothing.

    Raises DnsTrouble when it cannot be known now.
    """

    def lookup(self, name: str, kind: str) -> list[Any]: ...


class SystemResolver:
    """The machine's name servers, with one time limit for all questions about a mail."""

    def __init__(self, *, seconds: float = 10.0):
        self._until = time.monotonic() + seconds
        self._known: dict[tuple[str, str], list[Any]] = {}

    def lookup(self, name: str, kind: str) -> list[Any]:
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            self._known[key] = self._ask(*key)
        return self._known[key]

    def _ask(self, name: str, kind: str) -> list[Any]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise DnsTrouble("out of time")
        try:
            answers = _servers().resolve(name, kind, lifetime=min(left, 5.0), search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.exception.SyntaxError, dns.exception.FormError):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise DnsTrouble(str(error)) from error
        return [_VALUES[kind](record) for record in answers]


def _servers() -> dns.resolver.Resolver:
    if settings.DNS_SERVER is None:
        return dns.resolver.get_default_resolver()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [settings.DNS_SERVER[0]], settings.DNS_SERVER[1]
    return resolver


_VALUES: dict[str, Callable[[Any], Any]] = {
    "TXT": lambda record: b"".join(record.strings),
    "A": lambda record: record.address,
    "AAAA": lambda record: record.address,
    "MX": lambda record: (record.preference, record.exchange.to_text(omit_final_dot=True)),
    "PTR": lambda record: record.target.to_text(omit_final_dot=True),
}


def check(raw: bytes, *, ip: str, helo: str, mail_from: str, from_addr: str, resolver: Resolver) -> Authentication:
    """Check one mail as it came in. Never raises: what cannot be checked is a temperror or permerror.

    `ip`, `helo`, `mail_from`: of the SMTP conversation; without `ip` (a relay of ours handed the mail on) SPF cannot be known, and
    DMARC can pass by a signature but not fail. `from_addr`: the address in the From field.
    """
    from_domain = domain_of(from_addr)
    spf_result, spf_domain = check_spf(ip, helo, mail_from, resolver) if ip else ("", "")
    signatures = check_dkim(raw, resolver)
    dmarc, own_signature = _dmarc(from_domain, spf_result, spf_domain, signatures, resolver)
    if dmarc == "fail" and not ip:
        dmarc = ""
    passing = own_signature or next((s for s in signatures if s[0] == "pass"), signatures[0] if signatures else ("none", ""))
    return Authentication(spf_result, passing[0], dmarc, spf_domain, passing[1], from_domain)


class _Query(spf.query):
    """pyspf asks through our resolver."""

    def __init__(self, resolver: Resolver, **arguments: Any):
        super().__init__(**arguments)
        self._resolver = resolver

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:  # noqa: ARG002 - pyspf's signature
        try:
            found = self._resolver.lookup(str(name), qtype) if qtype in _VALUES else []
        except DnsTrouble as error:
            raise spf.TempError(str(error)) from error
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many void look-ups")
        return [[text] for text in found] if qtype == "TXT" else list(found)


def check_spf(ip: str, helo: str, mail_from: str, resolver: Resolver) -> tuple[Result, str]:
    """The result and the domain that was asked: of the envelope sender, or of HELO for the null sender."""
    domain = domain_of(mail_from) or helo.strip("[]").lower()
    if not domain or not ip:
        return "none", domain
    try:
        result = _Query(resolver, i=ip, s=mail_from or f"postmaster@{helo}", h=helo or "unknown").check()[0]
    except Exception:  # noqa: BLE001 - a library fed by strangers
        return "permerror", domain
    known: dict[str, Result] = {name: name for name in ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror")}  # type: ignore[misc]
    return known.get(str(result).lower(), "permerror"), domain


def check_dkim(raw: bytes, resolver: Resolver) -> list[tuple[Result, str]]:
    """Result and signing domain of each signature, topmost first."""

    def text_of(name: bytes, timeout: float = 5) -> bytes | None:  # noqa: ARG001 - dkimpy's signature
        found = resolver.lookup(name.decode("ascii", "replace"), "TXT")
        return found[0] if found else None

    results: list[tuple[Result, str]] = []
    try:
        message = dkim.DKIM(raw)
        count = sum(1 for name, _ in message.headers if name.lower() == b"dkim-signature")
    except Exception:  # noqa: BLE001 - a library fed by strangers
        return []
    for index in range(min(count, MAX_SIGNATURES)):
        message.domain = None
        try:
            result: Result = "pass" if message.verify(idx=index, dnsfunc=text_of) else "fail"
        except (DnsTrouble, dkim.DnsTimeoutError):
            result = "temperror"
        except (dkim.MessageFormatError, dkim.ParameterError, dkim.KeyFormatError):
            result = "permerror"
        except Exception:  # noqa: BLE001 - a library fed by strangers
            result = "fail"
        results.append((result, (message.domain or b"").decode("ascii", "replace").lower()))
    return results


def _dmarc(
    from_domain: str, spf_result: Result, spf_domain: str, signatures: list[tuple[Result, str]], resolver: Resolver
) -> tuple[Result, tuple[Result, str] | None]:
    """The result, and the signature that is aligned with the domain in From."""
    if not from_domain:
        return "permerror", None
    try:
        record, organisation = find_policy(from_domain, resolver)
    except DnsTrouble:
        return "temperror", None
    own = next(
        (s for s in signatures if s[0] == "pass" and _under(s[1], from_domain, organisation, strict=record.get("adkim") == "s")), None
    )
    if not record:
        return "none", own
    by_spf = spf_result == "pass" and _under(spf_domain, from_domain, organisation, strict=record.get("aspf") == "s")
    if own or by_spf:
        return "pass", own
    if spf_result == "temperror" or any(result == "temperror" for result, _ in signatures):
        return "temperror", None
    return "fail", None


def _under(domain: str, from_domain: str, organisation: str, *, strict: bool) -> bool:
    if strict or not organisation:
        return domain == from_domain
    return domain == organisation or domain.endswith("." + organisation)


def find_policy(domain: str, resolver: Resolver) -> tuple[dict[str, str], str]:
    """The DMARC record that governs a domain ({} for none) and its organisational domain."""
    labels = domain.split(".")
    if len(labels) > _MAX_LABELS:
        steps = [domain, *(".".join(labels[n:]) for n in range(len(labels) - _MAX_LABELS + 1, len(labels)))]
    else:
        steps = [".".join(labels[n:]) for n in range(len(labels))]
    found: list[tuple[str, dict[str, str]]] = []
    for step in steps:
        record = _record(step, resolver)
        if record:
            found.append((step, record))
            if record.get("psd") == "n":
                return found[0][1], step
            if record.get("psd") == "y":
                below = labels[-len(step.split(".")) - 1 :]
                return found[0][1], ".".join(below)
    return (found[0][1], found[-1][0]) if found else ({}, domain)


def _record(domain: str, resolver: Resolver) -> dict[str, str]:
    texts = [t for t in resolver.lookup(f"_dmarc.{domain}", "TXT") if t.strip().lower().startswith(b"v=dmarc1")]
    if len(texts) != 1:
        return {}
    tags = (tag.partition("=") for tag in texts[0].decode("ascii", "replace").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, equals, value in tags if equals}
