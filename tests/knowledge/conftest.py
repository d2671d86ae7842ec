import pytest

from madoguchi.foundation.actor import SYSTEM
from madoguchi.knowledge import actions
from madoguchi.knowledge.models import Article, Category


@pytest.fixture
def write(db):
    """`write(slug, en=(title, body), ja=…, audience=…, state=…)`: an article; published unless `state` says otherwise."""

    def write(slug, *, audience="public", category="returns", publish=True, **texts) -> Article:
        place, _made = Category.objects.get_or_create(key=category)
        article = actions.save_article(
            by=SYSTEM, slug=slug, category_id=place.pk, audience=audience, language=next(iter(texts)).replace("_", "-")
        )
        for code, (title, body) in texts.items():
            language = code.replace("_", "-")
            actions.save_text(by=SYSTEM, article_id=article.pk, language=language, title=title, body=body)
            if publish:
                actions.publish(by=SYSTEM, article_id=article.pk, language=language)
        return article

    return write
