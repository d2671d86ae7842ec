"""Articles by words. The index answers with everything; whoever asks says which of it may be seen.

All words must be there; where nothing has all of them, as in a whole sentence, the articles with the most telling of them come.
"""

import math
import re
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet

from madoguchi.foundation import search
from madoguchi.foundation.search_query import Query, count_found, query_terms
from madoguchi.tickets.search import Segment, snippet

from .index import SHELF
from .models import Translation
from .reading import plain_text

WINDOW = 2000
MOST_PIECES = 16
LONGEST_RUN = 3
OWN_LANGUAGE, IN_TITLE, IN_TAGS = 4.0, 2.0, 1.0
"""Weights: an article in the reader's language stands before any other."""
_HAN = re.compile(r"[\u3400-\u9fff々]+")
_PIECES = re.compile(r"[\u3400-\u9fff々]+|[ァ-ヶー]{2,}|[^\W\d_\u3040-\u30ff\u3400-\u9fff]{3,}|\w*\d\w*")


@dataclass(frozen=True, slots=True)
class Found:
    translation: Translation
    snippet: list[Segment]


def find(seen: QuerySet[Translation], typed: str, *, language: str, limit: int = 20) -> list[Found]:
    """The best articles among `seen`, each once, in the reader's language where it has that."""
    query = query_terms(typed)
    if query.is_empty:
        return []
    scores = dict.fromkeys(search.search_ids(SHELF, query, limit=WINDOW), 1.0)
    rows = _rows(seen, scores, query, language, limit)
    if not rows:
        query = _loosened(typed)
        scores = _by_pieces(query)
        rows = _rows(seen, scores, query, language, limit)
    return [Found(row, snippet(f"{row.summary} {plain_text(row.body)}".strip(), query)) for row in rows]


def related_to(row: Translation, seen: QuerySet[Translation], *, limit: int = 5) -> list[Translation]:
    """Others in the same language: those that hold most of its tags, then those of the same category."""
    seen = seen.filter(language=row.language).exclude(article=row.article_id).defer("body")
    scores: dict[int, int] = defaultdict(int)
    for tag in row.tags[:MOST_PIECES]:
        query = query_terms(f'"{tag}"')
        for pk in search.search_ids(SHELF, query, limit=WINDOW) if not query.is_empty else ():
            scores[pk] += 1
    near = seen.filter(pk__in=search.as_subquery(list(scores))).values_list("pk", flat=True) if scores else ()
    chosen = sorted(near, key=lambda pk: (-scores[pk], pk))[:limit]
    beside = seen.filter(article__category=row.article.category_id).exclude(pk__in=chosen).order_by("article__position", "article_id")
    chosen += list(beside.values_list("pk", flat=True)[: limit - len(chosen)])
    rows = seen.in_bulk(chosen)
    return [rows[pk] for pk in chosen if pk in rows]


def _rows(seen: QuerySet[Translation], scores: dict[int, float], query: Query, language: str, limit: int) -> list[Translation]:
    if not scores:
        return []
    columns = ("pk", "article_id", "language", "title", "tags")
    best: dict[int, tuple[float, int]] = {}
    for pk, article_id, code, title, tags in seen.filter(pk__in=search.as_subquery(list(scores))).values_list(*columns):
        asked = max(len(query.clauses), 1)
        score = scores[pk] + OWN_LANGUAGE * (code == language)
        score += IN_TITLE * count_found(title, query) / asked + IN_TAGS * count_found("\n".join(map(str, tags)), query) / asked
        best[article_id] = max(best.get(article_id, (-1.0, 0)), (score, -pk))
    chosen = [-pk for _score, pk in sorted(best.values(), reverse=True)[:limit]]
    rows = seen.in_bulk(chosen)
    return [rows[pk] for pk in chosen if pk in rows]


def _loosened(typed: str) -> Query:
    """The telling pieces of a sentence: runs of Chinese characters and katakana, longer words, numbers."""
    found: list[str] = []
    for piece in _PIECES.findall(typed[:400]):
        if len(piece) > LONGEST_RUN and _HAN.fullmatch(piece):  # Chinese has no spaces: its words are mostly two characters
            found += [piece[at : at + 2] for at in range(len(piece) - 1)]
        else:
            found.append(piece)
    pieces = list(dict.fromkeys(found))[:MOST_PIECES]
    clauses = [clause for piece in pieces for clause in query_terms(piece).clauses if not clause.exclude]
    return Query(tuple(dict.fromkeys(clauses)))


def _by_pieces(query: Query) -> dict[int, float]:
    """Each piece counts the more, the fewer articles have it; together at most 1."""
    scores: dict[int, float] = defaultdict(float)
    total = 0.0
    for clause in query.clauses:
        ids = search.search_ids(SHELF, Query((clause,)), limit=WINDOW)
        weight = 1 / math.log2(2 + len(ids))
        total += weight
        for pk in ids:
            scores[pk] += weight
    return {pk: score / total for pk, score in scores.items()}
