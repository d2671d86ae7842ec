"""All that can be found, in memory: what each article says and is asked, by meaning and by word.

Vectors of e5 share a large part that tells the language and the kind of text rather than the matter. The mean of each language's
questions and passages is taken away, so that a Japanese question lies near a German passage about the same thing. A small knowledge
base does not tell these means well: the questions of `beyond` are counted in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import exact
from .beyond import LANGUAGES

WIDTH = 384
PASSAGE, TITLE, QUESTION = "p", "t", "q"
FEW = 30
"""A language's passages are centred on this many of all languages' mean, too."""
OTHER_LANGUAGE = len(LANGUAGES)


@dataclass(frozen=True, slots=True)
class Text:
    """One translation as it is kept: `entries` are (kind, language) of its vectors, in order; passages in the article's order."""

    id: int
    article: int
    slug: str
    public: bool
    language: str
    entries: Sequence[tuple[str, str]]
    vectors: Any
    checksums: Any
    often: Any


@dataclass(frozen=True, slots=True)
class Shelf:
    """Entries stand article by article, so that each article's are one slice (`starts`)."""

    articles: list[int]
    slugs: list[str]
    public: Any
    texts: list[Text]
    text_article: Any
    text_language: Any
    words: exact.WordIndex
    vectors: Any
    starts: Any
    entry_article: Any
    entry_language: Any
    asked: Any
    """Entries that are worded like a question: examples and titles."""
    examples: Any
    entry_text: Any
    """Index into `texts`."""
    beyond: Any
    means: Any
    """Mean vector of the questions of each language; the last row: of all."""

    def centred_question(self, vector: Any, language: str) -> Any:
        return _unit(vector - self.means[number_of(language)])


def number_of(language: str) -> int:
    return LANGUAGES.index(language) if language in LANGUAGES else OTHER_LANGUAGE


def build_shelf(texts: Iterable[Text], beyond: Any = None) -> Shelf:
    """`beyond`: vectors of `beyond.questions()`, None without a model."""
    ordered = sorted(texts, key=lambda text: (text.article, text.id))
    articles = sorted({text.article for text in ordered})
    place = {article: number for number, article in enumerate(articles)}
    first = {text.article: text for text in reversed(ordered)}
    text_language = np.array([number_of(text.language) for text in ordered], np.int8)
    kinds = [entry for text in ordered if len(text.vectors) for entry in text.entries]
    with_vectors = [number for number, text in enumerate(ordered) if len(text.vectors)]
    entry_text = np.repeat(np.array(with_vectors, np.int32), [len(ordered[number].vectors) for number in with_vectors])
    text_article = np.array([place[text.article] for text in ordered], np.int32)
    entry_article = text_article[entry_text] if len(entry_text) else np.zeros(0, np.int32)
    entry_language = np.array([number_of(language) for _, language in kinds], np.int8)
    asked = np.array([kind != PASSAGE for kind, _ in kinds], bool)
    vectors, far, means = _centred([ordered[number].vectors for number in with_vectors], entry_language, asked, beyond)
    return Shelf(
        articles=articles, slugs=[first[article].slug for article in articles],
        public=np.array([first[article].public for article in articles], bool), texts=ordered, text_article=text_article,
        text_language=text_language, words=exact.build_index([(text.checksums, text.often) for text in ordered], text_language),
        vectors=vectors, starts=_starts(entry_article),
        entry_article=entry_article, entry_language=entry_language, asked=asked,
        examples=np.array([kind == QUESTION for kind, _ in kinds], bool), entry_text=entry_text, beyond=far, means=means,
    )  # fmt: skip


def _starts(owners: Any) -> Any:
    return np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]]) if len(owners) else np.zeros(0, np.int64)


def _centred(parts: list[Any], languages: Any, asked: Any, beyond: Any) -> tuple[Any, Any, Any]:
    """(vectors of the entries, of `beyond`, means of the questions of each language)."""
    from .beyond import questions  # noqa: PLC0415

    means = np.zeros((len(LANGUAGES) + 1, WIDTH), np.float32)
    vectors = np.concatenate([np.asarray(part, np.float32) for part in parts]) if parts else np.zeros((0, WIDTH), np.float32)
    if beyond is None:
        return vectors, np.zeros((0, WIDTH), np.float32), means
    far = np.array(beyond, np.float32)
    far_language = np.array([number_of(language) for language, _ in questions()])
    for number in range(len(LANGUAGES)):
        means[number] = np.concatenate([vectors[asked & (languages == number)], far[far_language == number]]).mean(0)
    means[OTHER_LANGUAGE] = means[: len(LANGUAGES)].mean(0)
    every = vectors[~asked].mean(0) if (~asked).any() else np.zeros(WIDTH, np.float32)
    for number in range(len(LANGUAGES) + 1):
        of_it = languages == number
        vectors[of_it & asked] -= means[number]
        told = of_it & ~asked
        if told.any():
            vectors[told] -= (vectors[told].sum(0) + FEW * every) / (told.sum() + FEW)
    return _unit(vectors), _unit(far - means[far_language]), means


def _unit(vectors: Any) -> Any:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-6)
