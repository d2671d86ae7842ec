"""Writes of texts: each save is a version; what readers have changes only by publishing."""

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound

from .. import index
from ..events import ArticleChanged
from ..models import Article, ExampleQuestion, State, Translation, Version
from .articles import LANGUAGES

MAX_TITLE, MAX_SUMMARY, MAX_BODY = 200, 400, 200_000
MAX_TAGS, MAX_TAG = 30, 60
MAX_QUESTIONS, MAX_QUESTION = 200, 300
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def body_of(text: str, title: str) -> str:
    """The body as it is kept: line ends of one kind, and without the title as its first heading, which pages write themselves."""
    body = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    heading, _sep, rest = body.partition("\n")
    return rest.strip("\n") if heading.strip() == f"# {title}" else body


@transaction.atomic
def save_text(
    *,
    by: Actor,
    article_id: int,
    language: str,
    title: str,
    body: str,
    summary: str = "",
    tags: Sequence[str] = (),
    note: str = "",
    seen: int | None = None,
) -> Translation:
    """Keep a text as a new version, in hand as a draft. A text that is published stays as it is until the draft is published too.

    `seen`: number of the version that the editor began with (0: none); Conflict when somebody saved another one meanwhile.
    Raises Invalid with `fields`, NotFound.
    """
    article = Article.objects.select_for_update().filter(pk=article_id).first()
    if article is None or language not in LANGUAGES:
        raise NotFound
    title, summary = one_line(title), one_line(summary)
    body = body_of(body, title)
    tags = list(dict.fromkeys(filter(None, map(one_line, tags))))
    _check(title, summary, body, tags)
    row = Translation.objects.select_for_update().filter(article=article, language=language).first()
    last = latest_version(row)
    if seen is not None and seen != (last.number if last else 0):
        raise Conflict(_("Somebody saved another version of this text meanwhile. Copy what you wrote, then reload the page."))
    if row is None:
        row = Translation(article=article, language=language, revised_at=clock.now())
    elif last and (last.title, last.summary, last.body, last.tags) == (title, summary, body, tags):
        return row
    put_text(
        row, title=title, summary=summary, body=body, tags=tags, note=one_line(note)[:200], by=by, number=last.number + 1 if last else 1
    )
    audit.record("knowledge.save_text", by=by, subject=f"translation:{row.pk}", detail={"language": language, "title": title})
    return row


def _check(title: str, summary: str, body: str, tags: Sequence[str]) -> None:
    wrong: dict[str, object] = {}
    if not title:
        wrong["title"] = _("Write a title.")
    elif len(title) > MAX_TITLE:
        wrong["title"] = _("At most {count} characters.").format(count=MAX_TITLE)
    if len(summary) > MAX_SUMMARY:
        wrong["summary"] = _("At most {count} characters.").format(count=MAX_SUMMARY)
    if not body.strip():
        wrong["body"] = _("Write the text.")
    elif len(body) > MAX_BODY:
        wrong["body"] = _("At most {count} characters.").format(count=MAX_BODY)
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        wrong["tags"] = _("At most {count} tags of at most {length} characters each.").format(count=MAX_TAGS, length=MAX_TAG)
    if wrong:
        raise Invalid(fields=wrong)


def latest_version(row: Translation | None) -> Version | None:
    return Version.objects.filter(translation=row).order_by("-number").first() if row is not None and row.pk else None


def put_text(row: Translation, *, title: str, summary: str, body: str, tags: list[str], note: str, by: Actor, number: int) -> Version:
    """Write the version and take it in hand, in the caller's transaction."""
    now = clock.now()
    stands = row.pk is not None and row.state == State.PUBLISHED
    if not stands:
        row.title, row.summary, row.body, row.tags = title, summary, body, tags
        row.state, row.publish_at, row.revised_at = State.DRAFT, None, now
        row.save()
    version = Version.objects.create(
        translation=row, number=number, title=title, summary=summary, body=body, tags=tags, note=note,
        agent_id=by.agent_id, actor_name=by.name[:150], saved_at=now,
    )  # fmt: skip
    if stands:
        row.next_version, row.next_state, row.publish_at = version, State.DRAFT, None
        row.save()
    else:
        index.put([row.pk])
    return version


@transaction.atomic
def restore_version(*, by: Actor, article_id: int, language: str, number: int) -> Translation:
    """Take an old text in hand again, as a new version. Raises NotFound."""
    old = Version.objects.filter(translation__article=article_id, translation__language=language, number=number).first()
    if old is None:
        raise NotFound
    note = _("Version {number} again").format(number=number)
    return save_text(
        by=by, article_id=article_id, language=language, title=old.title, summary=old.summary, body=old.body, tags=old.tags, note=note
    )


@transaction.atomic
def save_questions(*, by: Actor, article_id: int, language: str, texts: Sequence[str]) -> None:
    """Example questions of an article in one language, instead of those before; what is still there keeps its source. Raises Invalid,
    NotFound.
    """
    article = Article.objects.select_for_update().filter(pk=article_id).first()
    if article is None or language not in LANGUAGES:
        raise NotFound
    wanted = list(dict.fromkeys(filter(None, map(one_line, texts))))
    if len(wanted) > MAX_QUESTIONS or any(len(text) > MAX_QUESTION for text in wanted):
        problem = _("At most {count} questions of at most {length} characters each.").format(count=MAX_QUESTIONS, length=MAX_QUESTION)
        raise Invalid(fields={"questions": problem})
    if not put_questions(article, language, wanted):
        return
    index.put(list(article.translations.filter(language=language).values_list("pk", flat=True)))
    audit.record("knowledge.save_questions", by=by, subject=f"article:{article.pk}", detail={"language": language, "count": len(wanted)})
    events.emit(ArticleChanged(article_id=article.pk), by=by)


def put_questions(article: Article, language: str, wanted: Sequence[str]) -> bool:
    """Whether anything changed."""
    rows = ExampleQuestion.objects.filter(article=article, language=language)
    known = dict(rows.values_list("text", "source"))
    if list(rows.values_list("text", flat=True)) == list(wanted):
        return False
    rows.delete()
    written = ExampleQuestion.Source.WRITTEN
    ExampleQuestion.objects.bulk_create(
        [ExampleQuestion(article=article, language=language, text=text, source=known.get(text, written)) for text in wanted]
    )
    return True
