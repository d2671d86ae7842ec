"""Keeps what questions are answered from in step with the articles."""

import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import islice

from django.db import transaction

from madoguchi.foundation import clock
from madoguchi.foundation import text as terms
from madoguchi.foundation.embedding.embedder import Embedder

from ..answering import passages
from ..models import ExampleQuestion, IndexedText, Translation
from ..queries import is_live

INDEX_VERSION = 1
"""Raise when other texts or terms are made from the same article: everything is then indexed again."""
CHUNK = 50
"""Translations of one transaction; a run that is stopped keeps what it has."""
MOST_PASSAGES = 200


def index_articles(*, embedder: Embedder | None, everything: bool = False, told: Callable[[int, int], None] | None = None) -> int:
    """Index what is new or changed, drop what is no longer published; the number of translations that were indexed.

    `everything`: also what seems unchanged. `told(done, of)` hears how far it is. Safe to stop, to repeat, and to run twice at once.
    """
    published = set(Translation.objects.filter(is_live()).values_list("pk", flat=True))
    IndexedText.objects.exclude(translation__in=Translation.objects.filter(is_live())).delete()
    known = dict(IndexedText.objects.values_list("translation_id", "made_from"))
    waiting = sorted(published)
    if not everything:
        waiting = [pk for chunk in _chunks(waiting) for pk in _changed(chunk, known, embedder)]
    for done, chunk in enumerate(_chunks(waiting)):
        _index(chunk, embedder)
        if told:
            told(min((done + 1) * CHUNK, len(waiting)), len(waiting))
    return len(waiting)


def _chunks(ids: Sequence[int]) -> list[list[int]]:
    rest = iter(ids)
    return list(iter(lambda: list(islice(rest, CHUNK)), []))


def _sources(ids: Sequence[int]) -> list[tuple[Translation, list[str]]]:
    rows = list(Translation.objects.filter(pk__in=ids).select_related("article"))
    questions: dict[tuple[int, str], list[str]] = {}
    asked = ExampleQuestion.objects.filter(article__in={row.article_id for row in rows}).order_by("pk")
    for article_id, language, text in asked.values_list("article", "language", "text"):
        questions.setdefault((article_id, language), []).append(text)
    return [(row, questions.get((row.article_id, row.language), [])) for row in rows]


def _made_from(row: Translation, questions: Sequence[str], embedder: Embedder | None) -> str:
    name = embedder.name if embedder else ""
    about = [row.article.slug, row.article.audience, row.language]
    parts = [INDEX_VERSION, terms.TERMS_VERSION, name, *about, row.title, row.summary, row.body, row.tags, list(questions)]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "ignore")).hexdigest()


def _changed(ids: Sequence[int], known: dict[int, str], embedder: Embedder | None) -> list[int]:
    return [row.pk for row, questions in _sources(ids) if known.get(row.pk) != _made_from(row, questions, embedder)]


def _index(ids: Sequence[int], embedder: Embedder | None) -> None:
    import numpy as np  # noqa: PLC0415  only processes that index pay for it

    from ..answering.exact import document_terms  # noqa: PLC0415
    from ..answering.shelf import PASSAGE, QUESTION, TITLE  # noqa: PLC0415

    sources = _sources(ids)
    told = [passages.cut(row.title, f"{row.summary}\n\n{row.body}")[:MOST_PASSAGES] for row, _ in sources]
    if embedder:
        said = embedder.passages([passage for some in told for passage in some])
        asked = embedder.questions([text for row, questions in sources for text in (row.title, *questions)])
    made, passage_at, asked_at = [], 0, 0
    for (row, questions), some in zip(sources, told, strict=True):
        entries: list[tuple[str, str]] = []
        vectors = b""
        if embedder:
            entries = [(TITLE, row.language), *((PASSAGE, row.language) for _ in some), *((QUESTION, row.language) for _ in questions)]
            title = asked[asked_at : asked_at + 1]
            parts = [title, said[passage_at : passage_at + len(some)], asked[asked_at + 1 : asked_at + 1 + len(questions)]]
            vectors = np.concatenate(parts).astype("<f2").tobytes()
            passage_at, asked_at = passage_at + len(some), asked_at + 1 + len(questions)
        checksums, often = document_terms([row.title, *map(str, row.tags), *some, *questions])
        made.append(
            IndexedText(
                translation=row, made_from=_made_from(row, questions, embedder), entries=entries, vectors=vectors,
                checksums=checksums.astype("<u4").tobytes(), often=often.astype("<u2").tobytes(), indexed_at=clock.now(),
            )
        )  # fmt: skip
    with transaction.atomic():
        still = set(Translation.objects.filter(pk__in=ids).values_list("pk", flat=True))  # removed while its meaning was read
        fields = ["made_from", "entries", "vectors", "checksums", "often", "indexed_at"]
        IndexedText.objects.bulk_create(
            [one for one in made if one.translation_id in still],
            update_conflicts=True,
            unique_fields=["translation"],
            update_fields=fields,
        )
