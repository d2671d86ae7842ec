"""Writing many rows in few round trips, where the ORM's one statement a row (or its long CASE) would be the slowest step."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, connections, models

INTAKE_LOCK = 0x494E54  # advisory lock numbers on PostgreSQL; SQLite has one writer anyway


def update_rows(rows: Sequence[models.Model], fields: Iterable[str]) -> None:
    """Save the named fields of rows that all exist and are of one model; one prepared statement run for each row."""
    if rows:
        fields = list(fields)
        names = [column.attname for column in _columns(type(rows[0]), fields)]
        update_values(type(rows[0]), fields, {row.pk: [getattr(row, name) for name in names] for row in rows})


def update_values(model: type[models.Model], fields: Iterable[str], values: Mapping[Any, Sequence[Any]]) -> None:
    """The same without instances: primary key -> new values of the fields, in their order."""
    columns, quote = _columns(model, fields), connection.ops.quote_name
    places = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    key = _columns(model, [model._meta.pk.name])[0]
    sql = f"UPDATE {quote(model._meta.db_table)} SET {places} WHERE {quote(key.column)} = %s"  # noqa: S608  names come from our models
    _run(sql, [[*row, pk] for row, pk in zip(_prepared(columns, values.values()), values, strict=True)])


def insert_rows(rows: Sequence[models.Model], fields: Iterable[str]) -> None:
    """Insert rows of one model whose ids nobody asks for; fields that are not named become NULL or the column's default."""
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    columns = _columns(type(rows[0]), fields)
    names, places = ", ".join(quote(column.column) for column in columns), ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608  names come from our models
    _run(sql, _prepared(columns, ([getattr(row, column.attname) for column in columns] for row in rows)))


def _columns(model: type[models.Model], fields: Iterable[str]) -> list[Any]:
    return [model._meta.get_field(name) for name in fields]


def _run(sql: str, rows: list[list[Any]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def _prepared(columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Values as the database wants them. Columns repeat themselves in a batch, so each different value is prepared once."""
    wrapper = connections[connection.alias]  # the proxy looks up the thread at every touch
    seen: list[dict[Any, Any]] = [{} for _ in columns]

    def prepared(place: int, value: Any) -> Any:
        if value is None:
            return None
        try:
            return seen[place][value]
        except KeyError:
            seen[place][value] = columns[place].get_db_prep_save(value, wrapper)
            return seen[place][value]
        except TypeError:  # lists and dicts
            return columns[place].get_db_prep_save(value, wrapper)

    return [[prepared(place, value) for place, value in enumerate(row)] for row in rows]


def one_at_a_time(number: int) -> None:
    """Let only one transaction at a time pass here, until its end. On SQLite an IMMEDIATE transaction already does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
