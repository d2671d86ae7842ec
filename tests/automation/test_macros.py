"""Macros: one choice, several actions, all or none."""

import pytest

from madoguchi.automation import actions
from madoguchi.automation.queries import macros_for
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from madoguchi.tickets.models import Message

SOLVE = [
    {"do": "reply", "value": {"en": "Dear {customer.name}, done. {agent.name}", "ja": "完了"}},
    {"do": "set_status", "value": "solved"},
    {"do": "add_tags", "value": ["quick"]},
]


def save(**fields):
    return actions.save_macro(**{"by": SYSTEM, "name": "Solve", "actions": SOLVE, **fields})


def test_a_macro_replies_as_the_agent_and_sets_the_status(cast):
    ticket = cast.ticket(team=cast.orders)
    macro = save()
    actions.apply_macro(macro_id=macro.pk, ticket_id=ticket.pk, by=agent_actor(cast.hana))
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    sent = Message.objects.get(ticket=ticket, direction="out")
    assert (sent.text, sent.automatic, sent.agent) == ("Dear Ruth Castellan, done. Hana Mori", "", cast.hana)


def test_what_is_refused_takes_everything_back(cast):
    ticket = cast.ticket()
    macro = save(actions=[{"do": "add_tags", "value": ["x"]}, {"do": "set_status", "value": "closed"}])
    with pytest.raises(Conflict):
        actions.apply_macro(macro_id=macro.pk, ticket_id=ticket.pk, by=agent_actor(cast.hana))
    assert not ticket.tags.exists()


def test_a_reply_with_an_open_variable_is_not_sent(cast):
    ticket = cast.ticket()
    macro = save(actions=[{"do": "reply", "value": {"en": "By {due}"}}])
    with pytest.raises(Invalid):
        actions.apply_macro(macro_id=macro.pk, ticket_id=ticket.pk, by=agent_actor(cast.hana))
    assert not Message.objects.filter(direction="out").exists()


def test_ticket_macro_and_permission_are_checked(cast):
    ticket = cast.ticket(team=cast.orders)
    macro, own = save(), save(name="Own", owner_id=cast.kenji.pk)
    with pytest.raises(NotFound):
        actions.apply_macro(macro_id=macro.pk, ticket_id=ticket.pk, by=agent_actor(cast.kenji))
    with pytest.raises(NotFound):
        actions.apply_macro(macro_id=own.pk, ticket_id=ticket.pk, by=agent_actor(cast.hana))
    with pytest.raises(NotAllowed):
        actions.apply_macro(macro_id=macro.pk, ticket_id=ticket.pk, by=agent_actor(cast.observer))
    with pytest.raises(NotAllowed):
        actions.apply_macro(macro_id=macro.pk, ticket_id=ticket.pk, by=SYSTEM)
    assert [row.name for row in macros_for(cast.hana)] == ["Solve"]


def test_only_triggers_tell_people(cast):
    with pytest.raises(Invalid):
        save(actions=[{"do": "notify_lead"}])
