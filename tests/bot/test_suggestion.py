"""The suggested answer beside a ticket: what customers may read, never sent by itself, and marked by people."""

import pytest

from madoguchi.bot.actions.suggesting import FRESH
from madoguchi.bot.models import Suggestion
from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Unavailable
from madoguchi.knowledge import actions as knowledge
from madoguchi.knowledge import asking
from madoguchi.knowledge.answers import Found, Hit
from madoguchi.knowledge.models import Article
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Delivery, Message


@pytest.fixture
def says(monkeypatch):
    """`says(score, (slug, lang), ...)`: what the articles answer from now on; the questions that were asked are in `says.asked`."""

    def says(score, *articles):
        hits = [Hit(slug, lang, f"Title of {slug}", f"Passage of {slug}.", 5.0) for slug, lang in articles]

        def ask(question, *, language):
            says.asked.append((question, language))
            return Found(score, 0.6, hits)

        monkeypatch.setattr(asking, "ask", ask)

    says.asked = []
    return says


@pytest.fixture
def ticket(cast, write):
    write("parcels", en=("Where is my parcel [1]?", "Two days."), de=("Wo ist mein Paket?", "Zwei Tage."))
    write("refunds", de=("Erstattungen", "Fünf Tage."))
    write("limits", audience="internal", en=("Secret limits", "At most 15,000."))
    return cast.ticket(team=cast.orders, assignee=cast.hana, text="Where is the parcel that I ordered last week?")


@pytest.fixture
def hana(cast, sign_in):
    return sign_in(cast.hana, script=True)


def card(client, ticket):
    response = client.get(f"/tickets/{ticket.pk}/suggestion")
    assert response.status_code == 200
    return response.content.decode()


def test_a_sure_answer_stands_beside_the_ticket_with_its_passage_and_a_link_to_insert(hana, ticket, says):
    says(0.9, ("parcels", "en"), ("refunds", "de"))
    html = card(hana, ticket)
    assert "Sure" in html
    assert "Passage of parcels." in html
    assert "/help/en/articles/parcels" in html
    assert r"[Where is my parcel \[1\]?](http" in html, "the title cannot break the link"
    assert "Erstattungen" in html
    assert says.asked == [("Where is the parcel that I ordered last week?", "en")]


def test_an_unsure_one_is_called_perhaps_and_a_bad_one_is_not_shown(hana, ticket, says):
    says(0.4, ("parcels", "en"))
    assert "Perhaps" in card(hana, ticket)
    Suggestion.objects.all().delete()
    says(0.1, ("parcels", "en"))
    html = card(hana, ticket)
    assert "Nothing found" in html
    assert "Passage" not in html


def test_what_the_index_says_is_asked_again_of_the_articles_themselves(hana, ticket, says):
    """An article that became internal, or went, after the question was answered is not shown."""
    says(0.9, ("limits", "en"), ("parcels", "en"))
    html = card(hana, ticket)
    assert "limits" not in html
    assert "Secret" not in html
    assert "Nothing found" in html, "the score was that of the article that is gone"
    Suggestion.objects.all().delete()
    says(0.9, ("parcels", "en"))
    assert "Passage of parcels." in card(hana, ticket)
    knowledge.unpublish(by=SYSTEM, article_id=Article.objects.get(slug="parcels").pk, language="en")
    assert "Passage" not in card(hana, ticket)


def test_many_looks_cost_one_question(hana, ticket, says):
    says(0.9, ("parcels", "en"))
    for _ in range(3):
        card(hana, ticket)
    assert len(says.asked) == 1
    Suggestion.objects.update(asked_at=clock.now() - FRESH)
    card(hana, ticket)
    assert len(says.asked) == 2, "an old one is asked again"


def test_inserting_is_remembered_and_sends_nothing(hana, ticket, says):
    says(0.9, ("parcels", "en"))
    card(hana, ticket)
    row = Suggestion.objects.get()
    assert hana.post(f"/suggestions/{row.pk}/inserted", {"slug": "limits"}).status_code == 422
    assert hana.post(f"/suggestions/{row.pk}/inserted", {"slug": "parcels"}).status_code == 204
    row.refresh_from_db()
    assert (row.inserted, row.inserted_by.name) == ("parcels", "Hana Mori")
    assert not Message.objects.filter(direction="out").exists()
    assert not Delivery.objects.exists()


def test_not_helpful_is_remembered_and_not_shown_again(hana, ticket, says):
    says(0.9, ("parcels", "en"))
    card(hana, ticket)
    row = Suggestion.objects.get()
    assert hana.post(f"/suggestions/{row.pk}/unhelpful").status_code == 204
    html = card(hana, ticket)
    assert "Passage" not in html
    assert "Marked as not helpful" in html
    row.refresh_from_db()
    assert row.unhelpful_by.name == "Hana Mori"


def test_nothing_is_asked_where_nobody_waits_for_us(cast, hana, ticket, says):
    says(0.9, ("parcels", "en"))
    tickets.reply(ticket_id=ticket.pk, text="On its way.", by=agent_actor(cast.hana))
    assert card(hana, ticket).strip() == ""
    assert says.asked == []


def test_when_the_answers_are_away_the_card_says_so(hana, ticket, monkeypatch):
    def away(question, *, language):
        raise Unavailable("Answers are not available.")

    monkeypatch.setattr(asking, "ask", away)
    assert "Answers are not available." in card(hana, ticket)
    assert not Suggestion.objects.exists()


def test_a_stranger_to_the_ticket_gets_nothing(cast, ticket, says, sign_in):
    says(0.9, ("parcels", "en"))
    card(sign_in(cast.hana), ticket)
    row = Suggestion.objects.get()
    stranger = sign_in(cast.kenji)
    assert stranger.get(f"/tickets/{ticket.pk}/suggestion").status_code == 404
    assert stranger.post(f"/suggestions/{row.pk}/unhelpful").status_code == 404
    assert sign_in(cast.observer).get(f"/tickets/{ticket.pk}/suggestion").status_code == 403


def test_hostile_words_of_a_customer_or_an_article_stay_words(cast, hana, write, says):
    write("evil", en=("<img src=x onerror=alert(1)>", "x"))
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana, subject="<script>", text="<script>alert(1)</script>")
    says(0.9, ("evil", "en"))
    html = card(hana, ticket)
    assert "<img" not in html
    assert says.asked == [("<script>\n<script>alert(1)</script>", "en")], "a short message is asked with its subject"
