"""Articles over the API: what everybody may read, for tokens whose agent may see the knowledge base."""

import pytest

from madoguchi.foundation.actor import SYSTEM
from madoguchi.knowledge import actions
from madoguchi.knowledge.models import Category
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def get(client, cast):
    head = {"Authorization": "Bearer " + staff.create_token(agent=cast.hana, name="test", by=SYSTEM)}
    return lambda path, **query: client.get(f"/api/v1/{path}", query, headers=head)


@pytest.fixture
def articles(cast):
    topic = Category.objects.create(key="returns")
    made = {}
    for slug, audience, texts in (
        ("return", "public", {"en": "Return an item", "ja": "商品を返品する"}),
        ("refund", "public", {"en": "Refunds"}),
        ("limits", "internal", {"en": "Return limits"}),
    ):
        article = actions.save_article(by=SYSTEM, slug=slug, category_id=topic.pk, audience=audience, language="en")
        for language, title in texts.items():
            actions.save_text(by=SYSTEM, article_id=article.pk, language=language, title=title, body="**Text**", tags=["a"])
            actions.publish(by=SYSTEM, article_id=article.pk, language=language)
        made[slug] = article.pk
    actions.save_text(by=SYSTEM, article_id=made["refund"], language="ja", title="返金", body="Draft")
    return made


def test_they_are_listed_found_and_read(get, articles):
    page = get("articles").json()
    assert [row["slug"] for row in page["items"]] == ["return", "refund"]
    assert "body" not in page["items"][0]
    assert page["items"][0]["url"].endswith("/help/en/articles/return")
    first = get("articles", limit=1).json()
    assert [row["slug"] for row in get("articles", limit=1, cursor=first["next_cursor"]).json()["items"]] == ["refund"]
    assert [row["title"] for row in get("articles", language="ja").json()["items"]] == ["商品を返品する"]
    assert [row["language"] for row in get("articles", language="ja", q="返品").json()["items"]] == ["ja"]
    whole = get(f"articles/{articles['return']}").json()
    assert [(row["language"], row["body"]) for row in whole["translations"]] == [("en", "**Text**"), ("ja", "**Text**")]


def test_nothing_internal_or_unpublished_comes_out(get, articles):
    assert get(f"articles/{articles['limits']}").status_code == 404
    assert get("articles", q="limits").json()["items"] == []
    assert get("articles", q="返金", language="ja").json()["items"] == []
    assert len(get(f"articles/{articles['refund']}").json()["translations"]) == 1


def test_a_token_without_the_permission_is_refused(get, articles, cast):
    role = Role.objects.create(name="Narrow", permissions=["ticket.view"], scope="teams")
    Agent.objects.filter(pk=cast.hana.pk).update(role=role)
    assert get("articles").status_code == 403
    assert get(f"articles/{articles['return']}").status_code == 403
    assert get("articles", language="fr").status_code in {403, 422}
