"""What the agent reads first after a hand-over: what is wanted, in which language, what was tried. In the company's language."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.design import formats
from madoguchi.design.templatetags.design import language_name
from madoguchi.knowledge.queries import public_translations
from madoguchi.tickets.models import Message
from madoguchi.understanding.queries import text_of
from madoguchi.workplace.queries import workplace

from .models import Dialogue, Turn
from .thinking import flows
from .thinking.texts import in_language

MOST_QUOTED = 3
QUOTE_LENGTH = 300

REASONS = {
    "asked": gettext_lazy("The customer asked for a person"),
    "emotion": gettext_lazy("The customer is upset or needs care"),
    "danger": gettext_lazy("Somebody may be in danger"),
    "complex": gettext_lazy("More than a short question"),
    "misses": gettext_lazy("No article answered it"),
    "flow": gettext_lazy("A person has to go on here"),
    "away": gettext_lazy("Something that the assistant needs was not available"),
    "language": gettext_lazy("The assistant does not talk this language"),
}


def summary_of(dialogue: Dialogue) -> str:
    place = workplace()
    with translation.override(formats.language_of(place.language if place else "en")):
        lines = [
            _("**Handed over by the assistant:** {reason}").format(reason=REASONS.get(dialogue.reason, dialogue.reason)),
            _("Language: {language}").format(language=language_name(dialogue.language)),
        ]
        if dialogue.contact:
            lines.append(_("Wants to be answered at: {contact}").format(contact=dialogue.contact))
        if dialogue.flow.get("slots"):
            lines += _slots(dialogue)
        lines += [_("What the customer wrote:"), "", *_quotes(dialogue), ""]
        tried = _tried(dialogue)
        lines.append(_("What was tried: {tried}").format(tried=formats.row(tried)) if tried else _("Nothing was tried before"))
        return "\n".join(lines)


def _quotes(dialogue: Dialogue) -> list[str]:
    said = Message.objects.filter(ticket=dialogue.ticket_id, direction=Message.Direction.IN, automatic="").order_by("id")
    texts = [" ".join(text_of(one).split())[:QUOTE_LENGTH] for one in said]
    chosen = texts if len(texts) <= MOST_QUOTED else [texts[0], *texts[-(MOST_QUOTED - 1) :]]
    return [f"> {one}\n" for one in chosen]


def _slots(dialogue: Dialogue) -> list[str]:
    """What a flow has asked for already, so that nobody asks again. What proves who somebody is stays out."""
    flow = flows.shipped().get(dialogue.flow["key"])
    secret = {slot.name for slot in flow.slots if slot.identity} if flow else set()
    return [f"- {value}" for name, value in dialogue.flow["slots"].items() if name not in secret]


def _tried(dialogue: Dialogue) -> list[str]:
    turns = list(Turn.objects.filter(dialogue=dialogue).order_by("id"))
    titles: dict[str, str] = {}
    for row in public_translations().filter(article__slug__in={turn.slug for turn in turns if turn.slug}):
        titles.setdefault(row.article.slug, row.title)
    tried: list[str] = []
    for turn in turns:
        if turn.kind == Turn.Kind.ANSWER:
            tried.append(titles.get(turn.slug, turn.slug))
        elif turn.kind == Turn.Kind.FLOW and (flow := flows.shipped().get(turn.detail)):
            tried.append(in_language(flow.title, translation.get_language() or "en"))
    return list(dict.fromkeys(tried))
