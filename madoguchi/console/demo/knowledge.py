"""The demo company's articles, and a little work on them: an answer in review, a review that is due, what readers said."""

from datetime import timedelta
from pathlib import Path

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM, Actor, agent_actor
from madoguchi.foundation.errors import Conflict
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions.folder import import_folder
from madoguchi.knowledge.folder import read_folder
from madoguchi.knowledge.models import Article, Translation
from madoguchi.staff.models import Agent

ARTICLES = Path(__file__).parent / "articles"
OWNER, WRITER = "sora@hoshizora.example", "lena@hoshizora.example"
SAID = (
    ("returns", "ja", True),
    ("returns", "de", False),
    ("track-order", "ja", True),
    ("track-order", "en", True),
    ("refund-timing", "ja", True),
)


def write_articles() -> None:
    files, problems = read_folder(ARTICLES)
    if problems:
        raise Conflict(str(problems[0]))
    import_folder(by=SYSTEM, files=files)
    _work()


def _work() -> None:
    owner, writer = Agent.objects.get(email=OWNER), Agent.objects.get(email=WRITER)
    due = clock.now().date() - timedelta(days=2)
    for article in Article.objects.filter(slug__in=["warranty", "store-hours"]):
        actions.save_article(
            by=agent_actor(owner), article_id=article.pk, slug=article.slug, category_id=article.category_id, audience=article.audience,
            language=article.language, owner_id=owner.pk, review_on=due,
        )  # fmt: skip
    text = Translation.objects.get(article__slug="repairs", language="de")
    actions.save_text(
        by=agent_actor(writer), article_id=text.article_id, language="de", title=text.title, tags=text.tags, summary=text.summary,
        body=f"{text.body}\n\nDie Reparaturnummer finden Sie auf dem Abholschein.", note="Hinweis auf den Abholschein",
    )  # fmt: skip
    actions.submit(by=agent_actor(writer), article_id=text.article_id, language="de")
    known = dict(Article.objects.values_list("slug", "pk"))
    for slug, language, helpful in SAID:
        reason = "" if helpful else "incomplete"
        actions.give_feedback(by=Actor("visitor"), article_id=known[slug], language=language, helpful=helpful, reason=reason)
