"""Erasing what the assistant remembers of a customer."""

from collections.abc import Collection

from ..models import Dialogue, Suggestion


def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:  # noqa: ARG001  rooms are asked alike
    """The address that was given, what a flow had asked, drafts that were worded. What was answered stays for the figures."""
    Dialogue.objects.filter(ticket__customer__in=customer_ids).update(contact="", flow={}, offered=[])
    Suggestion.objects.filter(ticket__customer__in=customer_ids).update(worded="")
