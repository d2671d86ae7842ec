"""What readers say about articles."""

from django.db import transaction

from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound

from ..events import FeedbackGiven
from ..models import Feedback
from ..queries import public_translations
from .texts import one_line

MAX_COMMENT = 1000


@transaction.atomic
def give_feedback(*, by: Actor, article_id: int, language: str, helpful: bool, reason: str = "", comment: str = "") -> Feedback:
    """Keep a reader's word about a public article. Raises NotFound, also for what readers may not see; Invalid."""
    if not public_translations().filter(article=article_id, language=language).exists():
        raise NotFound
    if reason and reason not in Feedback.Reason.values:
        raise Invalid
    row = Feedback.objects.create(
        article_id=article_id, language=language, helpful=helpful, reason="" if helpful else reason,
        comment=one_line(comment)[:MAX_COMMENT], at=clock.now(),
    )  # fmt: skip
    events.emit(FeedbackGiven(article_id=article_id, language=language, helpful=helpful), by=by)
    return row
