"""Keeps the search index of articles right: called by whatever writes translations, in the same transaction.

Every translation is on the shelf, whatever its state and audience; who asks decides what is seen of them.
"""

from collections.abc import Iterator, Sequence

from madoguchi.foundation import search
from madoguchi.foundation.search import Document

from .models import ExampleQuestion, Translation

SHELF = "articles"
CHUNK = 1000


def put(translation_ids: Sequence[int]) -> None:
    """Index translations again as they stand in the database."""
    search.index_documents(SHELF, _documents(list(Translation.objects.filter(pk__in=translation_ids).select_related("article__category"))))


def remove(translation_ids: Sequence[int]) -> None:
    search.remove_documents(SHELF, translation_ids)


def rebuild() -> int:
    """Build the whole index again; the number of translations."""
    search.clear(SHELF)
    count = last = 0
    with search.bulk_loading(SHELF):
        while rows := list(Translation.objects.filter(pk__gt=last).select_related("article__category").order_by("pk")[:CHUNK]):
            search.index_documents(SHELF, _documents(rows))
            count += len(rows)
            last = rows[-1].pk
    return count


def _documents(rows: list[Translation]) -> Iterator[Document]:
    questions: dict[tuple[int, str], list[str]] = {}
    asked = ExampleQuestion.objects.filter(article__in={row.article_id for row in rows})
    for article_id, language, text in asked.values_list("article", "language", "text"):
        questions.setdefault((article_id, language), []).append(text)
    for row in rows:
        head = [row.title, *map(str, row.tags)]
        body = [row.summary, row.body, *questions.get((row.article_id, row.language), ())]
        yield Document(row.pk, head="\n".join(head), body="\n".join(body))
