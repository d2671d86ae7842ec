"""A fresh PostgreSQL database for one measurement, dropped afterwards; SQLite needs none."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """DATABASE_URL of a new database on the server, or an empty string for SQLite."""
    if not server_url:
        yield ""
        return
    base, _, _name = server_url.rpartition("/")
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{base}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
