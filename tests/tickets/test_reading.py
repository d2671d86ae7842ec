"""The page of one ticket: all that stands on it, in few statements, and nothing the agent may not see."""

from datetime import timedelta

import pytest
from django.utils import translation

from madoguchi.foundation import clock, search
from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import NotFound
from madoguchi.tickets import actions
from madoguchi.tickets.models import CustomField, Link, Message, Participant, Task, Ticket, Viewing
from madoguchi.tickets.reading import earlier_messages, open_ticket, related_tickets, viewers_of

pytestmark = pytest.mark.django_db


def test_another_teams_ticket_does_not_exist_for_the_agent(cast):
    with pytest.raises(NotFound):
        open_ticket(cast.hana, cast.ticket(team=cast.repairs).pk)
    with pytest.raises(NotFound):
        open_ticket(cast.hana, 123456)


def test_the_page_gathers_what_hangs_off_the_ticket(cast):
    ticket, other = cast.ticket(team=cast.orders, custom={"order": "HZ1"}), cast.ticket(subject="Another matter")
    by = agent_actor(cast.hana)
    actions.tag(ticket_id=ticket.pk, names=["late"], by=by)
    actions.watch(ticket_id=ticket.pk, agent=cast.kenji)
    actions.add_note(ticket_id=ticket.pk, text="Look into it", by=by)
    now = clock.now()
    Viewing.objects.create(ticket=ticket, agent=cast.kenji, typing=True, seen_at=now)
    Participant.objects.create(ticket=ticket, address="cc@customer.example", name="A Colleague")
    Task.objects.create(ticket=ticket, title="Call the carrier", created_at=now)
    Link.objects.create(ticket=other, other=ticket, kind="causes", created_at=now)
    CustomField.objects.create(key="order", label={"en": "Order number", "ja": "注文番号"})
    page = open_ticket(cast.hana, ticket.pk)
    assert [message.direction for message in page.messages] == ["in", "note"]
    assert page.tags == ["late"]
    assert [(p.name, p.typing) for p in page.viewers] == [("Kenji Abe", True)]
    assert [p.name for p in page.watchers] == ["Kenji Abe"]
    assert [p.address for p in page.participants] == ["cc@customer.example"]
    assert [task.title for task in page.tasks] == ["Call the carrier"]
    assert [(link.kind, link.ticket.pk) for link in page.links] == [("caused_by", other.pk)]
    assert [one.pk for one in related_tickets(cast.hana, ticket.pk)[1]] == [other.pk]
    assert [(value.label, value.value) for value in page.custom] == [("Order number", "HZ1")]
    assert page.last_message_id == page.messages[-1].pk
    assert page.first_unread_id == page.messages[0].pk
    assert [bool(step.message) for step in page.timeline] == [True, False, True]


def test_linked_and_other_tickets_stay_hidden_where_the_role_does_not_see_them(cast):
    ticket, hidden = cast.ticket(team=cast.orders), cast.ticket(team=cast.repairs)
    Link.objects.create(ticket=ticket, other=hidden, created_at=clock.now())
    Ticket.objects.filter(pk=hidden.pk).update(merged_into=ticket)
    page = open_ticket(cast.hana, ticket.pk)
    assert (page.links, page.merged) == ([], [])
    assert related_tickets(cast.hana, ticket.pk)[1:] == ([], [])
    with pytest.raises(NotFound):
        related_tickets(cast.hana, hidden.pk)
    assert len(open_ticket(cast.supervisor, ticket.pk).links) == 1


def test_notes_are_for_roles_that_may_read_them(cast):
    ticket = cast.ticket(team=cast.orders)
    actions.add_note(ticket_id=ticket.pk, text="Careful", by=agent_actor(cast.hana))
    assert [m.direction for m in open_ticket(cast.observer, ticket.pk).messages] == ["in"]


def test_history_speaks_in_labels_and_names(cast):
    ticket, by = cast.ticket(), agent_actor(cast.hana)
    actions.set_status(ticket_id=ticket.pk, status="open", by=by)
    actions.set_field(ticket_id=ticket.pk, field="priority", value=4, by=by)
    actions.assign(ticket_id=ticket.pk, by=by, assignee=cast.kenji, team=cast.repairs)
    actions.tag(ticket_id=ticket.pk, names=["late", "VIP"], by=by)
    actions.untag(ticket_id=ticket.pk, names=["late"], by=by)
    CustomField.objects.create(key="paid", label={"en": "Paid"}, type="check")
    actions.set_field(ticket_id=ticket.pk, field="custom", value={"paid": True}, by=by)
    lines = open_ticket(cast.supervisor, ticket.pk).history
    assert [line.text for line in lines] == [
        "Status: New → Open", "Priority: Normal → Urgent", "Team: none → Repairs", "Assignee: none → Kenji Abe",
        "Tags added: VIP, late", "Tags removed: late", "Paid: none → yes",
    ]  # fmt: skip
    assert {line.who for line in lines} == {"Hana Mori"}
    with translation.override("de"):
        open_ticket(cast.supervisor, ticket.pk)


def test_a_similar_ticket_of_the_same_customer_is_a_likely_duplicate(cast):
    first = cast.ticket(subject="Mixer arrived broken", text="The mixer arrived broken yesterday.")
    again = cast.ticket(subject="My mixer arrived broken!", text="Hello? The mixer arrived broken.")
    cast.ticket(subject="Invoice for March", text="I need an invoice.")
    found = related_tickets(cast.supervisor, again.pk)[2]
    assert [(one.ticket.pk, one.reason) for one in found] == [(first.pk, "Same customer, similar text, same day")]
    Ticket.objects.filter(pk=first.pk).update(created_at=clock.now() - timedelta(days=40))
    assert related_tickets(cast.supervisor, again.pk)[2] == []


def test_the_same_order_number_from_anybody_is_a_likely_duplicate(cast):
    first = cast.ticket(customer=cast.chinatsu, subject="届きません", text="注文番号 HZ264762 の商品がまだ届きません")
    second = cast.ticket(subject="Delivery", text="What about order HZ-264762?")
    search.index_documents("messages", [search.Document(m.pk, body=m.text) for m in Message.objects.all()])
    found = related_tickets(cast.supervisor, second.pk)[2]
    assert [(one.ticket.pk, one.reason) for one in found] == [(first.pk, "Same order number")]


def test_who_looks_is_forgotten_after_a_minute(cast):
    ticket, now = cast.ticket(), clock.now()
    Viewing.objects.create(ticket=ticket, agent=cast.kenji, seen_at=now - timedelta(seconds=59))
    assert [p.name for p in viewers_of(ticket.pk, now=now)] == ["Kenji Abe"]
    assert viewers_of(ticket.pk, now=now, besides=cast.kenji) == []
    assert viewers_of(ticket.pk, now=now + timedelta(seconds=2)) == []


def test_a_very_long_ticket_shows_its_newest_messages_first(cast):
    ticket = cast.ticket()
    Message.objects.bulk_create([Message(ticket=ticket, direction="in", text=str(n), created_at=clock.now()) for n in range(120)])
    page = open_ticket(cast.supervisor, ticket.pk)
    assert (len(page.messages), page.has_earlier, page.messages[-1].text) == (100, True, "119")
    earlier, more = earlier_messages(cast.supervisor, ticket, before_id=page.messages[0].pk)
    assert (len(earlier), more) == (21, False)


def test_a_page_with_everything_costs_at_most_fifteen_statements(cast, django_assert_max_num_queries):
    ticket = cast.ticket(team=cast.orders, subject="Order HZ264762")
    other = cast.ticket(team=cast.orders, subject="Order HZ264762")
    by = agent_actor(cast.hana)
    actions.assign(ticket_id=ticket.pk, by=by, assignee=cast.hana, team=cast.orders)
    for number in range(20):
        actions.add_note(ticket_id=ticket.pk, text=f"Note {number}", by=by)
        actions.tag(ticket_id=ticket.pk, names=[f"tag {number}"], by=by)
        actions.watch(ticket_id=ticket.pk, agent=[cast.kenji, cast.hana][number % 2])
    Link.objects.create(ticket=ticket, other=other, created_at=clock.now())
    search.index_documents("messages", [search.Document(m.pk, head=m.subject, body=m.text) for m in Message.objects.all()])
    hana = type(cast.hana).objects.select_related("role").get(pk=cast.hana.pk)
    with django_assert_max_num_queries(8):
        assert related_tickets(hana, ticket.pk)[2]
    with django_assert_max_num_queries(15):
        page = open_ticket(hana, ticket.pk)
        for message in page.messages:
            list(message.attachments.all())
        assert page.ticket.customer.company is None
        assert page.timeline


def test_the_history_names_a_trigger_without_its_number(cast):
    ticket = cast.ticket(team=cast.orders)
    actions.set_field(ticket_id=ticket.pk, field="priority", value=4, by=Actor("bot", 1, "trigger:7 Late parcels"))
    assert open_ticket(cast.supervisor, ticket.pk).history[-1].who == "Late parcels"
