"""What the assistant says in one turn: the text, what can be chosen, and what of the dialogue changes with it."""

from dataclasses import dataclass, field
from typing import Any

from madoguchi.knowledge.answers import Found

from .models import Turn
from .queries import Source, sources
from .situation import Scene
from .thinking import deciding
from .thinking.deciding import Option, Reason
from .thinking.texts import text
from .wording import worded

_BRACKETS = str.maketrans({"[": "\\[", "]": "\\]", "\\": "\\\\"})


@dataclass(slots=True)
class Saying:
    """`reason`: set when people take over with it. `offered` are the choices in order."""

    kind: Turn.Kind
    parts: list[str] = field(default_factory=list)
    offered: list[Option] = field(default_factory=list)
    slug: str = ""
    detail: str = ""
    score: float = 0.0
    reason: Reason | None = None
    contact: str = ""
    flow: dict[str, Any] = field(default_factory=dict)
    missed: bool = False


def saying(scene: Scene, decision: deciding.Decision, found: Found | None) -> Saying:
    """Everything but flows, which look things up."""
    language = scene.language
    match decision:
        case deciding.Answer(slug):
            return _answer(scene, slug, found)
        case deciding.AskBack(options):
            return _ask_back(scene, [one.slug for one in options], found)
        case deciding.Abstain():
            return Saying(Turn.Kind.ABSTAIN, [text("not_found", language)], [_person(language)], missed=True, score=_score(found))
        case deciding.SayMore():
            return Saying(Turn.Kind.MORE, [text("say_more", language)], [_person(language)], missed=True)
        case deciding.Resolved():
            return Saying(Turn.Kind.RESOLVED, [text("glad", language)])
        case deciding.TakeContact(reason):
            return Saying(Turn.Kind.CONTACT, [text("nobody_there", language)], reason=reason)
        case deciding.HandOver(reason, contact):
            return hand_over(scene, reason, contact=contact)
    return Saying(Turn.Kind.GREET, [text("ask_away", language)], [*_flows(scene), _person(language)])


def hand_over(scene: Scene, reason: Reason, *, contact: str = "") -> Saying:
    key = "contact_noted" if contact else "hand_over_danger" if reason == Reason.DANGER else "hand_over"
    return Saying(Turn.Kind.HAND_OVER, [text(key, scene.language)], reason=reason, contact=contact, detail=reason)


def _answer(scene: Scene, slug: str, found: Found | None) -> Saying:
    """An article that is no longer public answers nothing."""
    source = _source(slug, found)
    language = scene.language
    if source is None:
        return Saying(Turn.Kind.ABSTAIN, [text("not_found", language)], [_person(language)], missed=True)
    key = "source" if source.translation.language == language else "source_other_language"
    link = f"[{source.translation.title.translate(_BRACKETS)}]({source.url})"
    said = [_told(scene, source), text(key, language, link=link), text("did_it_help", language)]
    offered = [Option(text("yes", language), "yes"), Option(text("no", language), "no"), _person(language)]
    return Saying(Turn.Kind.ANSWER, said, offered, slug=slug, score=_score(found))


def _told(scene: Scene, source: Source) -> str:
    """What the article says there, in a model's words where one is configured and keeps to it."""
    if source.translation.language != scene.language:
        return source.passage
    return worded(scene.now.text, [source.passage], language=scene.language) or source.passage


def _source(slug: str, found: Found | None) -> Source | None:
    hits = [{"slug": hit.slug, "lang": hit.lang, "passage": hit.passage} for hit in found.hits if hit.slug == slug] if found else []
    return next(iter(sources(hits)), None)


def _ask_back(scene: Scene, slugs: list[str], found: Found | None) -> Saying:
    there = [one for slug in slugs if (one := _source(slug, found))]
    options = [Option(one.translation.title, f"article:{one.translation.article.slug}") for one in there]
    if not options:
        return Saying(Turn.Kind.ABSTAIN, [text("not_found", scene.language)], [_person(scene.language)], missed=True)
    offered = [*options, Option(text("none_of_these", scene.language), "other"), _person(scene.language)]
    return Saying(Turn.Kind.ASK, [text("which", scene.language)], offered, score=_score(found))


def _flows(scene: Scene) -> list[Option]:
    return [Option(flow.title.get(scene.language, flow.title["en"]), f"flow:{key}") for key, flow in scene.flows.items()]


def _person(language: str) -> Option:
    return Option(text("person", language), "person")


def _score(found: Found | None) -> float:
    return found.score if found else 0.0
