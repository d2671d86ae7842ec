"""Looking something up in a database of the company: one SELECT, read only, bounded in time and rows."""

import re
import sqlite3
import time
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from madoguchi.foundation.errors import Invalid, Upstream

SECONDS = 5.0
MOST_QUERY = 4000
STEPS = 1000
_NAMES = re.compile(r"(?<!:):(\w+)")
KNOWN = frozenset({"order", "contact", "product"})


def check_query(query: str) -> None:
    """One statement that only reads. The connection is read only as well: this is for a clear word when it is entered."""
    plain = query.strip().rstrip(";").strip()
    if not re.match(r"(?i)(select|with)\b", plain) or ";" in plain or len(plain) > MOST_QUERY:
        raise Invalid(fields={"query": _("Enter one SELECT statement.")})
    if unknown := set(_NAMES.findall(plain)) - KNOWN:
        name = min(unknown)
        raise Invalid(fields={"query": _("{name} is not known here. Use :order, :contact or :product.").format(name=f":{name}")})


def first_row(address: str, query: str, values: dict[str, str]) -> dict[str, Any] | None:
    """The first row as column to value; None without one. Raises Upstream."""
    parts = urlsplit(address)
    plain = query.strip().rstrip(";")
    names = set(_NAMES.findall(plain))
    wanted = {name: values.get(name, "") for name in names}
    try:
        if parts.scheme == "sqlite":
            return _sqlite(parts.path, plain, wanted)
        if parts.scheme in {"postgres", "postgresql"}:
            return _postgres(address, _NAMES.sub(r"%(\1)s", plain.replace("%", "%%")), wanted)
    except Exception as error:  # whatever a driver raises: another company's database
        raise Upstream(_("The database did not answer: {detail}").format(detail=type(error).__name__), permanent=False) from error
    raise Upstream(_("The address of the database must begin with postgresql:// or sqlite:///."), permanent=True)


def _sqlite(path: str, query: str, values: dict[str, str]) -> dict[str, Any] | None:
    connection = sqlite3.connect(f"file:{quote('/' + path.lstrip('/'))}?mode=ro", uri=True, timeout=SECONDS)
    try:
        connection.execute("PRAGMA query_only=ON")
        deadline = time.monotonic() + SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
        connection.row_factory = sqlite3.Row
        row = connection.execute(query, values).fetchone()
        return dict(row) if row else None
    finally:
        connection.close()


def _postgres(address: str, query: str, values: dict[str, str]) -> dict[str, Any] | None:
    import psycopg  # noqa: PLC0415  only companies with such a connector need it
    from psycopg.rows import dict_row  # noqa: PLC0415

    options = f"-c statement_timeout={int(SECONDS * 1000)} -c default_transaction_read_only=on"
    with psycopg.connect(address, connect_timeout=int(SECONDS), options=options, row_factory=dict_row) as connection:
        connection.read_only = True
        return connection.execute(query, values).fetchone()  # type: ignore[arg-type, return-value]
