"""Facts that knowledge announces; whoever keeps an index of articles listens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ArticleChanged:
    """Its audience, category, owner or example questions are others now; or it was made."""

    article_id: int


@dataclass(frozen=True)
class TranslationChanged:
    """What readers of this language have is another text now, or the article is there for them, or no longer."""

    article_id: int
    translation_id: int
    language: str


@dataclass(frozen=True)
class ArticleRemoved:
    article_id: int


@dataclass(frozen=True)
class FeedbackGiven:
    article_id: int
    language: str
    helpful: bool
