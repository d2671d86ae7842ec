"""Articles put into a reply: found in the customer's language, and only those that the customer may read."""

import pytest

from madoguchi.foundation.actor import SYSTEM
from madoguchi.knowledge import actions
from madoguchi.knowledge.models import Category


@pytest.fixture
def ticket(cast):
    topic = Category.objects.create(key="returns")
    for slug, audience in (("return", "public"), ("limits", "internal")):
        article = actions.save_article(by=SYSTEM, slug=slug, category_id=topic.pk, audience=audience, language="ja")
        for language, title in (("ja", f"返品 [{slug}]"), ("en", f"Returns {slug}")):
            body = f"返品 returns\n\n![x](/help/pictures/a/b.png)\n\n**{slug}**"
            actions.save_text(by=SYSTEM, article_id=article.pk, language=language, title=title, body=body)
            actions.publish(by=SYSTEM, article_id=article.pk, language=language)
    return cast.ticket(team=cast.orders, assignee=cast.hana)


def test_they_come_as_link_and_as_text_in_the_language_of_the_reply(cast, ticket, sign_in):
    items = sign_in(cast.hana).get(f"/tickets/{ticket.pk}/articles?language=ja&q=返品").json()["items"]
    assert [item["insert"] for item in items] == [
        "[返品 \\[return\\]](http://localhost:8000/help/ja/articles/return) ", "返品 returns\n\n**return**\n",
    ]  # fmt: skip
    items = sign_in(cast.hana).get(f"/tickets/{ticket.pk}/articles?language=en&q=returns").json()["items"]
    assert items[0]["name"] == "Returns return"
    assert sign_in(cast.hana).get(f"/tickets/{ticket.pk}/articles").json()["items"] == []


def test_the_composer_offers_them_only_to_who_may_see_them(cast, ticket, sign_in):
    page = f"/tickets/{ticket.pk}"
    assert "data-articles" in sign_in(cast.hana).get(page).content.decode()
    cast.hana.role.permissions = [name for name in cast.hana.role.permissions if name != "knowledge.view"]
    cast.hana.role.save()
    assert "data-articles" not in sign_in(cast.hana).get(page).content.decode()
    assert sign_in(cast.hana).get(f"{page}/articles?q=返品").status_code == 403
