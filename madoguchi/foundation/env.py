"""Settings from the environment, read strictly: nonsense stops the start with a sentence that says what to do.

A secret may come from ``NAME`` or, better, from the file named by ``NAME_FILE``.
"""

import os
import sys
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult


def fail(message: str) -> None:
    """Stop the program with exit status 2 and one readable line."""
    sys.stderr.write(f"madoguchi: {message}\n")
    raise SystemExit(2)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def integer(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        fail(f"{name} must be a whole number, not {raw!r}")
    if not low <= value <= high:
        fail(f"{name} must lie between {low} and {high}, not {value}")
    return value


def boolean(name: str, *, default: bool) -> bool:
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    fail(f"{name} must be yes or no, not {raw!r}")
    return default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, empty items dropped."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of addresses and networks (203.0.113.7, 2001:db8::/32)."""
    found = []
    for item in words(name):
        try:
            found.append(ip_network(item, strict=False))
        except ValueError:
            fail(f"{name} must list IP addresses or networks such as 203.0.113.0/24, not {item!r}")
    return found


def endpoint(name: str, *, port: int) -> tuple[str, int] | None:
    """An IP address, with its port after a colon when it is not the usual one ([2001:db8::1]:53); None when not set."""
    raw = text(name)
    if not raw:
        return None
    host, colon, number = raw.rpartition(":") if raw.startswith("[") or raw.count(":") == 1 else (raw, "", "")
    if raw.endswith("]"):
        host, colon, number = raw, "", ""
    try:
        address = str(ip_address(host.strip("[]")))
        return address, int(number) if colon else port
    except ValueError:
        fail(f"{name} must be an IP address, perhaps with a port such as 127.0.0.1:53, not {raw!r}")
        raise


def readable_file(name: str) -> str:
    """The path in NAME, empty when not set; stops the start when it cannot be read."""
    path = text(name)
    if path:
        try:
            Path(path).open("rb").close()
        except OSError as error:
            fail(f"{name} cannot be read: {error}")
    return path


def good_port(url: SplitResult) -> bool:
    """Whether the port of an address is a number, or left out."""
    try:
        return url.port is None or url.port > 0
    except ValueError:
        return False


def secret(name: str) -> str:
    """The value of NAME, or the contents of the file NAME_FILE; empty when neither is set."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            fail(f"{name}_FILE cannot be read: {error}")
    return os.environ.get(name, "").strip()
