"""A folder of articles: one folder a language in it, one Markdown file an article; read as a whole and written as a whole."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from django.db.models import prefetch_related_objects

from madoguchi.foundation.errors import Conflict, Invalid

from .files import FOLDER_OF, FOLDERS, ArticleFile, WrongFile, read_article, write
from .models import Article, Translation

SHARED = ("category", "audience")
MOST_PROBLEMS = 50
CHUNK = 200


def read_folder(root: Path) -> tuple[list[ArticleFile], list[WrongFile]]:
    """Every article and every problem. Raises Invalid when the folder has no folder of a language or no article."""
    if not root.is_dir():
        raise Invalid(f"{root} is no folder")
    folders = {code: root / name for name, code in FOLDERS.items() if (root / name).is_dir()}
    if not folders:
        raise Invalid(f"{root} holds no folder of a language; expected at least one of {', '.join(FOLDERS)}")
    files: list[ArticleFile] = []
    problems: list[WrongFile] = []
    for code, folder in folders.items():
        for path in sorted(folder.glob("*.md")):
            shown = path.relative_to(root).as_posix()
            try:
                files.append(read_article(path, language=code, shown=shown))
            except WrongFile as problem:
                problems.append(problem)
            except OSError as error:
                problems.append(WrongFile(shown, 1, f"cannot be read: {error.strerror}"))
    if not files and not problems:
        raise Invalid(f"{root} holds no Markdown files in its folders of languages")
    problems.extend(_contradictions(files))
    return files, problems


def _contradictions(files: list[ArticleFile]) -> Iterator[WrongFile]:
    seen: dict[tuple[str, str], ArticleFile] = {}
    first: dict[str, ArticleFile] = {}
    for file in files:
        if (other := seen.setdefault((file.slug, file.language), file)) is not file:
            yield WrongFile(file.path, file.lines.get("slug", 1), f"{other.path} has the slug {file.slug!r} too")
        leader = first.setdefault(file.slug, file)
        for key in SHARED:
            if getattr(file, key) != getattr(leader, key):
                said = f"{key} is {getattr(file, key)!r}, but {leader.path} says {getattr(leader, key)!r}"
                yield WrongFile(file.path, file.lines.get(key, 1), said)


def write_folder(root: Path) -> int:
    """Write every article of the knowledge base, of every audience and state, as it stands for readers; the number of files.

    Raises Conflict when the folder is not empty.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Conflict(f"{root} is not empty; name a new folder")
    root.mkdir(parents=True, exist_ok=True)
    count = 0
    batch: list[Article] = []
    for article in Article.objects.select_related("category", "owner").order_by("position", "pk").iterator(CHUNK):
        batch.append(article)
        if len(batch) == CHUNK:
            count += _write(root, batch)
            batch = []
    return count + _write(root, batch)


def _write(root: Path, batch: list[Article]) -> int:
    prefetch_related_objects(batch, "translations", "questions")
    count = 0
    for article in batch:
        questions: dict[str, list[str]] = defaultdict(list)
        for question in article.questions.all():
            questions[question.language].append(question.text)
        for row in article.translations.all():
            folder = root / FOLDER_OF[row.language]
            folder.mkdir(exist_ok=True)
            file = _file(article, row, questions[row.language])
            (folder / file.file_name).write_text(write(file), encoding="utf-8", newline="\n")
            count += 1
    return count


def _file(article: Article, row: Translation, questions: list[str]) -> ArticleFile:
    return ArticleFile(
        slug=article.slug, language=row.language, title=row.title, category=article.category.key, audience=article.audience, body=row.body,
        updated=row.revised_at.astimezone(UTC).date(), tags=row.tags, summary=row.summary, state=row.state, questions=questions,
        review=article.review_on, owner=article.owner.email if article.owner else "",
        publish=None if row.next_version_id else row.publish_at, expires=row.expires_at,
        original="" if article.language == "en" else article.language, position=article.position,
    )  # fmt: skip
