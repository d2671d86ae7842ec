"""Fixed-window rate limits in the database, so that all processes and machines count together."""

from datetime import timedelta

from django.db import connection

from . import clock
from .errors import TooMany
from .models import RateWindow


def hit(key: str, *, limit: int, seconds: int) -> int:
    """Count one use of `key`; returns how many are left in this window. Raises TooMany above `limit`."""
    now = int(clock.now().timestamp())
    window = now - now % seconds
    table = connection.ops.quote_name(RateWindow._meta.db_table)
    with connection.cursor() as cursor:  # one upsert: no lost counts between processes
        cursor.execute(
            f'INSERT INTO {table} (key, "window", count) VALUES (%s, %s, 1) '  # noqa: S608  table name is ours
            f'ON CONFLICT (key, "window") DO UPDATE SET count = {table}.count + 1 RETURNING count',
            [key[:200], window],
        )
        (count,) = cursor.fetchone()
    if count > limit:
        raise TooMany(retry_after=window + seconds - now)
    return limit - count


def forget(key: str) -> None:
    """Drop what was counted for `key`; for somebody who has shown in the meantime that they are who they say."""
    RateWindow.objects.filter(key=key[:200]).delete()


def prune(*, keep: timedelta = timedelta(days=1)) -> None:
    RateWindow.objects.filter(window__lt=int((clock.now() - keep).timestamp())).delete()
