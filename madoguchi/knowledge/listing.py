"""The editor's list of articles."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from madoguchi.foundation import clock, search
from madoguchi.foundation.search_query import query_terms
from madoguchi.staff.models import Agent

from .index import SHELF
from .models import Article, Audience, State, Translation
from .queries import articles_visible_to, older_than_original

PAGE = 50
WINDOW = 5000


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; empty values ask for nothing. `older`: some translation is older than its original."""

    q: str = ""
    language: str = ""
    state: str = ""
    audience: str = ""
    due: bool = False
    older: bool = False


@dataclass
class Row:
    article: Article
    title: str
    title_language: str
    states: list[Translation]
    older: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    total: int
    number: int
    has_next: bool


def articles_page(agent: Agent, asked: Asked, *, number: int = 1, languages: Sequence[str] = ()) -> Page:
    """The articles that the agent may see, in their order. `languages`: of the reader, for the titles, best first."""
    found = _narrowed(articles_visible_to(agent), asked)
    total = found.count()
    number = max(1, number)
    said = {
        "helpful": Count("feedback", filter=Q(feedback__helpful=True)),
        "unhelpful": Count("feedback", filter=Q(feedback__helpful=False)),
    }
    texts = Prefetch("translations", Translation.objects.defer("body", "summary", "tags").order_by("language"))
    articles = found.annotate(**said).select_related("category", "owner").prefetch_related(texts).order_by("position", "pk")
    start = (number - 1) * PAGE
    return Page([_row(article, languages) for article in articles[start : start + PAGE]], total, number, total > start + PAGE)


def _narrowed(found: QuerySet[Article], asked: Asked) -> QuerySet[Article]:
    if asked.audience in Audience.values:
        found = found.filter(audience=asked.audience)
    if asked.language and asked.state == "missing":
        found = found.exclude(translations__language=asked.language)
    elif asked.language or asked.state in State.values:
        texts = Translation.objects.filter(article=OuterRef("pk"))
        if asked.language:
            texts = texts.filter(language=asked.language)
        if asked.state in State.values:
            texts = texts.filter(Q(state=asked.state, next_state="") | Q(next_state=asked.state) | Q(state=asked.state))
        found = found.filter(Exists(texts))
    if asked.due:
        found = found.filter(review_on__lte=clock.now().date())
    if asked.older:
        original = Translation.objects.filter(article=OuterRef("article"), language=F("article__language"))
        newer = original.filter(revised_at__gt=OuterRef("revised_at"))
        texts = Translation.objects.filter(Exists(newer), article=OuterRef("pk"))
        found = found.filter(Exists(texts.filter(language=asked.language) if asked.language else texts))
    if asked.q:
        query = query_terms(asked.q)
        ids = search.search_ids(SHELF, query, limit=WINDOW)
        named = Q(slug__icontains=asked.q)
        found = found.filter(
            named | Q(pk__in=Translation.objects.filter(pk__in=search.as_subquery(ids)).values("article")) if ids else named
        )
    return found


def _row(article: Article, languages: Sequence[str]) -> Row:
    texts = list(article.translations.all())
    by_language = {text.language: text for text in texts}
    wanted = [*languages, article.language, *by_language]
    best = next((by_language[code] for code in wanted if code in by_language), None)
    older = older_than_original(texts, article)
    return Row(article, best.title if best else article.slug, best.language if best else "", texts, older)
