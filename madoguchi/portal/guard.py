"""Protection of the contact form against machines, with nobody else's service: a signed mark of the time at which the form was opened,
how often one client and one address may write, and a field that people do not see (`forms.ContactForm.trap`).
"""

from dataclasses import dataclass
from datetime import timedelta

from madoguchi.foundation import clock, crypto, ratelimit

LEAST = timedelta(seconds=3)  # nobody fills in the form faster
MOST = timedelta(hours=24)
PER_CLIENT_AN_HOUR, PER_ADDRESS_AN_HOUR, PER_MARK = 20, 6, 5


@dataclass(frozen=True)
class Mark:
    """A form that was opened: `nonce` names it, `age` is how long ago."""

    nonce: str
    age: timedelta

    @property
    def too_fast(self) -> bool:
        return self.age < LEAST

    @property
    def too_old(self) -> bool:
        return self.age > MOST


def new_mark() -> str:
    body = f"{int(clock.now().timestamp())}.{crypto.token(9)}"
    return f"{body}.{crypto.sign(body, purpose='contact-form', length=24)}"


def read_mark(text: str) -> Mark | None:
    """None for what we did not sign."""
    body, _dot, signature = text.rpartition(".")
    if not crypto.same(signature, crypto.sign(body, purpose="contact-form", length=24)):
        return None
    seconds, _dot, nonce = body.partition(".")
    return Mark(nonce, timedelta(seconds=int(clock.now().timestamp()) - int(seconds)))


def count(*, client: str, address: str, nonce: str) -> None:
    """One more message. Raises TooMany when it is one too many."""
    ratelimit.hit(f"form:mark:{nonce}", limit=PER_MARK, seconds=86400)
    ratelimit.hit(f"form:client:{client}", limit=PER_CLIENT_AN_HOUR, seconds=3600)
    ratelimit.hit(f"form:address:{crypto.fingerprint(address.lower())}", limit=PER_ADDRESS_AN_HOUR, seconds=3600)
