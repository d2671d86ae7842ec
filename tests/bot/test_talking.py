"""The assistant in a chat, through the events that a chat makes: right, asking, or silent; and never again after a hand-over."""

from datetime import timedelta

import pytest

import madoguchi.bot.jobs  # noqa: F401  registers its work
from madoguchi.bot import actions
from madoguchi.bot.models import Assistant, Connector, Dialogue, Turn
from madoguchi.foundation import clock, events, jobs
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Unavailable
from madoguchi.foundation.models import Event
from madoguchi.knowledge import asking
from madoguchi.knowledge.answers import Found, Hit
from madoguchi.staff.models import Presence
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.events import MessageReady
from madoguchi.tickets.models import Delivery, Message, Ticket
from madoguchi.workplace.models import Brand


@pytest.fixture
def articles(write, monkeypatch):
    """Four articles, one of them internal. `articles(score, slug, ...)`: what is found from now on; best first, far apart."""
    write("returns", en=("Return an item", "Within 30 days."), de=("Artikel zurückgeben", "30 Tage."), ja=("返品する", "30日以内です。"))
    write("refunds", en=("Refunds", "Five days."))
    write("only-german", de=("Nur deutsch", "Fünf Tage."))
    write("limits", audience="internal", en=("Secret limits", "At most 15,000."))
    languages = {"returns": {"en", "de", "ja"}, "only-german": {"de"}}

    def articles(score, *slugs, apart=2.0):
        def ask(question, *, language):
            articles.asked.append((question, language))
            hits = []
            for place, slug in enumerate(slugs):
                there = languages.get(slug, {"en"})
                lang = language if language in there else min(there)
                hits.append(Hit(slug, lang, f"Title of {slug}", f"Passage of {slug}.", 6.0 - place * apart))
            return Found(score, 0.6, hits)

        monkeypatch.setattr(asking, "ask", ask)

    articles.asked = []
    articles(0.0)
    return articles


@pytest.fixture
def chat(cast, articles):
    """`chat("text")`: the customer writes in one chat; everything that follows runs. Returns our newest word to them."""
    cast.hana.presence = Presence.AVAILABLE
    cast.hana.save()
    brand = Brand.objects.get(is_default=True)
    actions.save_assistant(by=SYSTEM, brand_id=brand.pk, is_active=True, name="", languages=[], hours="always", quiet_days=3)
    now = clock.now()
    chat_ticket = Ticket.objects.create(
        subject="Chat", customer=cast.ruth, channel="chat", brand=brand, created_at=now, updated_at=now, last_inbound_at=now
    )

    def chat(text, language="en", *, run=True):
        message = Message.objects.create(
            ticket=chat_ticket, direction="in", channel="chat", customer=cast.ruth, text=text, reply_text=text, language=language,
            created_at=clock.now(),
        )  # fmt: skip
        first = Message.objects.filter(ticket=chat_ticket, direction="in").count() == 1
        events.emit(MessageReady(chat_ticket.pk, None, message.pk, first=first, automatic=False), by=SYSTEM)
        if run:
            jobs.run_until_empty()
        return ours()

    def ours():
        return Message.objects.filter(ticket=chat_ticket, direction="out").order_by("id").last()

    chat.ticket = chat_ticket
    chat.dialogue = lambda: Dialogue.objects.get(ticket=chat_ticket)
    chat.said = lambda: Message.objects.filter(ticket=chat_ticket, direction="out").count()
    chat.notes = lambda: [note.text for note in Message.objects.filter(ticket=chat_ticket, direction="note")]
    return chat


def values(message):
    return [one.get("value") for one in message.choices if "value" in one]


def test_it_says_at_once_that_it_is_a_machine_and_answers_with_its_source(chat, articles):
    articles(0.9, "returns", "refunds")
    said = chat("How do I return this?")
    assert "I am the automatic assistant of Hoshizora" in said.text
    assert "Passage of returns." in said.text
    assert "/help/en/articles/returns" in said.text
    assert values(said) == ["Yes, thank you", "No, not yet", "Talk to a person"]
    assert (said.automatic, said.channel, said.from_name) == ("bot", "chat", "Assistant")
    assert not Delivery.objects.exists()
    again = chat("And how long does it take?")
    assert "automatic assistant" not in again.text, "once is enough"


def test_a_german_and_a_japanese_customer_read_their_own_language(chat, articles):
    articles(0.9, "returns")
    said = chat("Wie gebe ich das zurück?", "de")
    assert "Hier ist der" in said.text or "hier ist der automatische Assistent" in said.text
    assert "/help/de/articles/returns" in said.text
    assert "Nein, noch nicht" in values(said)


def test_an_article_in_another_language_comes_with_a_word_about_it(chat, articles):
    articles(0.9, "only-german")
    said = chat("How long?")
    assert "only available in another language" in said.text
    assert "/help/de/articles/only-german" in said.text


def test_an_internal_article_is_never_told_whatever_the_index_says(chat, articles):
    articles(0.99, "limits")
    said = chat("How much may you grant me?")
    assert "limits" not in said.text
    assert "no reliable answer" in said.text
    assert "Secret" not in "".join(chat.notes())


def test_two_near_articles_are_asked_about_and_the_choice_is_answered(chat, articles):
    articles(0.9, "returns", "refunds", apart=0.1)
    said = chat("Money back?")
    assert "Which of these do you mean?" in said.text
    assert values(said)[:2] == ["Return an item", "Refunds"]
    said = chat("refunds")
    assert "Passage of refunds." in said.text
    assert articles.asked[-1][0] == "Money back?", "the passage answers the question, not the choice"


def test_what_is_half_sure_is_asked_and_not_told(chat, articles):
    articles(0.4, "returns", "refunds")
    said = chat("It is about my thing")
    assert "Which of these" in said.text
    assert "Passage" not in said.text


def test_after_two_misses_a_person_takes_over_with_a_summary(chat, cast):
    said = chat("Do you sell elephants?")
    assert "no reliable answer" in said.text
    said = chat("Elephants! Big grey animals.")
    assert "passing you to our team" in said.text
    assert chat.dialogue().state == "handed_over"
    (note,) = chat.notes()
    assert "No article answered it" in note
    assert "Do you sell elephants?" in note
    assert "English" in note
    assert Event.objects.filter(name="bot.HandedOver").count() == 1


def test_after_a_hand_over_it_is_silent_for_good(chat, articles):
    chat("a person please")
    count = chat.said()
    articles(0.99, "returns")
    for text in ("How do I return this?", "Hello?", "Talk to a person"):
        chat(text)
    assert chat.said() == count
    assert len(chat.notes()) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Can I talk to a human please"), ("de", "Ich will mit einem Menschen sprechen"), ("ja", "担当者お願いします"),
        ("ja", "誰か人おらんの？"), ("zh-hans", "转人工"), ("zh-hant", "我要找真人客服"),
    ],
)  # fmt: skip
def test_a_wish_for_a_person_is_heard_in_every_language(chat, articles, language, text):
    articles(0.99, "returns")
    chat(text, language)
    dialogue = chat.dialogue()
    assert (dialogue.state, dialogue.reason) == ("handed_over", "asked")
    assert articles.asked == [], "nothing is looked up first"


def test_danger_goes_to_people_at_once_and_names_the_emergency_number(chat, articles, cast):
    cast.hana.presence = Presence.AWAY
    cast.hana.save()
    articles(0.99, "returns")
    said = chat("The battery is on fire and my hand is burnt, it exploded")
    assert "emergency number" in said.text
    assert chat.dialogue().reason == "danger"


def test_long_and_many_questions_are_for_people(chat, articles):
    articles(0.99, "returns")
    chat("Why? How? When? " + "It is complicated. " * 10)
    assert chat.dialogue().reason == "complex"


def test_a_yes_is_heard_and_counts_as_resolved_after_a_while(chat, articles, cast):
    articles(0.9, "returns")
    chat("How do I return this?")
    said = chat("Yes, thank you!")
    assert "glad to hear" in said.text
    assert actions.settle() == 0
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert actions.settle() == 1
    assert chat.dialogue().state == "resolved"
    chat.ticket.refresh_from_db()
    assert chat.ticket.status == "solved"


def test_silence_after_an_answer_resolves_after_the_quiet_days_and_not_before(chat, articles):
    articles(0.9, "returns")
    chat("How do I return this?")
    with clock.frozen(clock.now() + timedelta(days=2, hours=23)):
        assert actions.settle() == 0
    with clock.frozen(clock.now() + timedelta(days=3, minutes=1)):
        actions.settle()
    assert chat.dialogue().state == "resolved"


def test_who_writes_again_elsewhere_was_not_helped(chat, articles, cast):
    articles(0.9, "returns")
    chat("How do I return this?")
    with clock.frozen(clock.now() + timedelta(days=1)):
        cast.ticket(customer=cast.ruth)
    with clock.frozen(clock.now() + timedelta(days=4)):
        actions.settle()
    assert chat.dialogue().state == "came_back"


def test_silence_after_no_answer_is_no_success(chat):
    chat("Do you sell elephants?")
    with clock.frozen(clock.now() + timedelta(days=4)):
        actions.settle()
    assert chat.dialogue().state == "handed_over"
    chat.ticket.refresh_from_db()
    assert chat.ticket.status == "new", "people look at it"
    assert "Do you sell elephants?" in chat.notes()[0]


def test_who_asked_for_a_person_and_left_without_an_address_is_not_forgotten(chat, cast):
    cast.ruth.identities.all().delete()
    cast.hana.presence = Presence.AWAY
    cast.hana.save()
    chat("A person please")
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        actions.settle()
    assert (chat.dialogue().state, chat.dialogue().reason) == ("handed_over", "asked")
    assert Event.objects.filter(name="bot.HandedOver").count() == 1
    chat.ticket.refresh_from_db()
    assert chat.ticket.status == "new"


def test_no_and_no_again_is_handed_over(chat, articles):
    articles(0.9, "returns")
    chat("How do I return this?")
    assert "what is missing" in chat("No, not yet").text
    articles(0.9, "refunds")
    chat("I mean the money")
    chat("No")
    assert (chat.dialogue().state, chat.dialogue().reason) == ("handed_over", "misses")
    assert "Return an item, Refunds" in chat.notes()[0]


def test_nobody_there_and_no_address_asks_for_one_once(chat, cast):
    cast.ruth.identities.all().delete()
    cast.hana.presence = Presence.AWAY
    cast.hana.save()
    said = chat("A person please")
    assert "Where may we answer you?" in said.text
    assert not Event.objects.filter(name="bot.HandedOver").exists()
    said = chat("ruth@elsewhere.example, thanks")
    assert "will answer you there" in said.text
    assert "ruth@elsewhere.example" in chat.notes()[0]
    assert "asked for a person" in chat.notes()[0]


def test_an_address_that_cannot_be_read_is_handed_over_all_the_same(chat, cast):
    cast.ruth.identities.all().delete()
    cast.hana.presence = Presence.AWAY
    cast.hana.save()
    chat("A person please")
    chat("I do not want to say")
    assert chat.dialogue().state == "handed_over"


def test_the_same_message_twice_is_answered_once(chat, articles):
    articles(0.9, "returns")
    chat("How do I return this?")
    message = Message.objects.get(direction="in")
    actions.consider(message_id=message.pk)
    actions.consider(message_id=message.pk)
    assert chat.said() == 1
    assert Turn.objects.count() == 1


def test_two_messages_in_a_row_are_answered_together(chat, articles):
    articles(0.9, "returns")
    chat("Hello,", run=False)
    chat("how do I return this?")
    assert chat.said() == 1
    assert articles.asked == [("Hello,\nhow do I return this?", "en")]


def test_a_person_who_answers_takes_it_over(chat, articles, cast):
    articles(0.9, "returns")
    chat("How do I return this?")
    tickets.reply(ticket_id=chat.ticket.pk, text="I am here.", by=agent_actor(cast.hana))
    jobs.run_until_empty()
    assert chat.dialogue().state == "taken"
    count = chat.said()
    chat("Great, and then?")
    assert chat.said() == count


def test_it_is_off_unless_switched_on(chat, articles):
    Assistant.objects.all().delete()
    articles(0.9, "returns")
    assert chat("How do I return this?") is None
    assert Event.objects.filter(name="bot.LeftToPeople", payload__first=True).count() == 1
    assert not Dialogue.objects.exists()


def test_a_language_that_it_may_not_talk_goes_to_people(chat, articles):
    Assistant.objects.update(languages=["ja"])
    articles(0.9, "returns")
    chat("How do I return this?")
    assert chat.dialogue().reason == "language"


def test_when_the_articles_are_away_people_take_over(chat, monkeypatch):
    def away(question, *, language):
        raise Unavailable

    monkeypatch.setattr(asking, "ask", away)
    chat("How do I return this?")
    assert chat.dialogue().reason == "away"


def test_when_the_assistant_itself_fails_people_get_the_message(chat, monkeypatch):
    monkeypatch.setattr(asking, "ask", lambda *_args, **_more: 1 / 0)
    chat("How do I return this?")
    assert chat.said() == 0
    assert Event.objects.filter(name="bot.LeftToPeople").exists()


def test_mail_is_not_its_business(cast, chat, articles):
    articles(0.9, "returns")
    ticket = cast.ticket()
    events.emit(MessageReady(ticket.pk, None, ticket.last_message_id, first=True, automatic=False), by=SYSTEM)
    jobs.run_until_empty()
    assert not Message.objects.filter(ticket=ticket, automatic="bot").exists()


# --- Flows


@pytest.fixture
def shop(db):
    for operation in ("order", "product"):
        Connector.objects.create(operation=operation, kind="demo")


def test_an_order_is_told_only_to_whom_it_belongs(chat, shop):
    assert "order number" in chat("Where is my order?").text
    assert "which email address" in chat("HZ260100").text
    said = chat("customer0001@example.com")
    assert "Order HZ260100: exchanged" in said.text
    assert "Kazahaya" in said.text
    assert "customer0001@example.com" not in str(chat.dialogue().flow)


def test_a_wrong_number_and_a_wrong_address_are_told_alike_and_end_with_people(chat, shop):
    chat("Where is my order HZ260100?")
    wrong_person = chat("somebody@else.example").text
    chat("HZ999999")
    wrong_number = chat("customer0001@example.com").text
    assert wrong_person == wrong_number
    assert "could not find" in wrong_number
    chat("HZ260100")
    chat("guess@else.example")
    assert (chat.dialogue().state, chat.dialogue().reason) == ("handed_over", "flow")


def test_many_tries_of_one_order_from_many_chats_are_stopped(chat, shop, monkeypatch):
    from madoguchi.bot import flow_running

    monkeypatch.setattr(flow_running, "LOOKUPS_OF_ONE_ORDER", 1)
    chat("Where is my order HZ260100?")
    chat("guess1@else.example")
    chat("HZ260100")
    chat("customer0001@example.com")
    assert chat.dialogue().state == "handed_over"
    assert "exchanged" not in "".join(Message.objects.values_list("text", flat=True))


def test_availability_of_a_product_in_the_customers_language(chat, shop):
    said = chat("シズクの在庫ありますか", "ja")
    assert "シズク" in said.text
    assert "在庫" in said.text or "残り" in said.text or "お取り寄せ" in said.text or "売り切れ" in said.text


def test_opening_hours_come_from_the_calendar(chat):
    said = chat("When are you open?")
    assert "Asia/Tokyo" in said.text


def test_a_call_back_is_confirmed_and_goes_to_people_with_the_number(chat):
    chat("Please call me back")
    chat("+81 90 0000 1234")
    said = chat("Tomorrow morning, about my invoice")
    assert "+81 90 0000 1234" in said.text
    assert values(said) == ["Yes", "No"]
    chat("Yes")
    assert chat.dialogue().state == "handed_over"
    assert "+81 90 0000 1234" in chat.notes()[0]


def test_a_flow_can_be_left_at_any_time(chat, shop):
    chat("Where is my order?")
    said = chat("never mind")
    assert "passing you" not in said.text
    assert chat.dialogue().flow == {}
    chat("Where is my order?")
    chat("a person please")
    assert chat.dialogue().reason == "asked"


def test_without_a_connector_the_articles_answer(chat, articles):
    articles(0.9, "returns")
    assert "Passage of returns." in chat("Where is my order?").text
