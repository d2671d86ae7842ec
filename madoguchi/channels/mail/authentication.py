"""Who vouches for a mail: SPF, DKIM and DMARC as our own mail server reported them (RFC 8601).

Anybody can write an Authentication-Results field, so only the topmost one that bears the name of a server
we trust counts. `authentication_check` verifies mail that came straight to our own port.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Result = Literal["pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror", ""]
_RESULTS = frozenset(("pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror"))
# Words of older standards.
_RENAMED = {"hardfail": "fail", "unknown": "permerror", "error": "temperror", "invalid": "permerror", "bestguesspass": "neutral"}
_MAX_FIELD = 20_000

_TOKEN = re.compile(r'\s+|"(?:[^"\\]|\\.)*"|[();=]|[^\s();="]+|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Authentication:
    """What is known of a mail's origin. An empty result was not reported; domains are those that the results speak of.

    `source` is the name of the server that reported, or "" when we checked ourselves.
    """

    spf: Result = ""
    dkim: Result = ""
    dmarc: Result = ""
    spf_domain: str = ""
    dkim_domain: str = ""
    from_domain: str = ""
    source: str = ""

    @classmethod
    def kept(cls, row: Mapping[str, object]) -> "Authentication":
        """As `asdict` gave it and a row keeps it."""
        return cls(**{name: str(value) for name, value in row.items() if name in cls.__slots__})  # type: ignore[arg-type]

    @property
    def proven(self) -> bool:
        """The domain in From stands behind this mail: by DMARC, or by an aligned signature or sender where no policy is published."""
        if self.dmarc == "pass":
            return True
        if self.dmarc not in ("none", ""):
            return False
        signed = self.dkim == "pass" and aligned(self.dkim_domain, self.from_domain)
        return signed or (self.spf == "pass" and aligned(self.spf_domain, self.from_domain))

    @property
    def forged(self) -> bool:
        """The owner of the domain in From says that this is not theirs."""
        return self.dmarc == "fail"


def reported(fields: Sequence[str], *, trusted: Collection[str], from_addr: str) -> Authentication | None:
    """What a trusted server found; None when none of the fields is its.

    `fields`: the Authentication-Results values, topmost first. `trusted`: authserv-ids, compared without case.
    """
    names = {name.strip().lower().rstrip(".") for name in trusted if name.strip()}
    for value in fields:
        server, clauses = _parse(value[:_MAX_FIELD])
        if server and server in names:
            return _judge(clauses, server, domain_of(from_addr))
    return None


def _judge(clauses: list[tuple[str, str, dict[str, str]]], server: str, from_domain: str) -> Authentication:
    found: dict[str, tuple[Result, str]] = {}
    for method, result, properties in clauses:
        domain = ""
        if method == "dkim":
            domain = properties.get("header.d") or domain_of(properties.get("header.i", ""))
        elif method == "spf":
            sender = properties.get("smtp.mailfrom") or properties.get("smtp.helo", "")
            domain = domain_of(sender) or sender.strip("<>").lower()
        if method in ("spf", "dkim", "dmarc") and _better(found.get(method), result, domain, from_domain):
            found[method] = (_known(result), domain.lower())
    spf, dkim, dmarc = (found.get(name, ("", "")) for name in ("spf", "dkim", "dmarc"))
    return Authentication(spf[0], dkim[0], dmarc[0], spf[1], dkim[1], from_domain, server)


def _better(before: tuple[Result, str] | None, result: str, domain: str, from_domain: str) -> bool:
    """Of several signatures the one that passes counts, and best the one of the domain in From."""
    if before is None:
        return True
    if before[0] == "pass":
        return _known(result) == "pass" and aligned(domain, from_domain) and not aligned(before[1], from_domain)
    return _known(result) == "pass"


def _known(result: str) -> Result:
    result = _RENAMED.get(result, result)
    return result if result in _RESULTS else ""  # type: ignore[return-value]


def _parse(value: str) -> tuple[str, list[tuple[str, str, dict[str, str]]]]:
    """The server's name and (method, result, properties) of each clause; comments are left out."""
    clauses: list[list[str]] = [[]]
    depth = 0
    for token in _TOKEN.findall(value):
        if token == "(":
            depth += 1
        elif token == ")":
            depth = max(0, depth - 1)
        elif not depth and not token.isspace():
            if token == ";":
                clauses.append([])
            else:
                clauses[-1].append(token)
    server = clauses[0][0].strip('"').lower().rstrip(".") if clauses[0] else ""
    found = []
    for words in clauses[1:]:
        pairs = _pairs(words)
        if pairs:
            method, result = pairs[0]
            found.append((method.partition("/")[0], result.lower(), dict(reversed(pairs[1:]))))
    return server, found


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    pairs = []
    at = 0
    while at + 2 < len(words) + 1:
        if at + 2 < len(words) and words[at + 1] == "=":
            pairs.append((words[at].lower(), words[at + 2].strip('"')))
            at += 3
        else:
            at += 1
    return pairs


def domain_of(address: str) -> str:
    """The domain of an address, lower case, in its ASCII form; "" without one."""
    domain = address.rpartition("@")[2].strip("<> ").rstrip(".").lower() if "@" in address else ""
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return domain


def aligned(domain: str, other: str, *, strict: bool = False) -> bool:
    """The two domains are the same or, unless `strict`, one lies under the other. Nothing is aligned with a top-level domain."""
    domain, other = domain.lower().rstrip("."), other.lower().rstrip(".")
    if not domain or not other:
        return False
    if domain == other:
        return True
    if strict or "." not in domain or "." not in other:
        return False
    return domain.endswith("." + other) or other.endswith("." + domain)
