"""Merging two tickets and taking them apart again."""

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.foundation.models import Event
from madoguchi.tickets import actions
from madoguchi.tickets.listing import inbox_page
from madoguchi.tickets.models import Draft, Message, Participant, Ticket, Watcher
from madoguchi.tickets.reading import open_ticket

pytestmark = pytest.mark.django_db


def snapshot(ticket):
    """Everything that a merge may touch, as plain values."""
    ticket.refresh_from_db()
    return {
        "messages": list(ticket.messages.order_by("id").values_list("id", flat=True)),
        "tags": sorted(ticket.tags.values_list("name", flat=True)),
        "watchers": sorted(ticket.watchers.values_list("agent_id", flat=True)),
        "participants": sorted(ticket.participants.values_list("address", flat=True)),
        "tasks": sorted(ticket.tasks.values_list("id", flat=True)),
        "drafts": sorted(ticket.drafts.values_list("id", flat=True)),
        "columns": (ticket.status, ticket.unsolved, ticket.message_count, ticket.last_message_id, ticket.preview, ticket.merged_into_id),
    }


@pytest.fixture
def pair(cast):
    by = agent_actor(cast.hana)
    kept = cast.ticket(subject="Mixer", text="Where is my mixer?")
    other = cast.ticket(subject="Mixer again", text="Hello? The mixer!", customer=cast.chinatsu)
    for ticket, name in ((kept, "late"), (other, "angry")):
        actions.tag(ticket_id=ticket.pk, names=[name, "mixer"], by=by)
    actions.watch(ticket_id=kept.pk, agent=cast.hana)
    actions.watch(ticket_id=other.pk, agent=cast.hana)
    actions.watch(ticket_id=other.pk, agent=cast.kenji)
    Participant.objects.create(ticket=other, address="cc@customer.example")
    actions.add_task(ticket_id=other.pk, title="Call", by=by)
    actions.add_note(ticket_id=other.pk, text="She called too", by=by)
    Draft.objects.create(ticket=other, agent=cast.kenji, body="Dear", updated_at=clock.now())
    return kept, other


def test_everything_moves_and_nothing_is_doubled(cast, pair):
    kept, other = pair
    actions.merge(ticket_id=kept.pk, other_id=other.pk, by=agent_actor(cast.hana))
    now = snapshot(kept)
    assert now["tags"] == ["angry", "late", "mixer"]
    assert now["watchers"] == sorted([cast.hana.pk, cast.kenji.pk])
    assert now["participants"] == ["cc@customer.example", "chinatsu@customer.example"]
    assert (len(now["messages"]), len(now["tasks"]), len(now["drafts"])) == (3, 1, 1)
    assert now["columns"][2:5] == (3, now["messages"][-1], "Hello? The mixer!")
    other.refresh_from_db()
    assert (other.merged_into_id, other.unsolved, other.messages.count()) == (kept.pk, False, 0)
    assert Event.objects.filter(name="tickets.TicketsMerged", ticket_id=kept.pk, payload__merged_id=other.pk).count() == 1


def test_a_merged_ticket_leaves_the_lists_and_shows_where_it_went(cast, pair):
    kept, other = pair
    actions.merge(ticket_id=kept.pk, other_id=other.pk, by=agent_actor(cast.hana))
    assert [row.id for row in inbox_page(cast.supervisor, view="open").rows] == [kept.pk]
    page = open_ticket(cast.supervisor, other.pk)
    assert page.merged_into.pk == kept.pk
    assert page.history[-1].text == f"Merged into ticket #{kept.pk}"
    there = open_ticket(cast.supervisor, kept.pk)
    assert [one.pk for one in there.merged] == [other.pk]
    assert f"Ticket #{other.pk} was merged into this one" in [line.text for line in there.history]


def test_unmerge_gives_everything_back(cast, pair):
    kept, other = pair
    before = snapshot(kept), snapshot(other)
    actions.merge(ticket_id=kept.pk, other_id=other.pk, by=agent_actor(cast.hana))
    actions.unmerge(ticket_id=other.pk, by=agent_actor(cast.hana))
    assert (snapshot(kept), snapshot(other)) == before


def test_what_came_in_between_stays_with_the_kept_ticket(cast, pair):
    kept, other = pair
    mine = set(snapshot(other)["messages"])
    by = agent_actor(cast.hana)
    actions.merge(ticket_id=kept.pk, other_id=other.pk, by=by)
    later = actions.add_note(ticket_id=kept.pk, text="One more", by=by)
    actions.unmerge(ticket_id=other.pk, by=by)
    assert set(snapshot(other)["messages"]) == mine
    assert later.pk in snapshot(kept)["messages"]


def test_a_chain_comes_apart_in_reverse_only(cast, pair):
    kept, other = pair
    third, by = cast.ticket(), agent_actor(cast.hana)
    actions.merge(ticket_id=kept.pk, other_id=other.pk, by=by)
    actions.merge(ticket_id=third.pk, other_id=kept.pk, by=by)
    with pytest.raises(Conflict):
        actions.unmerge(ticket_id=other.pk, by=by)
    actions.unmerge(ticket_id=kept.pk, by=by)
    actions.unmerge(ticket_id=other.pk, by=by)
    assert snapshot(third)["columns"][2] == 1
    assert Message.objects.filter(ticket=other).count() == 2


def test_nonsense_is_refused(cast, pair):
    kept, other = pair
    by = agent_actor(cast.hana)
    with pytest.raises(Invalid):
        actions.merge(ticket_id=kept.pk, other_id=kept.pk, by=by)
    with pytest.raises(Conflict):
        actions.unmerge(ticket_id=kept.pk, by=by)
    actions.merge(ticket_id=kept.pk, other_id=other.pk, by=by)
    with pytest.raises(Conflict):
        actions.merge(ticket_id=kept.pk, other_id=other.pk, by=by)
    with pytest.raises(Conflict):
        actions.merge(ticket_id=other.pk, other_id=kept.pk, by=by)
    closed = cast.ticket(status="closed")
    with pytest.raises(Conflict):
        actions.merge(ticket_id=closed.pk, other_id=kept.pk, by=by)


def test_an_open_matter_merged_into_a_solved_ticket_opens_it(cast):
    solved, fresh = cast.ticket(status="solved"), cast.ticket()
    Ticket.objects.filter(pk=solved.pk).update(unsolved=False, solved_at=clock.now())
    actions.merge(ticket_id=solved.pk, other_id=fresh.pk, by=agent_actor(cast.hana))
    solved.refresh_from_db()
    assert (solved.status, solved.unsolved, solved.solved_at) == ("open", True, None)
    assert Watcher.objects.count() == 0
