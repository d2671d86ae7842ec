"""All words of letters that were ever indexed, so that the word being typed can be completed.

Asking the index itself for every word with a beginning costs as much as all their matches together, which is too much for a
common beginning. Completed words are asked like any others. A word whose last document went away does no harm here.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.db import connection, transaction

from .search_query import Clause, Query
from .text import SHORTEST_TAIL

LONGEST = 32
COMPLETIONS = 30
LOOKED_AT = 400
"""Words with the typed beginning that are looked at; the shortest of them, nearest to what was typed, are asked for."""
REMEMBERED = 50_000

_known: set[str] = set()


def learn(words: Iterable[str]) -> None:
    """Keep the words. On PostgreSQL only once the transaction has committed: two writers with words in common never wait for each other."""
    fresh = sorted({word for word in words if SHORTEST_TAIL < len(word) <= LONGEST and word.isalpha()} - _known)
    if not fresh:
        return
    if connection.vendor == "sqlite":  # has one writer anyway, and a commit costs more than the rows
        with connection.cursor() as cursor:
            cursor.executemany("INSERT OR IGNORE INTO search_words(word) VALUES (%s)", [(word,) for word in fresh])
        transaction.on_commit(lambda: _remember(fresh), robust=True)
    else:
        transaction.on_commit(lambda: _keep(fresh), robust=True)


def _keep(words: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_words(word) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [words])
    _remember(words)


def _remember(words: list[str]) -> None:
    if len(_known) + len(words) > REMEMBERED:
        _known.clear()
    _known.update(words[:REMEMBERED])


def completed(query: Query) -> Query:
    """The query with the word being typed or any that begins with it."""
    return Query(tuple(_completed(clause) if clause.prefix else clause for clause in query.clauses))


def _completed(clause: Clause) -> Clause:
    ((typed,),) = clause.phrases
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM search_words WHERE word > %s AND word < %s ORDER BY word LIMIT %s", [typed, typed + chr(0x10FFFF), LOOKED_AT]
        )
        words = sorted((row[0] for row in cursor.fetchall()), key=lambda word: (len(word), word))
    return replace(clause, phrases=(*clause.phrases, *((word,) for word in words[:COMPLETIONS])))
