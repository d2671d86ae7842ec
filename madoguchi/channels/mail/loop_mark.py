"""The value of our X-Madoguchi-Loop header: every mail that we send carries it, so our own mail is known when it comes back.

It differs from installation to installation: two companies' desks may write to each other.
"""

from functools import cache

from madoguchi.foundation import crypto

HEADER = "X-Madoguchi-Loop"


@cache
def loop_mark() -> str:
    """Lower case, safe in a header."""
    return crypto.sign("installation", purpose="mail-loop", length=24).lower()
