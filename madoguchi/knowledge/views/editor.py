"""The editor's side: the list, an article in its languages, writing, and the way to readers."""

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid, MadoguchiError, NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .. import actions, reading
from ..actions.pictures import MAX_PICTURE
from ..categories import name_of
from ..difference import difference
from ..forms import ArticleForm, CategoryForm, MomentForm, TextForm
from ..listing import Asked, articles_page
from ..models import Article, Audience, Category, State, Translation, Version
from ..queries import article_for, older_than_original, questions_of, text_in_hand, translation_for

LANGUAGES = dict(settings.LANGUAGES)
LATEST_FEEDBACK = 10
PREVIEW_LIMIT = 200_000
VERSIONS = 100
BEGINNING = 2000  # characters that an address may bring into a new text


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    agent = agent_of(request)
    may = {"edit": agent.may(Permission.KNOWLEDGE_EDIT), "approve": agent.may(Permission.KNOWLEDGE_APPROVE)}
    return render(request, f"knowledge/{template}.html", {"area": "knowledge", "can": may, **context}, status=status)


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NotFound
    return language


def _reads(agent: Agent) -> list[str]:
    return [agent.language, *(code for code in agent.languages if code in LANGUAGES)]


@require_GET
@allow(Permission.KNOWLEDGE_VIEW)
def index(request: HttpRequest) -> HttpResponse:
    agent, given = agent_of(request), request.GET
    asked = Asked(
        q=given.get("q", "").replace("\0", "").strip()[:200],
        language=given.get("language", "") if given.get("language") in LANGUAGES else "",
        state=given.get("state", ""), audience=given.get("audience", ""), due=bool(given.get("due")), older=bool(given.get("older")),
    )  # fmt: skip
    number = int(given["page"]) if given.get("page", "").isascii() and given.get("page", "").isdigit() and len(given["page"]) < 7 else 1  # noqa: PLR2004
    page = articles_page(agent, asked, number=number, languages=_reads(agent))
    kept = given.copy()
    kept.pop("page", None)
    following = f"?{kept.urlencode()}&page={page.number + 1}" if page.has_next else ""
    previous = f"?{kept.urlencode()}&page={page.number - 1}" if page.number > 1 else ""
    for row in page.rows:
        row.article.topic = name_of(row.article.category, agent.language)  # type: ignore[attr-defined]
    return _page(request, "articles", {
        "page": page, "asked": asked, "states": State.choices, "audiences": Audience.choices,
        "next_url": following, "previous_url": previous,
        "narrowed": asked != Asked(),
    })  # fmt: skip


@require_GET
@allow(Permission.KNOWLEDGE_VIEW)
def article(request: HttpRequest, article_id: int) -> HttpResponse:
    """The original and another language side by side, each as it stands or, where a newer text is in hand, as it will be."""
    agent = agent_of(request)
    row = article_for(agent, article_id)
    texts = {text.language: text for text in row.translations.select_related("next_version")}
    older = older_than_original(texts.values(), row)
    chosen = request.GET.get("with", "")
    others = [code for code in [*_reads(agent), *texts] if code in texts and code != row.language]
    beside = chosen if chosen in LANGUAGES and chosen != row.language else next(iter(others), "")
    columns = [_column(row, texts.get(code), code, older) for code in (row.language, beside) if code]
    said = list(row.feedback.order_by("-at")[:LATEST_FEEDBACK])
    counts = {kind: row.feedback.filter(helpful=kind).count() for kind in (True, False)}
    best = texts.get(agent.language) or texts.get(row.language) or next(iter(texts.values()), None)
    return _page(request, "article", {
        "article": row, "title": text_in_hand(best).title if best else row.slug, "title_language": best.language if best else "",
        "topic": name_of(row.category, agent.language), "columns": columns, "beside": beside, "said": said,
        "helpful": counts[True], "unhelpful": counts[False],
        "languages": [{"code": code, "text": texts.get(code), "older": code in older} for code in LANGUAGES],
    })  # fmt: skip


def _column(article: Article, text: Translation | None, language: str, older: set[str]) -> dict[str, Any]:
    if text is None:
        return {"code": language, "text": None}
    shown = text_in_hand(text)
    return {
        "code": language, "text": text, "shown": shown, "html": reading.page(shown.body).html, "older": language in older,
        "questions": questions_of(article, language), "newer": text.next_version_id is not None,
        "public": article.audience == Audience.PUBLIC and text.state == State.PUBLISHED,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(Permission.KNOWLEDGE_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    agent = agent_of(request)
    form = ArticleForm(request.POST or None, reader=agent)
    return edit(
        request, form, act=lambda clean: actions.save_article(by=agent_actor(agent), **clean),
        done=lambda row: redirect(_text_address(row, request.GET.get("body", ""))), title=_("New article"), verb=_("Go on to the text"),
        crumb=pgettext("area", "Knowledge"), crumb_url=reverse("knowledge"), area="knowledge",
    )  # fmt: skip


def _text_address(row: Article, body: str) -> str:
    """Where the text is written; `body` is what it may begin with, as a case record says it."""
    address = reverse("knowledge_text", args=[row.pk, row.language])
    return f"{address}?{urlencode({'body': body[:BEGINNING]})}" if body else address


@require_http_methods(["GET", "POST"])
@allow(Permission.KNOWLEDGE_EDIT)
def facts(request: HttpRequest, article_id: int) -> HttpResponse:
    agent = agent_of(request)
    row = article_for(agent, article_id)
    form = ArticleForm(request.POST or None, reader=agent, article=row)

    def act(clean: dict[str, Any]) -> Article:
        opens = clean["audience"] != row.audience and Audience.PUBLIC in {clean["audience"], row.audience}
        if opens and not agent.may(Permission.KNOWLEDGE_APPROVE):
            raise Invalid(fields={"audience": _("Only who may approve articles can change whether the public sees this one.")})
        return actions.save_article(by=agent_actor(agent), article_id=row.pk, **clean)

    danger = {}
    if agent.may(Permission.KNOWLEDGE_APPROVE):
        danger = {
            "danger_url": reverse("knowledge_remove", args=[row.pk]), "danger_title": _("Remove the article"),
            "danger_text": _("With all its languages, versions and pictures"), "danger_verb": _("Remove …"),
        }  # fmt: skip
    return edit(
        request, form, act=act, done=reverse("knowledge_article", args=[row.pk]), title=row.slug,
        crumb=pgettext("area", "Knowledge"), crumb_url=reverse("knowledge_article", args=[row.pk]), area="knowledge", **danger,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(Permission.KNOWLEDGE_APPROVE)
def remove(request: HttpRequest, article_id: int) -> HttpResponse:
    agent = agent_of(request)
    row = article_for(agent, article_id)
    return confirm(
        request, act=lambda: actions.remove_article(article_id=row.pk, by=agent_actor(agent)), done=reverse("knowledge"),
        title=_("Remove %(name)s") % {"name": row.slug}, verb=_("Remove the article"),
        text=_("All its languages, versions, example questions and pictures go with it. This cannot be undone."),
        crumb=row.slug, crumb_url=reverse("knowledge_article", args=[row.pk]), area="knowledge",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(Permission.KNOWLEDGE_EDIT)
def text(request: HttpRequest, article_id: int, language: str) -> HttpResponse:
    """Write one language; the original stands beside a translation."""
    agent, row = agent_of(request), article_for(agent_of(request), article_id)
    _known(language)
    kept = row.translations.select_related("next_version").filter(language=language).first()
    form = TextForm(request.POST or None, initial=_initial(row, kept, language, request.GET.get("body", "")))
    if request.method == "POST" and form.is_valid():
        clean = dict(form.cleaned_data)
        questions = clean.pop("questions")
        try:
            actions.save_text(by=agent_actor(agent), article_id=row.pk, language=language, **clean)
            actions.save_questions(by=agent_actor(agent), article_id=row.pk, language=language, texts=questions)
        except MadoguchiError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved"))
            return redirect(reverse("knowledge_article", args=[row.pk]) + f"?with={language}")
    original = row.translations.filter(language=row.language).first() if language != row.language else None
    words = {"bold": _("bold text"), "link": pgettext("link", "text"), "picture_failed": _("The picture was not taken")}
    return _page(request, "text", {
        "article": row, "code": language, "form": form, "kept": kept, "original": original,
        "original_html": reading.page(original.body).html if original else "", "words": json.dumps(words, ensure_ascii=False),
    }, status=422 if form.errors else 200)  # fmt: skip


def _initial(row: Article, kept: Translation | None, language: str, body: str) -> dict[str, Any]:
    if kept is None:
        return {"seen": 0, "body": body[:BEGINNING], "questions": "\n".join(questions_of(row, language))}
    shown = text_in_hand(kept)
    last = kept.versions.order_by("-number").values_list("number", flat=True).first() or 0
    return {
        "title": shown.title, "summary": shown.summary, "tags": ", ".join(map(str, shown.tags)), "body": shown.body, "seen": last,
        "questions": "\n".join(questions_of(row, language)),
    }  # fmt: skip


@require_POST
@allow(Permission.KNOWLEDGE_EDIT)
def submit(request: HttpRequest, article_id: int, language: str) -> HttpResponse:
    translation_for(agent_of(request), article_id, language)
    actions.submit(by=agent_actor(agent_of(request)), article_id=article_id, language=language)
    messages.success(request, _("Submitted for review"))
    return _back(article_id, language)


def _back(article_id: int, language: str) -> HttpResponse:
    return redirect(reverse("knowledge_article", args=[article_id]) + f"?with={language}")


@require_POST
@allow(Permission.KNOWLEDGE_APPROVE)
def decide(request: HttpRequest, article_id: int, language: str) -> HttpResponse:
    """`do`: publish | schedule (with `at`) | return | unpublish | expire (with `at`, empty: never)."""
    translation_for(agent_of(request), article_id, language)
    moment = MomentForm(request.POST)
    if not moment.is_valid():
        raise Invalid(_("Give a date and a time."))
    at = moment.cleaned_data["at"]
    asked: dict[str, Any] = {"by": agent_actor(agent_of(request)), "article_id": article_id, "language": language}
    match request.POST.get("do"):
        case "publish":
            actions.publish(**asked)
            said = _("Published")
        case "schedule":
            if at is None:
                raise Invalid(_("Give a date and a time."))
            actions.schedule(at=at, **asked)
            said = _("Scheduled")
        case "return":
            actions.return_to_draft(**asked)
            said = _("Back in draft")
        case "unpublish":
            actions.unpublish(**asked)
            said = _("No longer published")
        case "expire":
            actions.expire(at=at, **asked)
            said = _("Saved")
        case _other:
            raise Invalid
    messages.success(request, said)
    return _back(article_id, language)


@require_GET
@allow(Permission.KNOWLEDGE_VIEW)
def versions(request: HttpRequest, article_id: int, language: str) -> HttpResponse:
    """The history of a text; one version beside the one before it."""
    row = translation_for(agent_of(request), article_id, language)
    found = list(row.versions.all()[:VERSIONS])
    asked = request.GET.get("number", "")
    chosen = next((one for one in found if str(one.number) == asked), found[0] if found else None)
    before = row.versions.filter(number__lt=chosen.number).first() if chosen else None
    lines = difference(_whole(before) if before else "", _whole(chosen)) if chosen else []
    return _page(request, "versions", {
        "article": row.article, "code": language, "text": row, "versions": found, "chosen": chosen, "before": before, "lines": lines,
        "is_latest": bool(chosen and found and chosen == found[0]),
    })  # fmt: skip


def _whole(version: Version) -> str:
    tags = ", ".join(map(str, version.tags))
    return "\n".join(filter(None, [version.title, version.summary, tags, version.body]))


@require_POST
@allow(Permission.KNOWLEDGE_EDIT)
def restore(request: HttpRequest, article_id: int, language: str) -> HttpResponse:
    translation_for(agent_of(request), article_id, language)
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 9):  # noqa: PLR2004
        raise NotFound
    actions.restore_version(by=agent_actor(agent_of(request)), article_id=article_id, language=language, number=int(number))
    messages.success(request, _("The old text is in hand again, as a draft"))
    return _back(article_id, language)


@require_POST
@allow(Permission.KNOWLEDGE_EDIT)
def picture(request: HttpRequest, article_id: int) -> JsonResponse:
    """Keep a picture; answers with the Markdown that shows it."""
    agent = agent_of(request)
    row, file = article_for(agent, article_id), request.FILES.get("file")
    if file is None:
        raise Invalid(_("Choose a picture."))
    kept = actions.add_picture(by=agent_actor(agent), article_id=row.pk, name=file.name or "picture", data=file.read(MAX_PICTURE + 1))
    url = reverse("help_picture", args=[kept.token, kept.name])
    alt = kept.name.rsplit(".", 1)[0].replace("[", "").replace("]", "")
    return JsonResponse({"markdown": f"![{alt}]({url})", "url": url})


@require_POST
@allow(Permission.KNOWLEDGE_EDIT)
def preview(request: HttpRequest) -> HttpResponse:
    """Markdown as readers will see it."""
    return HttpResponse(reading.preview(request.POST.get("text", "")[:PREVIEW_LIMIT]))


@require_GET
@allow(Permission.KNOWLEDGE_VIEW)
def topics(request: HttpRequest) -> HttpResponse:
    agent = agent_of(request)
    rows = [(row, name_of(row, agent.language), row.articles.count()) for row in Category.objects.all()]
    return _page(request, "topics", {"rows": rows})


@require_http_methods(["GET", "POST"])
@allow(Permission.KNOWLEDGE_APPROVE)
def topic(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    agent = agent_of(request)
    row = Category.objects.filter(pk=pk).first() if pk else None
    if pk and row is None:
        raise NotFound
    return edit(
        request, CategoryForm(request.POST or None, category=row),
        act=lambda clean: actions.save_category(by=agent_actor(agent), category_id=pk, **clean), done=reverse("knowledge_topics"),
        title=name_of(row, agent.language) if row else _("New topic"), crumb=_("Topics"),
        crumb_url=reverse("knowledge_topics"), area="knowledge",
    )  # fmt: skip
