"""An article as a Markdown file with front matter, read and written. Pure: knows neither rows nor Django.

    ---
    title: "Track your order"
    slug: track-order
    lang: en
    category: delivery
    audience: public
    tags: ["tracking", "parcel"]
    updated: 2026-10-08
    questions:
      - "Where is my parcel?"
    ---

    # Track your order

    As soon as ...

Also understood: summary, state, review, owner (a mail address), publish, expires, original. What is written reads back as the same.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import yaml

FOLDERS = {"ja": "ja", "en": "en", "zh-Hans": "zh-hans", "zh-Hant": "zh-hant", "de": "de"}
"""Name of the folder -> our code of the language."""
FOLDER_OF = {code: name for name, code in FOLDERS.items()}
AUDIENCES = ("public", "partner", "internal")
STATES = ("draft", "in_review", "scheduled", "published", "expired")
MAX_FILE = 1_000_000
MAX_FRONT = 64_000
MAX_TITLE, MAX_SUMMARY, MAX_TAG, MAX_TAGS, MAX_QUESTION, MAX_QUESTIONS = 200, 400, 60, 30, 300, 200
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_NAME = re.compile(r"(?:(?P<position>\d{1,6})-)?(?P<slug>.+)\.md")
_KEYS = {
    "title", "slug", "lang", "category", "audience", "tags", "updated", "questions", "summary", "state", "review", "owner", "publish",
    "expires", "original",
}  # fmt: skip


class WrongFile(Exception):
    """A file that cannot be taken: which, where (a line, from 1) and why, in words for whoever wrote it."""

    def __init__(self, path: Path | str, line: int, why: str) -> None:
        self.path, self.line, self.why = path, line, why
        super().__init__(f"{path}:{line}: {why}")


@dataclass
class ArticleFile:
    """One article in one language. `questions` or `updated` None: the file says nothing about them."""

    slug: str
    language: str
    title: str
    category: str
    audience: str
    body: str
    updated: date | None
    tags: list[str] = field(default_factory=list)
    summary: str = ""
    state: str = "published"
    questions: list[str] | None = None
    review: date | None = None
    owner: str = ""
    publish: datetime | None = None
    expires: datetime | None = None
    original: str = ""
    position: int = 0
    path: str = ""
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return f"{self.position:02}-{self.slug}.md" if self.position else f"{self.slug}.md"


class _Loader(yaml.SafeLoader):
    """Plain values only: references to other places let a small file stand for an endless one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="references (*name) are not taken", problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)


def read_article(path: Path, *, language: str, shown: str = "") -> ArticleFile:
    """The article of a file. `shown`: how messages name the file. Raises WrongFile, OSError."""
    shown = shown or str(path)
    if path.stat().st_size > MAX_FILE:
        raise WrongFile(shown, 1, f"the file is larger than {MAX_FILE:,} bytes; split the article")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongFile(shown, raw[: error.start].count(b"\n") + 1, "the text is not UTF-8; save the file as UTF-8") from None
    if "\0" in text:
        raise WrongFile(shown, text[: text.index("\0")].count("\n") + 1, "the file holds a NUL character; it is no text")
    return parse(text.replace("\r\n", "\n"), language=language, shown=shown, name=path.name)


def parse(text: str, *, language: str, shown: str, name: str) -> ArticleFile:
    """Raises WrongFile."""
    front, body, body_line = _split(text, shown)
    values, lines = _front_matter(front, shown)
    reader = _Reader(shown, values, lines)
    named = _NAME.fullmatch(name)
    lang = reader.text("lang", FOLDER_OF[language])
    if lang.lower() != language:
        raise reader.wrong("lang", f"lang is {lang!r}, but the folder is the one of {FOLDER_OF[language]!r}")
    slug = reader.text("slug", named["slug"] if named else "")
    if not _SLUG.fullmatch(slug):
        raise reader.wrong("slug", f"the slug {slug!r} must be small letters a to z, digits and hyphens, at most 100")
    category = reader.text("category")
    if not _SLUG.fullmatch(category):
        raise reader.wrong("category", f"the category {category!r} must be small letters a to z, digits and hyphens")
    title = reader.text("title", limit=MAX_TITLE)
    body = body.strip("\n")
    heading, _, rest = body.partition("\n")
    if heading.strip() == f"# {title}":
        body = rest.strip("\n")
    if not body.strip():
        raise WrongFile(shown, body_line, "there is no text below the front matter")
    return ArticleFile(
        slug=slug, language=language, title=title, category=category, body=body, path=shown, lines=lines,
        audience=reader.choice("audience", AUDIENCES), updated=reader.day("updated"),
        tags=reader.strings("tags", MAX_TAG, MAX_TAGS) or [], summary=reader.text("summary", "", limit=MAX_SUMMARY),
        state=reader.choice("state", STATES, "published"),
        questions=reader.strings("questions", MAX_QUESTION, MAX_QUESTIONS), review=reader.day("review"), owner=reader.text("owner", ""),
        publish=reader.moment("publish"), expires=reader.moment("expires"),
        original=FOLDERS[reader.choice("original", tuple(FOLDERS))] if "original" in values else "",
        position=int(named["position"] or 0) if named else 0,
    )  # fmt: skip


def _split(text: str, shown: str) -> tuple[str, str, int]:
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise WrongFile(shown, 1, "the file must begin with front matter: a line of three hyphens (---)")
    for at, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            front = "\n".join(lines[1:at])
            if len(front) > MAX_FRONT:
                raise WrongFile(shown, 1, f"the front matter is longer than {MAX_FRONT:,} characters")
            return front, "\n".join(lines[at + 1 :]), at + 2
    raise WrongFile(shown, len(lines), "the front matter does not end: a line of three hyphens (---) is missing")


def _front_matter(front: str, shown: str) -> tuple[dict[str, object], dict[str, int]]:
    loader = _Loader(front)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise WrongFile(shown, 2, "the front matter must be lines of the form key: value")
        values: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = str(getattr(key_node, "value", "")), key_node.start_mark.line + 2
            if key not in _KEYS:
                raise WrongFile(shown, line, f"unknown key {key[:60]!r}; known are {', '.join(sorted(_KEYS))}")
            if key in values:
                raise WrongFile(shown, line, f"{key} is given twice")
            values[key], lines[key] = loader.construct_object(value_node, deep=True), line
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise WrongFile(shown, (mark.line if mark else 0) + 2, f"the front matter is no YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise WrongFile(shown, 2, f"the front matter is no YAML: {str(error).splitlines()[0][:200]}") from None
    else:
        return values, lines
    finally:
        loader.dispose()


@dataclass
class _Reader:
    shown: str
    values: dict[str, object]
    lines: dict[str, int]

    def wrong(self, key: str, why: str) -> WrongFile:
        return WrongFile(self.shown, self.lines.get(key, 1), why)

    def text(self, key: str, default: str | None = None, *, limit: int = 200) -> str:
        value = self.values.get(key, default)
        if value is None:
            raise self.wrong(key, f"{key} is missing")
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise self.wrong(key, f"{key} must be a text")
        text = " ".join(str(value).split())
        if not text and default is None:
            raise self.wrong(key, f"{key} is empty")
        if len(text) > limit:
            raise self.wrong(key, f"{key} is longer than {limit} characters")
        return text

    def choice(self, key: str, known: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in known:
            raise self.wrong(key, f"{key} is {value!r}; it must be one of {', '.join(known)}")
        return value

    def strings(self, key: str, limit: int, most: int) -> list[str] | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or any(isinstance(one, bool) or not isinstance(one, str | int | float) for one in value):
            raise self.wrong(key, f"{key} must be a list of texts")
        found = list(dict.fromkeys(text for one in value if (text := " ".join(str(one).split()))))
        if len(found) > most:
            raise self.wrong(key, f"{key} has more than {most} entries")
        if long := next((one for one in found if len(one) > limit), None):
            raise self.wrong(key, f"{key}: {long[:40]!r}... is longer than {limit} characters")
        return found

    def day(self, key: str) -> date | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        raise self.wrong(key, f"{key} must be a date such as 2026-10-08")

    def moment(self, key: str) -> datetime | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        raise self.wrong(key, f"{key} must be a moment such as 2026-10-08T09:00:00Z")


def write(article: ArticleFile) -> str:
    """The file's text. What an article does not have is left out, and so is what would be assumed anyway."""
    always = {
        "title": _quoted(article.title), "slug": quoted_if_needed(article.slug), "lang": FOLDER_OF[article.language],
        "category": quoted_if_needed(article.category), "audience": article.audience, "tags": _quoted(article.tags),
    }  # fmt: skip
    maybe = {
        "updated": article.updated.isoformat() if article.updated else "",
        "summary": _quoted(article.summary) if article.summary else "",
        "state": article.state if article.state != "published" else "",
        "original": FOLDER_OF.get(article.original, ""),
        "review": article.review.isoformat() if article.review else "",
        "owner": _quoted(article.owner) if article.owner else "",
        "publish": _written(article.publish),
        "expires": _written(article.expires),
    }
    front = [f"{key}: {value}" for key, value in {**always, **maybe}.items() if value]
    if article.questions:
        front += ["questions:", *(f"  - {_quoted(question)}" for question in article.questions)]
    return "\n".join(["---", *front, "---", "", f"# {article.title}", "", article.body, ""])


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _written(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if moment else ""


def quoted_if_needed(word: str) -> str:
    """A slug such as `2026` or `no` would read back as a number or as false."""
    return word if word[0].isalpha() and yaml.safe_load(word) == word else json.dumps(word)
