"""The help centre. Pages are the same for every visitor, so they may be kept by browsers and proxies; nothing here asks who it is.

Everything comes from `queries.public_translations`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers, set_response_etag

from madoguchi.channels.queries import default_address
from madoguchi.design.context import HTML_LANG
from madoguchi.foundation import ratelimit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import NotFound, TooMany
from madoguchi.staff.access import View, public

from .. import actions, reading
from ..categories import icon_of, name_of
from ..frame import LANGUAGES, frame
from ..models import Article, Category, Feedback, Translation
from ..queries import public_translations
from ..search import find, related_to

LONGEST = 200
FRESH_SECONDS = 60
HINTS = 3
HELPFUL, RELATED, HITS, TYPING_HITS = 6, 5, 20, 6
FEEDBACKS_AN_HOUR = 20
VISITOR = Actor("visitor")


def page(view: Callable[..., HttpResponse]) -> View:
    """A page of the help centre in the language of its address: readable refusals, cacheable, with an ETag."""

    @public
    @wraps(view)
    def shown(request: HttpRequest, language: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if language not in LANGUAGES:
            fallback = translation.get_language_from_request(request)
            with translation.override(fallback):
                return _missing(request, fallback)
        with translation.override(language):
            try:
                response = view(request, language, *args, **kwargs)
            except NotFound:
                return _missing(request, language)
        return kept(request, response, language)

    return shown


def kept(request: HttpRequest, response: HttpResponse, language: str = "") -> HttpResponse:
    """Say how long the answer keeps; 304 where the visitor has it already."""
    if language:
        response["Content-Language"] = HTML_LANG.get(language, language)
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS, stale_while_revalidate=600)
    if response.status_code != 200:  # noqa: PLR2004
        return response
    set_response_etag(response)
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    return answer if isinstance(answer, HttpResponse) else response


def _render(template: str, language: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Without the request: what stands in the page cannot depend on who asks."""
    return HttpResponse(render_to_string(f"knowledge/help/{template}.html", frame(language) | context), status=status)


def _missing(request: HttpRequest, language: str) -> HttpResponse:  # noqa: ARG001  a visitor may be told more one day
    return _render("missing", language, {}, status=404)


@public
def front(request: HttpRequest) -> HttpResponse:
    """Which language the visitor reads."""
    response = HttpResponseRedirect(reverse("help", args=[translation.get_language_from_request(request)]))
    patch_vary_headers(response, ["Accept-Language"])
    patch_cache_control(response, private=True, max_age=FRESH_SECONDS)
    return response


def _categories(language: str) -> list[dict[str, Any]]:
    """Those that hold something to read in this language, with the titles of their first articles."""
    titles: dict[int, list[str]] = {}
    found: dict[int, Category] = {}
    rows = public_translations().filter(language=language).order_by("article__position", "article_id").defer("body")
    for row in rows:
        titles.setdefault(row.article.category_id, []).append(row.title)
        found[row.article.category_id] = row.article.category
    places = sorted(found.values(), key=lambda category: (category.position, category.key))
    return [
        {
            "key": category.key, "name": name_of(category, language), "icon": icon_of(category), "hints": titles[category.pk][:HINTS],
            "count": len(titles[category.pk]),
        }
        for category in places
    ]  # fmt: skip


@page
def home(request: HttpRequest, language: str) -> HttpResponse:  # noqa: ARG001
    liked = Count("article__feedback", filter=Q(article__feedback__helpful=True))
    rows = public_translations().filter(language=language).defer("body").annotate(liked=liked)
    return _render("home", language, {
        "categories": _categories(language), "helpful": rows.order_by("-liked", "article__position", "article_id")[:HELPFUL],
        "address": default_address(), "canonical": reverse("help", args=[language]), "alternates": _alternates("help"),
    })  # fmt: skip


def _alternates(route: str, *args: str, languages: list[str] | None = None) -> list[tuple[str, str]]:
    """(language as HTML names it, address) of the same page in other languages."""
    return [(HTML_LANG.get(code, code), reverse(route, args=[code, *args])) for code in languages or LANGUAGES]


def _switch(route: str, name: str, languages: list[str]) -> dict[str, str]:
    """Where the choice of a language leads: to the same page where that language has it, else to its start page."""
    return {code: reverse(route, args=[code, name]) if code in languages else reverse("help", args=[code]) for code in LANGUAGES}


@page
def category(request: HttpRequest, language: str, key: str) -> HttpResponse:  # noqa: ARG001
    place = Category.objects.filter(key=key).first()
    everywhere = public_translations().filter(article__category__key=key)
    rows = everywhere.filter(language=language).defer("body").order_by("article__position", "article_id")
    if place is None or not rows:
        raise NotFound
    languages = sorted(set(everywhere.values_list("language", flat=True)), key=list(LANGUAGES).index)
    return _render("category", language, {
        "name": name_of(place, language), "rows": rows, "canonical": reverse("help_category", args=[language, key]),
        "alternates": _alternates("help_category", key, languages=languages),
        "switch": _switch("help_category", key, languages),
    })  # fmt: skip


@page
def search(request: HttpRequest, language: str) -> HttpResponse:
    """All hits, or with `part` only the first ones, for the box under the field while somebody types."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    part = bool(request.GET.get("part"))
    hits = find(public_translations(), typed, language=language, limit=TYPING_HITS if part else HITS) if typed else []
    return _render("_hits" if part else "search", language, {
        "q": typed, "hits": hits, "address": default_address(),
        "switch": {code: reverse("help_search", args=[code]) for code in LANGUAGES},
    })  # fmt: skip


@page
def article(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    rows = {row.language: row for row in public_translations().filter(article__slug=slug)}
    if not rows:
        raise NotFound
    if language not in rows:
        first = next(iter(rows.values())).article.language
        return HttpResponseRedirect(reverse("help_article", args=[first if first in rows else next(iter(rows)), slug]))
    row = rows[language]
    languages = [code for code in LANGUAGES if code in rows]
    original = row.article.language if row.article.language in rows else languages[0]
    return _render("article", language, {
        "row": row, "page": reading.page(row.body), "category": name_of(row.article.category, language),
        "related": related_to(row, public_translations()), "address": default_address(), "thanks": request.GET.get("thanks") == "1",
        "reasons": Feedback.Reason.choices,
        "canonical": reverse("help_article", args=[language, slug]), "alternates": _alternates("help_article", slug, languages=languages),
        "default": reverse("help_article", args=[original, slug]), "available": languages,
        "switch": _switch("help_article", slug, languages),
    })  # fmt: skip


@public
def feedback(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """What a reader says. Nobody is signed in here, so there is nothing that another site could misuse; floods are stopped."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = Article.objects.filter(slug=slug).values_list("pk", flat=True).first()
    helpful = request.POST.get("helpful")
    if language not in LANGUAGES or found is None or helpful not in {"yes", "no"}:
        raise NotFound
    try:
        ratelimit.hit(f"help:{request.META.get('REMOTE_ADDR', '')}", limit=FEEDBACKS_AN_HOUR, seconds=3600)
    except TooMany:
        return HttpResponseRedirect(reverse("help", args=[language]))
    actions.give_feedback(
        by=VISITOR, article_id=found, language=language, helpful=helpful == "yes", reason=request.POST.get("reason", ""),
        comment=request.POST.get("comment", ""),
    )  # fmt: skip
    return HttpResponseRedirect(reverse("help_article", args=[language, slug]) + "?thanks=1#feedback")


@public
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page with its other languages, for search engines (sitemaps.org, with xhtml:link as Google describes it)."""
    of_article: dict[str, list[Translation]] = {}
    for row in public_translations().defer("body").order_by("article__position", "article_id"):
        of_article.setdefault(row.article.slug, []).append(row)
    urls: list[dict[str, Any]] = [
        {"url": reverse("help", args=[code]), "alternates": _alternates("help"), "at": None} for code in LANGUAGES
    ]
    for slug, rows in of_article.items():
        alternates = _alternates("help_article", slug, languages=[row.language for row in rows])
        urls += [
            {"url": reverse("help_article", args=[row.language, slug]), "alternates": alternates, "at": row.revised_at} for row in rows
        ]
    text = render_to_string("knowledge/help/sitemap.xml", {"urls": urls, "base": settings.BASE_URL})
    return kept(request, HttpResponse(text, content_type="application/xml; charset=utf-8"))


@public
def robots(request: HttpRequest) -> HttpResponse:
    """The help centre is for everybody, the desk for nobody who is not signed in."""
    lines = [
        "User-agent: *",
        "Allow: /help/",
        "Allow: /static/",
        "Disallow: /",
        f"Sitemap: {settings.BASE_URL}{reverse('help_sitemap')}",
        "",
    ]
    return kept(request, HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8"))
