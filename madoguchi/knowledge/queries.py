"""Reads of knowledge. What customers may see goes through `public_translations` and through nothing else."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from madoguchi.foundation import clock
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .models import Article, Audience, State, Translation, Version

TOP_QUESTIONS = 50


def is_live() -> Q:
    """Translations that stand published at this moment, also when the timed work that ends them is late."""
    return Q(state=State.PUBLISHED) & (Q(expires_at=None) | Q(expires_at__gt=clock.now()))


def public_translations() -> QuerySet[Translation]:
    """What anybody in the world may read."""
    return Translation.objects.filter(is_live(), article__audience=Audience.PUBLIC).select_related("article__category")


def articles_visible_to(agent: Agent) -> QuerySet[Article]:
    """Everything for those who may see the knowledge base, nothing for others."""
    return Article.objects.all() if agent.may(Permission.KNOWLEDGE_VIEW) else Article.objects.none()


def article_for(agent: Agent, article_id: int) -> Article:
    """Raises NotFound."""
    article = articles_visible_to(agent).select_related("category", "owner").filter(pk=article_id).first()
    if article is None:
        raise NotFound
    return article


def translation_for(agent: Agent, article_id: int, language: str) -> Translation:
    """Raises NotFound when there is no such article or not in this language."""
    found = Translation.objects.select_related("article__category", "next_version").filter(
        article__in=articles_visible_to(agent).filter(pk=article_id), language=language
    )
    translation = found.first()
    if translation is None:
        raise NotFound
    return translation


def text_in_hand(translation: Translation) -> Translation | Version:
    """The text that editors work on: the newer one that waits, else the one that stands."""
    return translation.next_version or translation


def older_than_original(translations: Iterable[Translation], article: Article) -> set[str]:
    """The languages whose text is older than the original's."""
    by_language = {translation.language: translation for translation in translations}
    original = by_language.get(article.language)
    if original is None:
        return set()
    return {code for code, translation in by_language.items() if translation.revised_at < original.revised_at}


def questions_of(article: Article, language: str) -> list[str]:
    """Example questions in this language, in the order in which they were written."""
    return list(article.questions.filter(language=language).values_list("text", flat=True))
