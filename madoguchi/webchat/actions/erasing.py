"""Erasing what a visitor told us about themselves."""

from collections.abc import Collection

from ..models import Conversation


def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:  # noqa: ARG001  rooms are asked alike
    """What was said goes with the tickets; here go name, addresses and the page. Times and ratings stay. Cannot be undone."""
    Conversation.objects.filter(ticket__customer__in=customer_ids).update(name="", mail="", phone="", page="", rating_comment="")
