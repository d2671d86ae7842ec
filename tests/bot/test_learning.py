"""What agents answer instead of the machine is offered to the editors, without the customer in it."""

import pytest

from madoguchi.bot.models import Lesson, Suggestion
from madoguchi.bot.thinking.anonymous import without_person
from madoguchi.foundation import clock, jobs
from madoguchi.foundation.actor import agent_actor
from madoguchi.knowledge.models import Article, Category, ExampleQuestion, State, Translation
from madoguchi.knowledge.queries import public_translations
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message

ANSWER = "Dear Ruth Castellan, yes: we engrave bottles with up to 12 letters. Write to us at engraving@hoshizora.example, order HZ260100. Hana Mori"


@pytest.fixture
def ticket(cast):
    Category.objects.get_or_create(key="returns")
    return cast.ticket(team=cast.orders, subject="Engraving for Ruth", text="Do you engrave bottles? I am Ruth, call +81 90 1234 5678")


def suggested(ticket, **fields):
    message = Message.objects.get(ticket=ticket, direction="in")
    return Suggestion.objects.create(ticket=ticket, message=message, language="en", asked_at=clock.now(), bar=0.6, **fields)


def answer(cast, ticket, text=ANSWER):
    tickets.reply(ticket_id=ticket.pk, text=text, by=agent_actor(cast.hana))
    jobs.run_until_empty()


def test_an_answer_where_no_article_was_found_is_offered(cast, ticket, sign_in):
    suggested(ticket, score=0.1)
    answer(cast, ticket)
    lesson = Lesson.objects.get()
    assert lesson.why == "nothing"
    page = sign_in(cast.admin).get("/knowledge/from-agents/").content.decode()
    assert "Do you engrave bottles?" in page
    assert "up to 12 letters" in page


def test_so_is_one_instead_of_a_suggestion_that_did_not_help(cast, ticket):
    suggested(ticket, score=0.9, unhelpful_at=clock.now())
    answer(cast, ticket)
    assert Lesson.objects.get().why == "unhelpful"


@pytest.mark.parametrize("fields", [{"score": 0.9}, {"score": 0.1, "inserted": "parcels"}])
def test_nothing_is_learnt_where_the_articles_helped(cast, ticket, fields):
    suggested(ticket, **fields)
    answer(cast, ticket)
    assert not Lesson.objects.exists()


def test_short_words_teach_nothing(cast, ticket):
    suggested(ticket, score=0.1)
    answer(cast, ticket, "Yes, we do.")
    assert not Lesson.objects.exists()


def test_an_article_is_made_of_it_as_an_internal_draft_without_the_customer(cast, ticket, sign_in):
    suggested(ticket, score=0.1)
    answer(cast, ticket)
    admin = sign_in(cast.admin)
    lesson = Lesson.objects.get()
    response = admin.post(f"/knowledge/from-agents/{lesson.pk}", {"do": "article"})
    article = Article.objects.get()
    assert response.headers["Location"] == f"/knowledge/{article.pk}/en/"
    assert article.audience == "internal"
    text = Translation.objects.get()
    assert text.in_hand == State.DRAFT
    assert not public_translations().exists()
    kept = text.next_version or text
    everything = f"{kept.title} {kept.body} {ExampleQuestion.objects.get().text}"
    assert "up to 12 letters" in everything
    for told in ("Ruth", "Castellan", "Hana", "engraving@", "HZ260100", "1234"):
        assert told not in everything
    lesson.refresh_from_db()
    assert (lesson.state, lesson.article) == ("made", article)
    assert admin.post(f"/knowledge/from-agents/{lesson.pk}", {"do": "article"}).status_code == 404
    assert Article.objects.count() == 1


def test_it_can_be_dismissed_and_strangers_see_nothing(cast, ticket, sign_in):
    suggested(ticket, score=0.1)
    answer(cast, ticket)
    lesson = Lesson.objects.get()
    assert sign_in(cast.hana).get("/knowledge/from-agents/").status_code == 403
    admin = sign_in(cast.admin)
    admin.post(f"/knowledge/from-agents/{lesson.pk}", {"do": "dismiss"})
    assert "Do you engrave" not in admin.get("/knowledge/from-agents/").content.decode()


def test_what_tells_of_a_person_is_taken_out():
    text = "藤代 千夏様、ご注文HZ260100の件、090-1234-5678へお電話します。〒947-7655 https://x.example/t?token=abc"
    plain = without_person(text, ["藤代 千夏"])
    for told in ("藤代", "千夏", "HZ260100", "090", "947", "token"):
        assert told not in plain
    assert "お電話します" in plain
