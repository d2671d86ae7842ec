"""The one-time token of the first-run page: whoever can read the console or MADOGUCHI_HOME may set the installation up."""

from django.conf import settings

from madoguchi.foundation import crypto
from madoguchi.staff.models import Agent

FILE = "setup-token"


def open_for_setup() -> bool:
    """Whether nobody has an account yet."""
    return not Agent.objects.exists()


def ensure() -> str:
    """The token, made at the first start without agents and kept in MADOGUCHI_HOME/setup-token (mode 0600)."""
    path = settings.HOME / FILE
    if not path.exists():
        settings.HOME.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(crypto.token(18) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def fits(given: str) -> bool:
    path = settings.HOME / FILE
    return path.exists() and bool(given) and crypto.same(path.read_text(encoding="utf-8").strip(), given.strip())


def forget() -> None:
    """The installation has its administrator; the token is worth nothing any more."""
    (settings.HOME / FILE).unlink(missing_ok=True)
