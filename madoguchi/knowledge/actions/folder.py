"""Articles from a folder of Markdown files: everything or nothing, and nothing where nothing differs.

Commands alone import this file: it loads a YAML parser.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time

from django.db import transaction

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.staff.models import Agent

from .. import index
from ..events import ArticleChanged, TranslationChanged
from ..files import ArticleFile, WrongFile
from ..models import Article, Category, State, Translation, Version
from .texts import latest_version, put_questions


@dataclass
class FolderReport:
    """articles: made or changed; of the texts, one a file: how many are new, differ, or are as they were."""

    files: int = 0
    articles: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0


@transaction.atomic
def import_folder(*, by: Actor, files: Sequence[ArticleFile]) -> FolderReport:
    """Take over what was read, see `folder.read_folder`. Raises WrongFile where a file does not fit the database; nothing changes then."""
    report = FolderReport(files=len(files))
    of_slug: dict[str, list[ArticleFile]] = {}
    for file in files:
        of_slug.setdefault(file.slug, []).append(file)
    categories = _categories(files)
    touched: list[int] = []
    facts: list[object] = []
    for slug, group in of_slug.items():
        article, changed = _article(slug, group, categories)
        report.articles += changed
        if changed:
            facts.append(ArticleChanged(article_id=article.pk))
        for file in group:
            outcome, row = _text(article, file, by)
            asked = file.questions is not None and put_questions(article, file.language, file.questions)
            if outcome == "unchanged" and asked:
                outcome = "changed"
            setattr(report, outcome, getattr(report, outcome) + 1)
            if outcome != "unchanged":
                touched.append(row.pk)
                facts.append(TranslationChanged(article_id=article.pk, translation_id=row.pk, language=row.language))
    index.put(touched)
    events.emit_many(facts, by=by)
    if facts:
        audit.record("knowledge.import_folder", by=by, detail=asdict(report))
    return report


def _categories(files: Sequence[ArticleFile]) -> dict[str, Category]:
    known = {row.key: row for row in Category.objects.all()}
    place = max((row.position for row in known.values()), default=0)
    for file in sorted(files, key=lambda file: (file.position or 10**6, file.slug)):
        if file.category not in known:
            place += 1
            known[file.category] = Category.objects.create(key=file.category, position=place)
    return known


def _article(slug: str, group: list[ArticleFile], categories: dict[str, Category]) -> tuple[Article, bool]:
    first = group[0]
    row = Article.objects.select_for_update().filter(slug=slug).first()
    original = next((file.original for file in group if file.original), "") or (row.language if row else _original(group))
    review = next((file.review for file in group if file.review), row.review_on if row else None)
    owner_id = _owner(group) or (row.owner_id if row else None)
    position = first.position or (row.position if row else 0)
    if not position:
        position = (Article.objects.order_by("-position").values_list("position", flat=True).first() or 0) + 1
    wanted = {
        "category_id": categories[first.category].pk, "audience": first.audience, "language": original, "review_on": review,
        "owner_id": owner_id, "position": position,
    }  # fmt: skip
    if row and all(getattr(row, name) == value for name, value in wanted.items()):
        return row, False
    row = row or Article(slug=slug, created_at=clock.now())
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()
    return row, True


def _original(group: list[ArticleFile]) -> str:
    """Nothing says which language was first: English where there is English, else the first folder's."""
    languages = [file.language for file in group]
    return "en" if "en" in languages else languages[0]


def _owner(group: list[ArticleFile]) -> int | None:
    for file in group:
        if file.owner:
            owner = Agent.objects.filter(email=file.owner.lower()).values_list("pk", flat=True).first()
            if owner is None:
                raise WrongFile(file.path, file.lines.get("owner", 1), f"no agent has the address {file.owner!r}")
            return owner
    return None


def _text(article: Article, file: ArticleFile, by: Actor) -> tuple[str, Translation]:
    row = Translation.objects.select_for_update().filter(article=article, language=file.language).first()
    made = row is None
    row = row or Translation(article=article, language=file.language)
    wanted = {
        "title": file.title, "summary": file.summary, "body": file.body, "tags": file.tags, "state": file.state, "expires_at": file.expires,
    }  # fmt: skip
    if row.next_version_id is None:
        wanted["publish_at"] = file.publish
    texts = ("title", "summary", "body", "tags")
    differs = made or any(getattr(row, name) != wanted[name] for name in texts)
    revised = _revised(row, file, made=made, differs=differs)
    if not differs and row.revised_at == revised and all(getattr(row, name) == value for name, value in wanted.items()):
        return "unchanged", row
    row.revised_at = revised
    for name, value in wanted.items():
        setattr(row, name, value)
    if file.state == State.PUBLISHED and row.published_at is None:
        row.published_at = clock.now()
    row.save()
    if differs:
        last = latest_version(row)
        Version.objects.create(
            translation=row, number=last.number + 1 if last else 1, title=row.title, summary=row.summary, body=row.body, tags=row.tags,
            agent_id=by.agent_id, actor_name=by.name[:150], saved_at=clock.now(),
        )  # fmt: skip
    return "new" if made else "changed", row


def _revised(row: Translation, file: ArticleFile, *, made: bool, differs: bool) -> datetime:
    """When the text last changed: the day that the file says, else now where it differs."""
    if file.updated is None:
        return clock.now() if differs else row.revised_at
    if not made and row.revised_at.astimezone(UTC).date() == file.updated:
        return row.revised_at
    return datetime.combine(file.updated, time(), UTC)
