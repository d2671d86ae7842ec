"""Cursor paging: a page knows where the next one begins; nothing is counted or skipped over."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Query

from madoguchi.foundation.errors import Invalid, NotFound

LOST = _("This page cannot be found. Begin again without a cursor.")
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str, Query(max_length=500)]


def keyset(rows: QuerySet[Any], cursor: str, limit: int, shape: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """A page of rows in order of id."""
    return keyset_of(rows, cursor, limit, lambda found: [shape(row) for row in found])


def keyset_of(
    rows: QuerySet[Any], cursor: str, limit: int, shape: Callable[[list[Any]], list[dict[str, Any]]]
) -> dict[str, Any]:  # fmt: skip
    """The same, shaped together: for what a shape must ask about all of them."""
    if cursor:
        rows = rows.filter(pk__gt=_read(cursor))
    found: list[Any] = list(rows.order_by("pk")[: limit + 1])
    more = len(found) > limit
    return {"items": shape(found[:limit]), "next_cursor": _write(found[limit - 1].pk) if more else None}


def _write(pk: int) -> str:
    return base64.urlsafe_b64encode(f"id:{pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        pk = int(number)
    except (ValueError, UnicodeDecodeError):
        kind, pk = "", 0
    if kind != "id" or not 0 <= pk < 2**63:
        raise NotFound(LOST)
    return pk


@contextmanager
def page_of(cursor: str) -> Iterator[None]:
    """A cursor that leads nowhere is a page that does not exist, also where a room reads its own cursors."""
    try:
        yield
    except Invalid as error:
        if not cursor or error.fields:
            raise
        raise NotFound(LOST) from error
