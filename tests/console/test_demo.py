"""The demo company: plausible, in five languages, clearly a demo, and gone with one command."""

import pytest

from madoguchi.automation.models import CannedReply, Macro, Trigger
from madoguchi.channels.mail.routes import route_of
from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.console.demo import actions, story
from madoguchi.customers.models import Company
from madoguchi.foundation import clock, search
from madoguchi.foundation.errors import NotAllowed
from madoguchi.foundation.models import Job
from madoguchi.foundation.search_query import query_terms
from madoguchi.knowledge.models import Article, Translation
from madoguchi.routing.models import RoutingRule
from madoguchi.sla.models import Deadline
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Delivery, Message, Ticket
from madoguchi.workplace.models import Workplace

pytestmark = pytest.mark.django_db


def test_every_language_tells_the_same_scenarios():
    keys = {scenario.key for scenario in story.SCENARIOS}
    for language in story.LANGUAGES:
        told = story.texts(language)
        assert set(told) == keys
        for texts in told.values():
            assert len(texts["opening"]) == 2


def test_the_story_is_the_same_every_time_and_never_in_the_future():
    now = clock.now()
    first, second = story.tell(until=now), story.tell(until=now)
    assert first == second
    assert len(first) == 400
    assert max(step.at for matter in first for step in matter.steps) <= now
    assert {matter.language for matter in first} == set(story.LANGUAGES)


def test_it_moves_in_and_out(transactional_db):
    actions.load(count=25)
    assert Workplace.objects.get().is_demo
    assert Ticket.objects.count() == 25
    assert set(Message.objects.values_list("direction", flat=True)) >= {"in", "out"}
    assert not Delivery.objects.exclude(state="sent").exists()
    assert Deadline.objects.exists()
    assert Ticket.objects.filter(created_at__gt=clock.now()).count() == 0
    assert not Job.objects.exists()
    assert (RoutingRule.objects.count(), Trigger.objects.count(), Macro.objects.count(), CannedReply.objects.count()) == (3, 3, 4, 5)
    assert Deadline.objects.values("policy").distinct().count() == 2
    assert Company.objects.count() == 2
    assert (Article.objects.count(), Translation.objects.filter(state="published").count()) == (30, 150)
    assert Translation.objects.filter(next_state="in_review").count() == 1
    actions.flow()
    assert Envelope.objects.filter(stage="received").count() == 1
    actions.remove()
    assert (Ticket.objects.count(), Agent.objects.count(), Workplace.objects.count(), Article.objects.count()) == (0, 0, 0, 0)
    assert not search.search_ids("articles", query_terms("返品"), limit=10)
    assert not search.search_ids("messages", query_terms("the"), limit=10)


def test_it_does_not_move_into_a_real_installation_nor_remove_one(cast):
    with pytest.raises(NotAllowed):
        actions.load()
    with pytest.raises(NotAllowed):
        actions.remove()
    actions.flow()
    assert not Envelope.objects.exists()


def test_the_demo_sends_into_a_folder_until_its_mailbox_has_a_server(db, settings):
    settings.RELAY, settings.MAIL_FOLDER = "", None
    Workplace.objects.create(pk=1, name="Hoshizora", is_demo=True)
    mailbox = Mailbox(name="Support", address="support@hoshizora.example")
    assert route_of(mailbox).folder == settings.HOME / "outbox"
    mailbox.smtp_host, mailbox.smtp_security = "127.0.0.1", "none"
    assert (route_of(mailbox).folder, route_of(mailbox).host) == (None, "127.0.0.1")
    Workplace.objects.update(is_demo=False)
    mailbox.smtp_host = ""
    assert route_of(mailbox).folder is None
