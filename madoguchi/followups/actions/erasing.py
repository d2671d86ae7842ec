"""Erasing what was written about a customer's case."""

from collections.abc import Collection

from madoguchi.tickets.models import REDACTED

from ..models import CaseRecord


def erase(*, customer_ids: list[int], kept: Collection[int]) -> None:  # noqa: ARG001  rooms are asked alike
    """Free texts may name the person; that a case was recorded stays. Cannot be undone."""
    CaseRecord.objects.filter(ticket__customer__in=customer_ids).update(cause=REDACTED, solution=REDACTED, lesson=REDACTED)
