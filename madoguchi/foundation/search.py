"""Full-text search in the database itself: FTS5 on SQLite, a tsvector with GIN on PostgreSQL, the same terms and answers on both.

A shelf is one index ("messages", "customers", "articles"). A document has the id of the row that it stands for, so newer ones have higher
ids, and three fields. Rooms put their rows on a shelf with `index_documents` in the transaction that changes the rows, and join
the ids of `search_ids` with what the agent may see. Nothing here knows who asks.

Answers come newest first. That is what stays fast with two million documents and a word that stands in a tenth of them: SQLite
walks the word's list from its end; PostgreSQL cannot, so each document also carries the number of its block of ids as a term, and
the newest blocks are asked first.
"""

# ruff: noqa: S608  the only text put into statements is a table's name, from the closed list of shelves

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from . import text, vocabulary
from .search_query import Clause, Phrase, Query

SHELVES = ("messages", "customers", "articles")
FIELDS = ("head", "who", "body")
FIELD_WORDS = {"head": 1_000, "who": 400, "body": 14_000}
"""Together below the 16,383 positions of a tsvector."""
MAX_PARTS_LENGTH = 100_000
"""Characters of all parts of a document; a tsvector holds at most 1 MiB."""
SMALL_BLOCK, LARGE_BLOCK = 13, 17
"""Bits of an id within a block: blocks of 8,192 and of 131,072 documents."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Document:
    """`head`: subject, names of files; `who`: names and addresses; `body`: everything else."""

    id: int
    head: str = ""
    who: str = ""
    body: str = ""


def index_documents(shelf: str, documents: Iterable[Document]) -> None:
    """Put documents on the shelf, replacing those with the same ids. Few statements, however many documents."""
    pending = iter(documents)
    words: set[str] = set()
    while batch := list({document.id: document for document in islice(pending, BATCH)}.values()):
        with transaction.atomic(savepoint=False):
            words |= (_index_fts if _is_sqlite() else _index_tsvector)(_table(shelf), batch)
    vocabulary.learn(words)


def remove_documents(shelf: str, ids: Sequence[int]) -> None:
    """Take documents off the shelf; unknown ids are no error."""
    table = _table(shelf)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if _is_sqlite():
            _forget_fts(table, ids)
        else:
            cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [list(ids)])


def clear(shelf: str) -> None:
    """Empty the shelf, for building it again."""
    table = _table(shelf)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if _is_sqlite():
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
            cursor.execute(f"DELETE FROM {table}_source")
        else:
            cursor.execute(f"TRUNCATE {table}")


def is_current() -> bool:
    """Whether the shelves were built with the terms of this program; if not, they find too little and must be built again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(terms) FROM search_version")
        return cursor.fetchone()[0] == text.TERMS_VERSION


def set_current(*, current: bool) -> None:
    """Remember that all shelves are about to be built again (False), or that they have been (True)."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_version SET terms = %s", [text.TERMS_VERSION if current else 0])


def search_ids(shelf: str, query: Query, *, before: int | None = None, limit: int) -> list[int]:
    """Ids of the documents that match, newest first; `before` goes on below an earlier answer's last id.

    The word still being typed is also taken as a beginning, where whole words find less than `limit`.
    """
    if query.is_empty or limit <= 0:
        return []
    find = _find_fts if _is_sqlite() else _find_tsvector
    found = find(_table(shelf), query, before, limit)
    if len(found) < limit and any(clause.prefix for clause in query.clauses):
        longer = vocabulary.completed(query)
        if longer != query:
            found = find(_table(shelf), longer, before, limit)
    return found


def as_subquery(ids: Sequence[int]) -> RawSQL:
    """For `pk__in=` with many ids: one parameter, where Django would handle each id by itself."""
    if _is_sqlite():
        return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(ids))])
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


@contextmanager
def bulk_loading(shelf: str) -> Iterator[None]:
    """For filling a shelf with very many new documents: merges wait for the end. Others should not search meanwhile."""
    table = _table(shelf)
    with connection.cursor() as cursor:
        if _is_sqlite():
            _configure_fts(table, hashsize=64 * 2**20, automerge=0)
            yield
            _configure_fts(table, hashsize=2**20, automerge=4)
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")
        else:
            cursor.execute(f"DROP INDEX IF EXISTS {table}_terms")
            yield
            cursor.execute("SET maintenance_work_mem = '256MB'")
            cursor.execute(create_gin_index(table))
            cursor.execute("RESET maintenance_work_mem")
            cursor.execute(f"ANALYZE {table}")


def document_terms(document: Document) -> tuple[list[list[str]], list[str]]:
    """The words of each field in order, and the parts of all."""
    fields: list[list[str]] = []
    parts: set[str] = set()
    for field in FIELDS:
        words, more = text.index_terms(getattr(document, field)) if getattr(document, field) else ([], set())
        fields.append(words[: FIELD_WORDS[field]])
        parts |= more
    if sum(map(len, parts)) <= MAX_PARTS_LENGTH:
        return fields, list(parts)
    kept: list[str] = []
    length = 0
    for part in sorted(parts, key=lambda part: (len(part), part)):
        length += len(part)
        if length > MAX_PARTS_LENGTH:
            break
        kept.append(part)
    return fields, kept


def _table(shelf: str) -> str:
    if shelf not in SHELVES:
        raise KeyError(shelf)
    return f"search_{shelf}"


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


# --- SQLite: a contentless FTS5 table, and beside it the indexed text, compressed: FTS5 must be given a row's terms to delete it.


def create_fts_tables(table: str) -> list[str]:
    """Our terms are letters and digits beyond ASCII joined by spaces, which the tokenizer `ascii` leaves whole."""
    return [
        f"CREATE VIRTUAL TABLE {table} USING fts5(head, who, body, parts, content='', columnsize=0, tokenize='ascii')",
        f"CREATE TABLE {table}_source (id INTEGER PRIMARY KEY, source BLOB NOT NULL)",
    ]


def _index_fts(table: str, documents: list[Document]) -> set[str]:
    """Returns the words that were indexed, for the vocabulary; so does `_index_tsvector`."""
    _forget_fts(table, [document.id for document in documents])
    rows = [(document.id, *document_terms(document)) for document in documents]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table}(rowid, head, who, body, parts) VALUES (%s, %s, %s, %s, %s)",
            [_fts_row(*row) for row in rows],
        )
        cursor.executemany(
            f"INSERT INTO {table}_source(id, source) VALUES (%s, %s)", [(document.id, _pack(document)) for document in documents]
        )
    return {word for _, fields, _ in rows for words in fields for word in words}


def _forget_fts(table: str, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(ids), BATCH):
            some = list(ids[start : start + BATCH])
            places = ",".join(["%s"] * len(some))
            cursor.execute(f"SELECT id, source FROM {table}_source WHERE id IN ({places})", some)
            known = cursor.fetchall()
            if known:
                cursor.executemany(
                    f"INSERT INTO {table}({table}, rowid, head, who, body, parts) VALUES ('delete', %s, %s, %s, %s, %s)",
                    [_fts_row(row[0], *document_terms(_unpack(*row))) for row in known],
                )
                cursor.execute(f"DELETE FROM {table}_source WHERE id IN ({places})", some)


def _fts_row(document_id: int, fields: list[list[str]], parts: list[str]) -> tuple[int, str, str, str, str]:
    head, who, body = fields
    return document_id, " ".join(head), " ".join(who), " ".join(body), " ".join(sorted(parts))


_BETWEEN_FIELDS = "\x1f"


def _pack(document: Document) -> bytes:
    fields = [getattr(document, field)[: text.MAX_TEXT].replace(_BETWEEN_FIELDS, " ") for field in FIELDS]
    return zlib.compress(_BETWEEN_FIELDS.join(fields).encode("utf-8", "ignore"), 1)


def _unpack(document_id: int, source: bytes) -> Document:
    return Document(document_id, *zlib.decompress(source).decode("utf-8").split(_BETWEEN_FIELDS))


def _configure_fts(table: str, **values: int) -> None:
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES (%s, %s)", [name, value])


def _find_fts(table: str, query: Query, before: int | None, limit: int) -> list[int]:
    wanted = " AND ".join(_fts_clause(clause) for clause in query.clauses if not clause.exclude)
    unwanted = " OR ".join(_fts_clause(clause) for clause in query.clauses if clause.exclude)
    match = f"({wanted}) NOT ({unwanted})" if unwanted else wanted
    with connection.cursor() as cursor:
        below = "" if before is None else " AND rowid < %s"
        params: list[Any] = [match, *([] if before is None else [before]), limit]
        cursor.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH %s{below} ORDER BY rowid DESC LIMIT %s", params)
        return [row[0] for row in cursor.fetchall()]


def _fts_clause(clause: Clause) -> str:
    phrases = [_fts_phrase(phrase, clause.field) for phrase in clause.phrases]
    return phrases[0] if len(phrases) == 1 else f"({' OR '.join(phrases)})"


def _fts_phrase(phrase: Phrase, field: str) -> str:
    columns = field or ("head who body" if len(phrase) > 1 else "")
    return (f"{{{columns}}} : " if columns else "") + f'"{" ".join(phrase)}"'


# --- PostgreSQL: a table of tsvectors. Weights A, B, C are the fields; parts have weight D.


def create_tsvector_tables(table: str) -> list[str]:
    """The function is there for its settings: no plan but the index of terms may come to mind, however common a word is."""
    hits = (
        f"CREATE FUNCTION {table}_hits(asked tsquery) RETURNS SETOF bigint LANGUAGE sql STABLE SET enable_seqscan = off SET jit = off"
        f" AS $$ SELECT id FROM {table} WHERE terms @@ asked $$"
    )
    return [f"CREATE TABLE {table} (id bigint PRIMARY KEY, terms tsvector NOT NULL)", create_gin_index(table), hits]


def create_gin_index(table: str) -> str:
    """A short pending list: every search reads it from end to end."""
    return f"CREATE INDEX {table}_terms ON {table} USING gin (terms) WITH (gin_pending_list_limit = 256)"


_WEIGHTS = dict(zip(FIELDS, "ABC", strict=True))
_NO_PLACE = 16_383
"""All parts stand there, so no phrase finds them; without any place they would pass for every field."""


def _index_tsvector(table: str, documents: list[Document]) -> set[str]:
    rows = [(document.id, *document_terms(document)) for document in documents]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}(id, terms) SELECT * FROM unnest(%s::bigint[], %s::tsvector[])"
            " ON CONFLICT (id) DO UPDATE SET terms = excluded.terms",
            [[row[0] for row in rows], [_tsvector(*row) for row in rows]],
        )
    return {word for _, fields, _ in rows for words in fields for word in words}


def _tsvector(document_id: int, fields: list[list[str]], parts: list[str]) -> str:
    places: dict[str, list[str]] = {}
    place = 0
    for field, words in zip(FIELDS, fields, strict=True):
        for at, word in enumerate(words, place + 1):
            places.setdefault(word, []).append(f"{at}{_WEIGHTS[field]}")
        place += len(words) + 1  # no phrase runs from one field into the next
    lexemes = [f"{word}:{','.join(spots)}" for word, spots in places.items()]
    lexemes.extend(f"{part}:{_NO_PLACE}" for part in parts if part not in places)
    lexemes.extend((_small(document_id >> SMALL_BLOCK), _large(document_id >> LARGE_BLOCK)))
    return " ".join(lexemes)


def _small(block: int) -> str:
    return f"@{block}"


def _large(block: int) -> str:
    return f"#{block}"


def _find_tsvector(table: str, query: Query, before: int | None, limit: int) -> list[int]:
    asked = " & ".join(("!" if clause.exclude else "") + _tsquery_clause(clause) for clause in query.clauses)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
        above: int = cursor.fetchone()[0]
        before = above if before is None else min(before, above)  # a made-up cursor must not make us look through blocks without end

        def find(blocks: list[str], limit: int) -> list[int]:
            within = f" & ({' | '.join(blocks)})" if blocks else ""
            cursor.execute(
                f"SELECT id FROM {table}_hits(%s::tsquery) AS hit(id) WHERE id < %s ORDER BY id DESC LIMIT %s",
                [f"{asked}{within}", before, limit],
            )
            return [row[0] for row in cursor.fetchall()]

        newest = (before - 1) >> SMALL_BLOCK
        if newest <= 1:
            return find([], limit)
        found = find([_small(newest), _small(newest - 1)], limit)
        if len(found) == limit:
            return found
        found = []
        for blocks in _large_blocks_below(before):
            found.extend(find(blocks, limit - len(found)))
            if len(found) == limit:
                break
        return found


def _large_blocks_below(before: int) -> Iterator[list[str]]:
    """All blocks from the newest on, at first few at a time, then ever more."""
    newest, count = (before - 1) >> LARGE_BLOCK, 2
    while newest >= 0:
        oldest = max(newest - count + 1, 0)
        yield [_large(block) for block in range(oldest, newest + 1)]
        newest, count = oldest - 1, count * 4


def _tsquery_clause(clause: Clause) -> str:
    weight = f":{_WEIGHTS[clause.field]}" if clause.field else ""
    phrases = [" <-> ".join(f"'{term}'{weight}" for term in phrase) for phrase in clause.phrases]
    return f"({' | '.join(f'({phrase})' for phrase in phrases)})"
