"""One change to many tickets, and taking it back."""

from datetime import timedelta

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from madoguchi.tickets import actions
from madoguchi.tickets.listing import inbox_page
from madoguchi.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def state(ticket):
    ticket.refresh_from_db()
    tags = sorted(ticket.tags.values_list("name", flat=True))
    return ticket.status, ticket.priority, ticket.team_id, ticket.assignee_id, ticket.is_spam, ticket.unsolved, ticket.solved_at, tags


def test_everything_changes_at_once_and_undo_gives_it_back(cast):
    tickets = [cast.ticket(team=cast.orders), cast.ticket(assignee=cast.kenji, priority=4), cast.ticket()]
    before = [state(ticket) for ticket in tickets]
    done = actions.bulk_apply(
        agent=cast.supervisor, ticket_ids=[ticket.pk for ticket in tickets],
        change={"status": "solved", "priority": 3, "team": cast.repairs.pk, "assignee": "me", "add_tags": ["batch"], "kind": "request"},
    )  # fmt: skip
    assert (sorted(done.changed), done.failed) == ([ticket.pk for ticket in tickets], {})
    assert {state(ticket)[:4] for ticket in tickets} == {("solved", 3, cast.repairs.pk, cast.supervisor.pk)}
    undone = actions.undo(token=done.token, by=agent_actor(cast.supervisor))
    assert [state(ticket) for ticket in tickets] == before
    assert undone.kept == 0
    assert inbox_page(cast.supervisor, view="open").rows


def test_what_somebody_changed_since_stays(cast):
    first, second = cast.ticket(), cast.ticket()
    done = actions.bulk_apply(agent=cast.supervisor, ticket_ids=[first.pk, second.pk], change={"priority": 4})
    actions.set_field(ticket_id=second.pk, field="priority", value=1, by=agent_actor(cast.kenji))
    undone = actions.undo(token=done.token, by=agent_actor(cast.supervisor))
    assert (state(first)[1], state(second)[1]) == (2, 1)
    assert (undone.restored, undone.kept, undone.tickets) == (1, 1, [first.pk])


def test_tickets_that_refuse_are_named_and_the_others_change(cast):
    closed, fine = cast.ticket(status="closed"), cast.ticket()
    done = actions.bulk_apply(agent=cast.supervisor, ticket_ids=[closed.pk, fine.pk], change={"status": "open", "priority": 4})
    assert done.changed == [fine.pk]
    assert list(done.failed) == [closed.pk]
    assert state(closed)[1] == 2


def test_tickets_the_agent_may_not_see_are_left_alone(cast):
    hidden = cast.ticket(team=cast.repairs)
    done = actions.bulk_apply(agent=cast.hana, ticket_ids=[hidden.pk], change={"priority": 4})
    assert (done.changed, done.token) == ([], "")
    assert state(hidden)[1] == 2


def test_a_role_needs_the_permission_for_each_change(cast):
    ticket = cast.ticket(team=cast.orders)
    with pytest.raises(NotAllowed):
        actions.bulk_apply(agent=cast.observer, ticket_ids=[ticket.pk], change={"watch": True, "status": "open"})
    assert actions.bulk_apply(agent=cast.observer, ticket_ids=[ticket.pk], change={"watch": True, "read": True}).changed == [ticket.pk]
    assert not inbox_page(cast.observer, view="watching").rows[0].unread


@pytest.mark.parametrize("change", [{}, {"colour": "red"}, {"assignee": 99999}, {"assignee": "nobody"}, {"team": [1]}])
def test_nonsense_is_refused_before_anything_changes(cast, change):
    with pytest.raises(Invalid):
        actions.bulk_apply(agent=cast.supervisor, ticket_ids=[cast.ticket().pk], change=change)
    with pytest.raises(Invalid):
        actions.bulk_apply(agent=cast.supervisor, ticket_ids=list(range(1, 600)), change={"priority": 1})


def test_a_token_works_once_for_its_owner_and_for_an_hour(cast):
    ticket = cast.ticket()
    token = actions.bulk_apply(agent=cast.supervisor, ticket_ids=[ticket.pk], change={"spam": True}).token
    with pytest.raises(NotFound):
        actions.undo(token=token, by=agent_actor(cast.admin))
    with clock.frozen(clock.now() + timedelta(hours=2)), pytest.raises(Conflict):
        actions.undo(token=token, by=agent_actor(cast.supervisor))
    actions.undo(token=token, by=agent_actor(cast.supervisor))
    assert Ticket.objects.get().is_spam is False
    with pytest.raises(NotFound):
        actions.undo(token=token, by=agent_actor(cast.supervisor))
