"""Writes of articles themselves: what is the same in every language."""

import re
from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff.models import Agent

from .. import index
from ..events import ArticleChanged, ArticleRemoved
from ..models import Article, Audience, Category

LANGUAGES = [code for code, _name in settings.LANGUAGES]
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
NAME_LENGTH = 80


@transaction.atomic
def save_article(
    *,
    by: Actor,
    slug: str,
    category_id: int | None,
    audience: str,
    language: str,
    owner_id: int | None = None,
    review_on: date | None = None,
    article_id: int | None = None,
) -> Article:
    """Make an article, without any text yet, or change what it is the same for all languages. Raises Invalid with `fields`, NotFound."""
    row = Article.objects.select_for_update().filter(pk=article_id).first() if article_id else Article(created_at=clock.now())
    if row is None:
        raise NotFound
    wrong: dict[str, object] = {}
    if not _SLUG.fullmatch(slug):
        wrong["slug"] = _("Use small letters from a to z, digits and hyphens.")
    elif Article.objects.filter(slug=slug).exclude(pk=row.pk).exists():
        wrong["slug"] = _("Another article has this address.")
    if not Category.objects.filter(pk=category_id or 0).exists():
        wrong["category"] = _("Choose from the list")
    if audience not in Audience.values:
        wrong["audience"] = _("Choose from the list")
    if language not in LANGUAGES:
        wrong["language"] = _("Choose from the list")
    if owner_id and not Agent.objects.filter(pk=owner_id).exists():
        wrong["owner"] = _("Choose from the list")
    if wrong:
        raise Invalid(fields=wrong)
    if not row.pk:
        row.position = (Article.objects.order_by("-position").values_list("position", flat=True).first() or 0) + 1
    before = _facts(row)
    row.slug, row.category_id, row.audience, row.language = slug, category_id or 0, audience, language
    row.owner_id, row.review_on = owner_id, review_on
    row.save()
    audit.record("knowledge.save_article", by=by, subject=f"article:{row.pk}", detail=audit.changes(before, _facts(row)))
    events.emit(ArticleChanged(article_id=row.pk), by=by)
    return row


def _facts(row: Article) -> dict[str, object]:
    return {
        "slug": row.slug, "category": row.category_id, "audience": row.audience, "language": row.language, "owner": row.owner_id,
        "review_on": row.review_on,
    }  # fmt: skip


@transaction.atomic
def remove_article(*, article_id: int, by: Actor) -> None:
    """Delete an article with everything that belongs to it. Raises NotFound."""
    row = Article.objects.select_for_update().filter(pk=article_id).first()
    if row is None:
        raise NotFound
    index.remove(list(row.translations.values_list("pk", flat=True)))
    audit.record("knowledge.remove_article", by=by, subject=f"article:{row.pk}", detail={"slug": row.slug})
    row.delete()
    events.emit(ArticleRemoved(article_id=article_id), by=by)


@transaction.atomic
def save_category(*, by: Actor, key: str, names: Mapping[str, str], position: int = 0, category_id: int | None = None) -> Category:
    """Make a category or rename it. Raises Invalid with `fields` (a name's field is `name_<language>`), NotFound."""
    row = Category.objects.select_for_update().filter(pk=category_id).first() if category_id else Category()
    if row is None:
        raise NotFound
    wrong: dict[str, object] = {}
    if not _SLUG.fullmatch(key):
        wrong["key"] = _("Use small letters from a to z, digits and hyphens.")
    elif Category.objects.filter(key=key).exclude(pk=row.pk).exists():
        wrong["key"] = _("Another category has this address.")
    if wrong:
        raise Invalid(fields=wrong)
    row.key, row.position = key, position
    row.names = {code: name.strip()[:NAME_LENGTH] for code, name in names.items() if code in LANGUAGES and name.strip()}
    row.save()
    audit.record("knowledge.save_category", by=by, subject=f"category:{row.pk}", detail={"key": row.key, "names": row.names})
    return row
