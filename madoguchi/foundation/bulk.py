"""Writing many rows in few round trips, where the ORM's one statement a row (or its long CASE) would be the slowest step."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

INTAKE_LOCK = 0x494E54  # advisory lock numbers on PostgreSQL; SQLite has one writer anyway


def update_rows(rows: Sequence[models.Model], fields: Iterable[str]) -> None:
    """Save the named fields of rows that all exist and are of one model; one prepared statement run for each row."""
    if not rows:
        return
    meta = rows[0]._meta
    columns = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(field.column)} = %s" for field in columns)
    sql = f"UPDATE {quote(meta.db_table)} SET {places} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608  names come from our models
    with connection.cursor() as cursor:
        cursor.executemany(sql, [[*(_value(field, row) for field in columns), row.pk] for row in rows])


def _value(field: Any, row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def one_at_a_time(number: int) -> None:
    """Let only one transaction at a time pass here, until its end. On SQLite an IMMEDIATE transaction already does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
