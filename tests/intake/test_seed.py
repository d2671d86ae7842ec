"""`madoguchi seed`: what it makes is whole, found, in order, and the same again for the same number."""

import pytest

from madoguchi.customers.models import Customer
from madoguchi.customers.search import find_customers
from madoguchi.foundation import clock, search
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Invalid
from madoguchi.intake.seed import actions, commands
from madoguchi.intake.seed.words import LANGUAGES, Author
from madoguchi.sla import clockwork
from madoguchi.sla.models import Deadline
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import NO_DEADLINE, Message, Ticket
from madoguchi.tickets.search import search_tickets
from madoguchi.workplace import queries as workplace


@pytest.fixture
def seeded(transactional_db):
    actions.seed(tickets=1000, messages=2, number=7, say=lambda _: None)
    yield
    for shelf in search.SHELVES:
        search.clear(shelf)


@pytest.fixture
def admin(seeded):
    return Agent.objects.create_user("admin@x.example", name="A", role=staff.ensure_roles()["Administrator"])


def test_tickets_are_whole(admin):
    assert Ticket.objects.count() == 1000
    assert Message.objects.count() == 2 * 998 + 2 * 20
    assert set(Ticket.objects.values_list("language", flat=True)) == set(LANGUAGES)
    assert 350 < Ticket.objects.filter(unsolved=True).count() < 650
    for ticket in Ticket.objects.order_by("?")[:50]:
        said = list(ticket.messages.order_by("pk"))
        assert ticket.message_count == len(said)
        assert ticket.last_message_id == said[-1].pk
        assert ticket.created_at == said[0].created_at
        assert ticket.updated_at == said[-1].created_at <= clock.now()
        assert ticket.preview
        assert (ticket.solved_at is None) == ticket.unsolved
        assert ticket.assignee is None or ticket.team in ticket.assignee.teams.all()
        assert [list(pair) for pair in said[0].to] == [["", ticket.mailbox.address]]
        for message in said:
            assert message.text
            assert message.language == ticket.language
            assert (message.direction == "out") == hasattr(message, "delivery")


def test_everything_is_found(admin):
    message = Message.objects.filter(direction="in").order_by("pk")[500]
    assert search_tickets(admin, message.from_address).hits
    assert find_customers(admin, Customer.objects.earliest("pk").name)
    for typed in ("invoice", "請求書", "返", "票", "發票", "发票", "Rechnung", "Paketrücksendung", "Rücksendung", "退款"):
        assert search_tickets(admin, typed).hits, typed


def test_clocks_agree_with_their_facts(admin):
    deadlines = list(Deadline.objects.order_by("pk")[:30])
    assert deadlines
    for deadline in deadlines:
        calendars = {deadline.calendar_version_id: workplace.hours(deadline.calendar_version_id)}
        state = clockwork.replay([fact.as_fact() for fact in deadline.facts.all()], calendars)
        assert state.due_at == deadline.due_at == deadline.ticket.due_at
        assert (deadline.breached_at is None) == (deadline.due_at > clock.now())
    assert Ticket.objects.filter(status="closed").exclude(due_at=NO_DEADLINE).count() == 0


def test_life_goes_on_behind_it(admin):
    ticket = Ticket.objects.filter(status="open").latest("pk")
    note = tickets.add_note(ticket_id=ticket.pk, text="gyroskopisch", by=SYSTEM)
    assert note.pk == 2036 + 1
    assert [hit.ticket for hit in search_tickets(admin, "gyroskopisch").hits] == [ticket]
    actions.seed(tickets=5, messages=1, number=7, say=lambda _: None)
    assert Ticket.objects.count() == 1005


def test_the_same_number_gives_the_same_texts():
    one, other, third = Author(1), Author(1), Author(2)
    texts = [author.question(language) + author.answer(language) for author in (one, other, third) for language in LANGUAGES]
    assert texts[:5] == texts[5:10] != texts[10:]


@pytest.mark.parametrize(("tickets", "messages"), [(0, 2), (-1, 2), (10**9, 2), (5, 0), (5, 101)])
def test_nonsense_is_refused(tickets, messages):
    class Options:
        seed = 1

    Options.tickets, Options.messages = tickets, messages
    with pytest.raises(Invalid):
        commands.run(Options)
