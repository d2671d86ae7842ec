"""Reads about channels."""

from .models import Mailbox


def own_addresses() -> dict[str, int]:
    """Every address (lower case) under which we receive, aliases included, with the id of its mailbox."""
    found: dict[str, int] = {}
    for pk, address, aliases in Mailbox.objects.filter(is_active=True).values_list("id", "address", "aliases"):
        found |= {str(alias).lower(): pk for alias in aliases}
        found[address.lower()] = pk
    return found
