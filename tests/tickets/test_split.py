"""Splitting messages off into a ticket of their own."""

import pytest

from madoguchi.foundation import search
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.foundation.models import Event
from madoguchi.foundation.search_query import query_terms
from madoguchi.tickets import actions, index
from madoguchi.tickets.models import Message, Participant
from madoguchi.tickets.reading import open_ticket

pytestmark = pytest.mark.django_db


def test_chosen_messages_become_a_new_linked_ticket(cast):
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana, priority=3)
    by = agent_actor(cast.hana)
    Participant.objects.create(ticket=ticket, address="cc@customer.example")
    note = actions.add_note(ticket_id=ticket.pk, text="Also wants an invoice", by=by)
    new = actions.split(ticket_id=ticket.pk, message_ids=[note.pk], by=by, subject=" Invoice  for March ")
    assert (new.subject, new.team, new.assignee, new.priority, new.customer) == (
        "Invoice for March", cast.orders, cast.hana, 3, cast.ruth,
    )  # fmt: skip
    assert list(new.messages.values_list("id", flat=True)) == [note.pk]
    assert new.message_count == 1
    ticket.refresh_from_db()
    assert (ticket.message_count, ticket.last_message_id) == (1, ticket.messages.get().pk)
    assert [p.address for p in new.participants.all()] == ["cc@customer.example"]
    page = open_ticket(cast.hana, new.pk)
    assert [link.ticket.pk for link in page.links] == [ticket.pk]
    assert page.history[0].text == f"Made from messages of ticket #{ticket.pk}"
    assert Event.objects.filter(name="tickets.TicketSplit", payload__new_id=new.pk).exists()
    assert Event.objects.filter(name="tickets.TicketCreated", ticket_id=new.pk).exists()


def test_the_new_subject_can_be_searched(cast):
    ticket, by = cast.ticket(), agent_actor(cast.hana)
    note = actions.add_note(ticket_id=ticket.pk, text="x", by=by)
    index.put_messages(list(Message.objects.values_list("pk", flat=True)))
    actions.split(ticket_id=ticket.pk, message_ids=[note.pk], by=by, subject="Zanzibar")
    assert search.search_ids("messages", query_terms("Zanzibar"), limit=5) == [note.pk]


def test_a_ticket_is_never_left_empty(cast):
    ticket, by = cast.ticket(), agent_actor(cast.hana)
    first = ticket.messages.get()
    foreign = cast.ticket().messages.get()
    for chosen in ([first.pk], [], [foreign.pk], [first.pk, foreign.pk]):
        with pytest.raises(Invalid):
            actions.split(ticket_id=ticket.pk, message_ids=chosen, by=by)
