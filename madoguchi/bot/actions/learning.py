"""What agents answered instead of the machine becomes a suggestion for the editors."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.knowledge import actions as knowledge
from madoguchi.knowledge.models import Article, Audience, Category
from madoguchi.tickets.models import Message
from madoguchi.understanding.queries import text_of

from ..models import Dialogue, Lesson, Suggestion
from ..thinking.anonymous import without_person

UNSURE = 0.5
"""Of the bar: below it a suggestion counts as "nothing found", as the desk says it."""
SHORTEST = 40
"""Characters of an answer that can teach anything."""
TITLE, QUESTION = 200, 300


@transaction.atomic
def learn(*, message_id: int) -> Lesson | None:
    """An agent has answered with this message; nothing to learn where the articles had helped."""
    answer = Message.objects.select_related("ticket").filter(pk=message_id, direction=Message.Direction.OUT, automatic="").first()
    if answer is None or len(answer.text) < SHORTEST:
        return None
    said = Message.objects.filter(ticket=answer.ticket_id, direction=Message.Direction.IN, automatic="", pk__lt=answer.pk)
    question = said.order_by("-id").first()
    if question is None or not (why := _why(question)):
        return None
    known = dict(settings.LANGUAGES)
    language = next((one for one in (answer.language, answer.ticket.language) if one in known), "en")
    values = {"answer": answer, "language": language, "why": why, "at": clock.now()}
    row, _made = Lesson.objects.get_or_create(question=question, defaults=values)
    return row


def _why(question: Message) -> str:
    suggestion = Suggestion.objects.filter(message=question).first()
    if suggestion is not None and suggestion.unhelpful_at:
        return "unhelpful"
    if suggestion is not None and not suggestion.inserted and suggestion.score < suggestion.bar * UNSURE:
        return "nothing"
    handed = Dialogue.objects.filter(ticket=question.ticket_id, state=Dialogue.State.HANDED_OVER, reason="misses")
    return "handed_over" if handed.exists() else ""


@transaction.atomic
def make_article(*, by: Actor, lesson_id: int) -> Article:
    """An internal draft without what tells of the customer, for an editor to go on with. Raises Conflict, Invalid."""
    lesson = Lesson.objects.select_for_update(of=("self",)).select_related("question__ticket__customer", "answer__agent").get(pk=lesson_id)
    if lesson.state != Lesson.State.OPEN:
        raise Conflict
    topic = Category.objects.order_by("position", "key").first()
    if topic is None:
        raise Invalid(_("Make a topic first: each article stands on one."))
    names = [lesson.question.ticket.customer.name, lesson.question.from_name, lesson.answer.agent.name if lesson.answer.agent else ""]
    asked = " ".join(without_person(text_of(lesson.question), names).split())
    article = knowledge.save_article(
        by=by, slug=f"from-agents-{lesson.pk}-{crypto.token(3).lower().replace('_', 'x').replace('-', 'x')}", category_id=topic.pk,
        audience=Audience.INTERNAL, language=lesson.language, owner_id=by.agent_id,
    )  # fmt: skip
    title = lesson.question.subject or asked
    knowledge.save_text(
        by=by, article_id=article.pk, language=lesson.language, title=without_person(title, names)[:TITLE] or _("New article"),
        body=without_person(lesson.answer.text, names),
    )  # fmt: skip
    if asked:
        knowledge.save_questions(by=by, article_id=article.pk, language=lesson.language, texts=[asked[:QUESTION]])
    lesson.state, lesson.article = Lesson.State.MADE, article
    lesson.save(update_fields=["state", "article"])
    return article


@transaction.atomic
def dismiss_lesson(*, by: Actor, lesson_id: int) -> None:  # noqa: ARG001  every write says who
    Lesson.objects.filter(pk=lesson_id, state=Lesson.State.OPEN).update(state=Lesson.State.DISMISSED)
