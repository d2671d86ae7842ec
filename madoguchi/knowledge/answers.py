"""Answers a question from the articles, or says that it cannot: what the bot, the help centre and `madoguchi answer` ask.

The index of all published translations is read into memory once a process and then kept in step: each question asks the database whether
anything was indexed since. What may be shown is always asked of the database itself.
"""

import threading
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Max

from madoguchi.foundation.embedding.embedder import Embedder, NoEmbedder, default_embedder
from madoguchi.foundation.errors import Unavailable

from .answering import passages
from .models import Audience, IndexedText, Translation
from .queries import is_live, public_translations

MAX_QUESTION = 2_000
"""Characters of a question that are read."""
CANDIDATES = 5
LONGEST_ANSWER = 400
"""Half-width columns of an answer: about three sentences."""
NEXT_BEST = {"zh-hans": ("zh-hant", "en"), "zh-hant": ("zh-hans", "en")}
"""Languages whose readers read each other's text, before English."""


@dataclass(frozen=True, slots=True)
class Candidate:
    slug: str
    lang: str
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    slug: str
    lang: str
    title: str
    passage: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`slug` None: it is not sure enough, nothing is said. `score`: the estimated probability that the first candidate is right, also then.

    `lang`: the language of `answer`, which is the asked one where the article exists in it.
    """

    slug: str | None
    score: float
    answer: str
    lang: str | None
    citations: list[Citation] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def models_folder() -> Path:
    return Path(settings.HOME) / "models"


def installed_embedder(*, threads: int = 1) -> tuple[Embedder | None, str]:
    """(the model, "") or (None, why not). More threads are for indexing; a question is answered on one core."""
    try:
        return default_embedder(models_folder(), threads=threads), ""
    except NoEmbedder as error:
        return None, str(error)


@dataclass(frozen=True, slots=True)
class Hit:
    """An article with the part of it that lies nearest to the question. `lang`: as asked where the article exists in it."""

    slug: str
    lang: str
    title: str
    passage: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """`score`: the estimated probability that the first hit is right. From `bar` on it is sure enough to be said to a customer."""

    score: float
    bar: float
    hits: list[Hit]


def answer(
    question: str,
    *,
    language: str,
    without: Collection[str] = (),
    internal: bool = False,
    embedder: Embedder | None,
) -> Answer:
    """`without`: languages whose articles and example questions are left out. `internal`: an agent asks and may see internal articles."""
    looked = _look(question, language=language, without=without, internal=internal, embedder=embedder)
    candidates = [Candidate(text.article.slug, text.language, round(one.score, 4)) for one, text in looked.found]
    if not looked.found or looked.score < looked.bar:
        return Answer(None, round(looked.score, 4), "", None, [], candidates)
    first = looked.found[0][1]
    citation = Citation(first.article.slug, first.language, first.title, looked.passage(first))
    return Answer(first.article.slug, round(looked.score, 4), citation.passage, first.language, [citation], candidates)


def find(question: str, *, language: str, embedder: Embedder | None, most: int = 3) -> Found:
    """What customers may read about it, best first, also where it is not sure enough to be said without a person."""
    looked = _look(question, language=language, without=(), internal=False, embedder=embedder)
    hits = [
        Hit(text.article.slug, text.language, text.title, looked.passage(text, with_lead=True), round(one.score, 4))
        for one, text in looked.found[:most]
    ]
    return Found(round(looked.score, 4), looked.bar, hits)


@dataclass(frozen=True, slots=True)
class _Looked:
    question: str
    shelf: Any
    similarity: Any
    found: list[tuple[Any, Translation]]
    score: float
    bar: float

    def passage(self, text: Translation, *, with_lead: bool = False) -> str:
        return _passage(text, self.shelf, self.similarity, self.question, with_lead=with_lead)


def _look(question: str, *, language: str, without: Collection[str], internal: bool, embedder: Embedder | None) -> _Looked:
    """The articles that come first, each in the language to be shown, and how sure the first one is."""
    from .answering import confidence, exact, ranking  # noqa: PLC0415  numpy: only processes that answer pay for it

    question = " ".join(question[:MAX_QUESTION].split())
    shelf = current_shelf(embedder)
    vector = embedder.questions([question])[0] if embedder and question else None
    ranked = ranking.rank(
        shelf, vector=vector, terms=exact.query_terms(question), language=language, without=without, internal=internal, limit=2 * CANDIDATES
    )
    found = [(one, shelf.articles[one.place]) for one in ranked.found]
    there = _translations([article for _, article in found], without=without, internal=internal)
    found = [(one, article) for one, article in found if article in there][:CANDIDATES]
    if not found:
        return _Looked(question, shelf, ranked.similarity, [], 0.0, 1.0)
    try:
        scale = confidence.scales(_scales_path())[ranked.kind]
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(f"The confidence scale cannot be read: {error}") from error
    changed = found[0][0].place != ranked.found[0].place  # the index is behind: the evidence is for another article
    score = 0.0 if changed or ranked.found[0].score <= 0 else scale.score(ranked.features, language)
    chosen = [(one, _in_language(there[article], language)) for one, article in found]
    return _Looked(question, shelf, ranked.similarity, chosen, score, scale.bar)


def _scales_path() -> Path:
    from .answering import confidence  # noqa: PLC0415

    own = models_folder() / "confidence.json"
    return own if own.exists() else confidence.SHIPPED


def _translations(articles: Sequence[int], *, without: Collection[str], internal: bool) -> dict[int, list[Translation]]:
    """The texts that the one who asks may read at this moment."""
    rows = Translation.objects.filter(is_live()) if internal else public_translations()
    found: dict[int, list[Translation]] = {}
    for row in rows.filter(article__in=articles).exclude(language__in=list(without)).select_related("article").order_by("pk"):
        found.setdefault(row.article_id, []).append(row)
    return found


def _in_language(texts: Sequence[Translation], language: str) -> Translation:
    by_language = {text.language: text for text in texts}
    for wanted in (language, *NEXT_BEST.get(language, ("en",)), texts[0].article.language):
        if wanted in by_language:
            return by_language[wanted]
    return texts[0]


def _passage(text: Translation, shelf: Any, similarity: Any, question: str, *, with_lead: bool = False) -> str:
    """The part of the text that lies nearest to the question, without the title that stands above it.

    `with_lead`: after the part that the text begins with, which says what the others are exceptions from.
    """
    from .answering.shelf import PASSAGE  # noqa: PLC0415

    told = passages.cut(text.title, f"{text.summary}\n\n{text.body}")
    if not told:
        return text.title
    best = 0
    place = next((number for number, one in enumerate(shelf.texts) if one.id == text.pk), None)
    if similarity is not None and place is not None:
        mine = similarity[shelf.entry_text == place]
        numbers = [number for number, (kind, _) in enumerate(shelf.texts[place].entries) if kind == PASSAGE]
        if len(numbers) == len(told):
            best = max(range(len(told)), key=lambda number: mine[numbers[number]])
    else:
        from .answering.exact import query_terms  # noqa: PLC0415

        asked = set(query_terms(question))
        best = max(range(len(told)), key=lambda number: len(asked & set(query_terms(told[number]))))
    chosen = [told[0], told[best]] if with_lead and best else [told[best]]
    return "\n\n".join(_shortened(one.removeprefix(f"{text.title}: ")) for one in chosen)


def _shortened(text: str) -> str:
    if passages.width(text) <= LONGEST_ANSWER:
        return text
    while passages.width(text) > LONGEST_ANSWER:
        text = text[: int(len(text) * 0.9)]
    return text.rstrip() + " …"


# --- The index in memory


@dataclass(slots=True)
class _Kept:
    mark: tuple[Any, ...] = ()
    texts: dict[int, Any] = field(default_factory=dict)
    stamps: dict[int, Any] = field(default_factory=dict)
    shelf: Any = None
    far: Any = None


_kept = _Kept()
_keeping = threading.Lock()


def current_shelf(embedder: Embedder | None) -> Any:
    """The index as the database has it; reads only what was indexed since the last question."""
    global _kept  # noqa: PLW0603
    with _keeping:
        mark = _mark(embedder)
        if _kept.mark != mark:
            _kept = _read(mark, _kept if _kept.mark[3:] == mark[3:] else _Kept(), embedder)
        return _kept.shelf


def forget() -> None:
    """Drop the index from memory."""
    global _kept  # noqa: PLW0603
    with _keeping:
        _kept = _Kept()


def _mark(embedder: Embedder | None) -> tuple[Any, ...]:
    found = IndexedText.objects.aggregate(count=Count("pk"), last=Max("indexed_at"), sum=Max("pk"))
    return found["count"], found["last"], found["sum"], embedder.name if embedder else "", settings.DATABASES["default"]["NAME"]


def _read(mark: tuple[Any, ...], before: _Kept, embedder: Embedder | None) -> _Kept:
    import numpy as np  # noqa: PLC0415

    from .answering import beyond  # noqa: PLC0415
    from .answering.shelf import WIDTH, Text, build_shelf  # noqa: PLC0415

    rows = list(
        IndexedText.objects.values_list("pk", "translation", "translation__article", "translation__article__slug",
                                        "translation__article__audience", "translation__language", "indexed_at")
    )  # fmt: skip
    changed = [row[0] for row in rows if before.stamps.get(row[0]) != row[6]]
    heavy = {}
    for start in range(0, len(changed), 500):
        some = IndexedText.objects.filter(pk__in=changed[start : start + 500])
        for pk, entries, raw, sums, times in some.values_list("pk", "entries", "vectors", "checksums", "often"):
            numbers = np.frombuffer(bytes(raw), "<f2").reshape(-1, WIDTH) if embedder else np.zeros((0, WIDTH), np.float16)
            heavy[pk] = (entries, numbers, np.frombuffer(bytes(sums), "<u4"), np.frombuffer(bytes(times), "<u2"))
    kept = _Kept(mark=mark)
    for pk, translation, article, slug, audience, language, stamp in rows:
        if pk in heavy:
            entries, numbers, checksums, often = heavy[pk]
        elif pk in before.texts:
            old = before.texts[pk]
            entries, numbers, checksums, often = old.entries, old.vectors, old.checksums, old.often
        else:
            continue
        public = audience == Audience.PUBLIC
        kept.texts[pk] = Text(
            id=translation, article=article, slug=slug, public=public, language=language,
            entries=entries if len(numbers) else [], vectors=numbers, checksums=checksums, often=often,
        )  # fmt: skip
        kept.stamps[pk] = stamp
    kept.far = beyond.vectors(embedder, models_folder()) if embedder else None
    kept.shelf = build_shelf(kept.texts.values(), kept.far)
    return kept


def without_examples() -> Any:
    """The index in memory, the same articles as if nobody had written example questions, for judging."""
    import numpy as np  # noqa: PLC0415

    from .answering import exact  # noqa: PLC0415
    from .answering.shelf import QUESTION, Text, build_shelf  # noqa: PLC0415

    raw = _kept.texts.values()
    sources = {row.pk: row for row in Translation.objects.filter(pk__in=[text.id for text in raw])}
    texts = []
    for text in raw:
        row = sources[text.id]
        told = passages.cut(row.title, f"{row.summary}\n\n{row.body}")
        stay = np.array([kind != QUESTION for kind, _ in text.entries], bool)
        checksums, often = exact.document_terms([row.title, *map(str, row.tags), *told])
        entries = [entry for entry in text.entries if entry[0] != QUESTION]
        texts.append(Text(text.id, text.article, text.slug, text.public, text.language, entries, text.vectors[stay], checksums, often))

    return build_shelf(texts, _kept.far)
