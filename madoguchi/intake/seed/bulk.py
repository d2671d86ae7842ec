"""Very many new rows of one table, fast: COPY on PostgreSQL, prepared inserts on SQLite. Values are given ready for the database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models


class Loader:
    """Rows of a model with the given columns; every other column holds its default in all of them. A key not given is counted on."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        fields = model._meta.local_concrete_fields
        rest = [field for field in fields if field.attname not in columns and not field.primary_key]
        self.fixed = tuple(_ready(field) for field in rest)
        self.names: list[str] = [str(field.column) for name in columns for field in fields if field.attname == name]
        self.names += [str(field.column) for field in rest]
        self.table = connection.ops.quote_name(model._meta.db_table)
        if len(self.names) != len(columns) + len(rest):
            raise ValueError(columns)

    def put(self, rows: Iterable[tuple[Any, ...]]) -> None:
        names = ", ".join(connection.ops.quote_name(name) for name in self.names)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                places = ", ".join(["%s"] * len(self.names))
                cursor.executemany(f"INSERT INTO {self.table} ({names}) VALUES ({places})", [row + self.fixed for row in rows])  # noqa: S608
            else:
                with cursor.copy(f"COPY {self.table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row + self.fixed)


def _ready(field: models.Field) -> Any:
    value = field.get_default()
    if value is None and not field.null and not field.primary_key:
        raise ValueError(field.name)
    ready = field.get_db_prep_save(value, connection)
    return ready if isinstance(ready, str | int | float | bool | bytes | None) else str(value).replace("'", '"')


def moment(at: datetime) -> str:
    """A time in UTC as both databases take it; SQLite compares texts, so it must be written as Django writes it."""
    return str(at.replace(tzinfo=None))


def reset_sequences(*tables: type[models.Model]) -> None:
    """After rows with given ids, let the database go on counting behind them."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)
