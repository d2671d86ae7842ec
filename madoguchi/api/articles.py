"""Published public articles, as everybody may read them in the help centre."""

from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Schema

from madoguchi.foundation.errors import NotFound
from madoguchi.knowledge.models import Translation
from madoguchi.knowledge.queries import public_translations
from madoguchi.knowledge.search import find
from madoguchi.staff.permissions import Permission

from .door import PROBLEMS, may
from .paging import Cursor, Limit, keyset
from .tickets import clean

Language = Literal["en", "ja", "zh-hans", "zh-hant", "de"]
router = Router(tags=["articles"])


class ArticleOut(Schema):
    """`id` is the article's, the same in all languages; `url` leads to the help centre."""

    id: int
    slug: str
    language: str
    title: str
    summary: str
    category: str
    tags: list[str]
    url: str
    updated_at: datetime


class ArticleText(ArticleOut):
    """`body` is Markdown."""

    body: str


class ArticlePage(Schema):
    items: list[ArticleOut]
    next_cursor: str | None


class WholeArticle(Schema):
    id: int
    slug: str
    category: str
    translations: list[ArticleText]


def article_out(row: Translation) -> dict[str, Any]:
    return {
        "id": row.article_id, "slug": row.article.slug, "language": row.language, "title": row.title, "summary": row.summary,
        "category": row.article.category.key, "tags": [str(tag) for tag in row.tags], "updated_at": row.revised_at,
        "url": settings.BASE_URL + reverse("help_article", args=[row.language, row.article.slug]),
    }  # fmt: skip


@router.get("/articles", response={200: ArticlePage, **PROBLEMS}, operation_id="list_articles", by_alias=True)
def list_articles(
    request: HttpRequest, language: Language = "en", q: str = Query("", max_length=200), limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """Public articles in one language; with `q` the best matches, also those that only another language has."""
    may(request, Permission.KNOWLEDGE_VIEW)
    if q.strip():
        found = find(public_translations(), clean(q), language=language, limit=limit)
        return {"items": [article_out(one.translation) for one in found], "next_cursor": None}
    return keyset(public_translations().filter(language=language).defer("body"), cursor, limit, article_out)


@router.get("/articles/{int:article_id}", response={200: WholeArticle, **PROBLEMS}, operation_id="get_article", by_alias=True)
def get_article(request: HttpRequest, article_id: int) -> dict[str, Any]:
    """A public article in all languages in which it is published."""
    may(request, Permission.KNOWLEDGE_VIEW)
    rows = list(public_translations().filter(article=article_id).order_by("language"))
    if not rows:
        raise NotFound
    article = rows[0].article
    texts = [article_out(row) | {"body": row.body} for row in rows]
    return {"id": article.pk, "slug": article.slug, "category": article.category.key, "translations": texts}
