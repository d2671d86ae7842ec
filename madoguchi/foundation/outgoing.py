"""HTTP to addresses that a user typed. Guards against SSRF: the name is resolved once, every address must be public, and the
connection goes to exactly the address that was checked, so a name that changes its answer (DNS rebinding) gains nothing.
No redirects, no proxies from the environment, bounded in time and size.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid, Upstream

URL_LIMIT = 2000
ANSWER_LIMIT = 64 * 1024
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\]")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a host that ends so is an address in an old way of writing, such as 127.1
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Answer:
    """`body` is cut at the limit; `seconds` from the first look-up to the last byte read."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


def check_url(url: str) -> str:
    """The URL, if it may be called: http(s), no user name, a real host that is not a private address. Raises Invalid.

    A name is not resolved here: it may point elsewhere by the time of the call, which checks again.
    """
    parts = _split(url)
    host = parts.hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if ("." not in host.rstrip(".") or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2])) and not _listed(parts):
            raise Invalid(_("The address {url} is inside a private network. Use a public one.").format(url=url[:200])) from None
        return url
    if not _is_public(address) and not _listed(parts):
        raise Invalid(_("The address {url} is inside a private network. Use a public one.").format(url=url[:200]))
    return url


def post(url: str, *, body: bytes, headers: Mapping[str, str], timeout: float, limit: int = ANSWER_LIMIT) -> Answer:
    """Send `body`. Raises Upstream when there is no answer, Invalid for an address that may not be called."""
    return request("POST", url, body=body, headers=headers, timeout=timeout, limit=limit)


def request(
    method: str, url: str, *, timeout: float, body: bytes = b"", headers: Mapping[str, str] | None = None, limit: int = ANSWER_LIMIT
) -> Answer:
    """One request, one answer; `timeout` seconds for all of it."""
    parts = _split(url)
    start = time.monotonic()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection: http.client.HTTPConnection | None = None
    alarm: threading.Timer | None = None
    try:
        connection = _connect(parts, timeout)
        alarm = threading.Timer(max(0.1, timeout - (time.monotonic() - start)), _cut, [connection.sock])
        alarm.daemon = True
        alarm.start()
        connection.request(method, target, body=body or None, headers={"User-Agent": "Madoguchi", "Connection": "close", **(headers or {})})
        response = connection.getresponse()
        content = response.read(limit)
        if time.monotonic() - start >= timeout:  # cut off: what was read so far is not the answer
            raise TimeoutError  # noqa: TRY301  told in words below, like the others
        return Answer(response.status, dict(response.getheaders()), content, time.monotonic() - start)
    except TimeoutError as error:
        raise Upstream(_("{host} did not answer in time.").format(host=parts.hostname), permanent=False) from error
    except ssl.SSLError as error:
        detail = error.reason or str(error)
        raise Upstream(_("No safe connection to {host}: {detail}").format(host=parts.hostname, detail=detail), permanent=False) from error
    except (OSError, http.client.HTTPException) as error:
        late = time.monotonic() - start >= timeout
        text = _("{host} did not answer in time.") if late else _("{host} cannot be reached: {detail}")
        detail = getattr(error, "strerror", None) or str(error)[:200] or type(error).__name__
        raise Upstream(text.format(host=parts.hostname, detail=detail), permanent=False) from error
    finally:
        if alarm:
            alarm.cancel()
        if connection:
            connection.close()


def _split(url: str) -> SplitResult:
    unfit = Invalid(_("{url} is no web address. It must begin with https:// and name a host.").format(url=url[:200]))
    if len(url) > URL_LIMIT or not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise unfit
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise unfit from None
    host = parts.netloc.rpartition("@")[2]
    name = host if host.endswith("]") else host.rpartition(":")[0] if ":" in host else host
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(name) or port == 0 or parts.fragment:
        raise unfit
    return parts


def _connect(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """A connection whose socket already stands, to an address that was checked."""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [row[4][0] for row in found]
    if not _listed(parts) and not all(_is_public(ipaddress.ip_address(str(address).split("%")[0])) for address in addresses):
        raise Invalid(_("{host} leads into a private network. Use a public address.").format(host=host))
    sock = _first_that_answers(found, timeout)
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host) if parts.scheme == "https" else sock
    except BaseException:
        sock.close()
        raise
    return connection


def _first_that_answers(found: list, timeout: float) -> socket.socket:
    problem: OSError = ConnectionError("no address")
    for family, kind, protocol, _name, where in found[:4]:
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(timeout)
        try:
            sock.connect(where)
        except OSError as error:
            sock.close()
            problem = error
        else:
            return sock
    raise problem


def _listed(parts: SplitResult) -> bool:
    """Whether the operator allows this private host, as `host` or `host:port`."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return bool({host, f"{host}:{port}"} & {name.lower() for name in settings.PRIVATE_WEBHOOK_HOSTS})


def _is_public(address: Address) -> bool:
    """Global unicast, also looked at through the ways in which IPv6 carries IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _cut(sock: socket.socket) -> None:
    """End a conversation that has lasted too long, however busily the other side drips."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        sock.close()
