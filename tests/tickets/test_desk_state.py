"""Drafts, reading marks and presence."""

import pytest

from madoguchi.foundation.models import Event
from madoguchi.tickets import actions
from madoguchi.tickets.models import Draft, Reading, Viewing


def save(ticket, agent, body, version=0, kind="reply", **fields):
    return actions.save_draft(ticket_id=ticket.pk, agent=agent, kind=kind, body=body, fields=fields, version=version)


def test_a_draft_is_kept_per_agent_and_kind(cast):
    ticket = cast.ticket()
    save(ticket, cast.hana, "Dear Ruth")
    save(ticket, cast.hana, "ask the warehouse", kind="note")
    save(ticket, cast.kenji, "Hello")
    assert sorted(Draft.objects.filter(agent=cast.hana).values_list("kind", "body")) == [
        ("note", "ask the warehouse"),
        ("reply", "Dear Ruth"),
    ]


def test_a_second_device_does_not_overwrite_a_newer_draft(cast):
    ticket = cast.ticket()
    first = save(ticket, cast.hana, "from the desk")
    save(ticket, cast.hana, "from the desk, longer", version=first.version)
    with pytest.raises(actions.NewerDraft) as caught:
        save(ticket, cast.hana, "from the phone", version=first.version)
    assert caught.value.draft.body == "from the desk, longer"
    assert Draft.objects.get().body == "from the desk, longer"


def test_an_emptied_draft_is_gone(cast):
    ticket = cast.ticket()
    draft = save(ticket, cast.hana, "x")
    assert save(ticket, cast.hana, "  ", version=draft.version) is None
    assert not Draft.objects.exists()


def test_reading_never_goes_back_by_itself(cast):
    ticket = cast.ticket()
    actions.mark_read(ticket_id=ticket.pk, agent=cast.hana, message_id=7)
    actions.mark_read(ticket_id=ticket.pk, agent=cast.hana, message_id=5)
    assert Reading.objects.get().last_message_id == 7
    actions.mark_unread(ticket_id=ticket.pk, agent=cast.hana)
    assert Reading.objects.get().last_message_id == 0


def test_others_hear_of_presence_only_when_it_changes(cast):
    ticket = cast.ticket(team=cast.orders)
    for state in ("viewing", "viewing", "typing", "typing", "gone", "gone"):
        actions.show_presence(ticket=ticket, agent=cast.hana, state=state)
    told = Event.objects.filter(name="tickets.PresenceChanged").order_by("id").values_list("payload__state", flat=True)
    assert list(told) == ["viewing", "typing", "gone"]
    assert not Viewing.objects.exists()
