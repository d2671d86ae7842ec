"""Links, tasks, own fields, saved views, spam, reopening, closing."""

from datetime import timedelta

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from madoguchi.staff.models import Notice
from madoguchi.tickets import actions
from madoguchi.tickets.listing import inbox_page
from madoguchi.tickets.models import CustomField, Link, Task, Ticket
from madoguchi.tickets.queries import custom_fields, missing_fields, saved_view_for, saved_views
from madoguchi.tickets.reading import open_ticket

pytestmark = pytest.mark.django_db


def test_linking_twice_is_linking_once(cast):
    one, two, by = cast.ticket(), cast.ticket(), agent_actor(cast.hana)
    first = actions.link(ticket_id=one.pk, other_id=two.pk, by=by)
    assert actions.link(ticket_id=two.pk, other_id=one.pk, by=by).pk == first.pk
    assert actions.link(ticket_id=two.pk, other_id=one.pk, by=by, kind="causes").pk != first.pk
    actions.unlink(link_id=first.pk, by=by)
    assert Link.objects.count() == 1
    assert open_ticket(cast.supervisor, one.pk).history[-1].text == f"Link to ticket #{two.pk} removed"
    with pytest.raises(Invalid):
        actions.link(ticket_id=one.pk, other_id=one.pk, by=by)
    with pytest.raises(NotFound):
        actions.link(ticket_id=one.pk, other_id=9999, by=by)


def test_a_task_has_a_life(cast):
    ticket, by = cast.ticket(), agent_actor(cast.hana)
    task = actions.add_task(ticket_id=ticket.pk, title=" Call  the carrier ", by=by, assignee=cast.kenji, due_at=clock.now())
    assert Notice.objects.get(kind="task").agent == cast.kenji
    actions.change_task(task_id=task.pk, by=by, title="Call them", assignee=cast.hana, due_at=None)
    actions.finish_task(task_id=task.pk, by=by)
    actions.finish_task(task_id=task.pk, by=by, done=False)
    actions.remove_task(task_id=task.pk, by=by)
    assert not Task.objects.exists()
    assert [line.text for line in open_ticket(cast.supervisor, ticket.pk).history] == [
        "Task added: Call the carrier", "Task done: Call them", "Task taken up again: Call them", "Task removed: Call them",
    ]  # fmt: skip
    with pytest.raises(Invalid):
        actions.add_task(ticket_id=ticket.pk, title="  ", by=by)
    with pytest.raises(NotFound):
        actions.finish_task(task_id=task.pk, by=by)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", " HZ1 ", "HZ1"), ("number", "12,5", 12.5), ("number", "3", 3), ("date", "2026-05-31", "2026-05-31"), ("choice", "red", "red"),
        ("check", "on", True), ("check", False, False), ("text", "  ", None),
    ],
)  # fmt: skip
def test_a_custom_value_is_kept_by_its_type(cast, kind, given, kept):
    CustomField.objects.create(key="field", type=kind, choices=["red", "blue"])
    ticket = cast.ticket(custom={"field": "old", "gone": 1})
    actions.set_custom(ticket_id=ticket.pk, values={"field": given}, by=agent_actor(cast.hana))
    ticket.refresh_from_db()
    assert ticket.custom == ({"field": kept, "gone": 1} if kept is not None else {"gone": 1})


@pytest.mark.parametrize(
    ("kind", "given"),
    [("number", "twelve"), ("number", "nan"), ("number", "1e99"), ("number", True), ("date", "31.5.2026"), ("date", "2026-13-01"), ("choice", "green"), ("choice", ["red"]),
     ("check", "perhaps"), ("text", "x" * 3000), ("text", {"a": 1})],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused_by_name(cast, kind, given):
    CustomField.objects.create(key="field", type=kind, choices=["red"])
    with pytest.raises(Invalid) as refused:
        actions.set_custom(ticket_id=cast.ticket().pk, values={"field": given, "unknown": 1}, by=agent_actor(cast.hana))
    assert set(refused.value.fields) == {"field", "unknown"}


def test_fields_are_defined_once_and_can_rest(cast):
    by = agent_actor(cast.admin)
    field = actions.save_custom_field(
        by=by, key="model", label={"en": "Model"}, type="choice", choices=["S", "L", "S"], required=True, kinds=["complaint"]
    )
    assert field.choices == ["S", "L"]
    assert [f.key for f in custom_fields(kind="complaint")] == ["model"]
    assert custom_fields(kind="praise") == []
    assert [f.key for f in missing_fields(cast.ticket(kind="complaint"))] == ["model"]
    with pytest.raises(Conflict):
        actions.save_custom_field(by=by, key="model", label={"en": "Again"})
    with pytest.raises(Conflict):
        actions.save_custom_field(by=by, field_id=field.pk, key="model", label={"en": "Model"}, type="text")
    actions.retire_custom_field(field_id=field.pk, by=by)
    assert custom_fields() == []
    with pytest.raises(Invalid) as refused:
        actions.save_custom_field(by=by, key="Größe", label={}, type="colour", target="team", kinds=["x"])
    assert set(refused.value.fields) == {"key", "label", "type", "target", "kinds"}


def test_views_are_own_shared_or_a_teams(cast):
    actions.save_view(agent=cast.hana, name="Mine", filters={"priority": ["4"]})
    for_all = actions.save_view(agent=cast.supervisor, name="All urgent", filters={"priority": [4]}, shared=True)
    actions.save_view(agent=cast.supervisor, name="Repairs", filters={"kind": "complaint"}, shared=True, team=cast.repairs)
    assert [view.name for view in saved_views(cast.hana)] == ["Mine", "All urgent"]
    assert [view.name for view in saved_views(cast.kenji)] == ["All urgent", "Repairs"]
    urgent = cast.ticket(priority=4)
    cast.ticket()
    view = saved_view_for(cast.kenji, for_all.pk)
    assert [row.id for row in inbox_page(cast.kenji, view.filters, sort=view.sort).rows] == [urgent.pk]
    with pytest.raises(NotAllowed):
        actions.save_view(agent=cast.hana, name="For all", filters={}, shared=True)
    with pytest.raises(NotAllowed):
        actions.remove_view(agent=cast.hana, view_id=for_all.pk)
    with pytest.raises(NotFound):
        actions.remove_view(agent=cast.kenji, view_id=saved_views(cast.hana)[0].pk)
    with pytest.raises(Invalid):
        actions.save_view(agent=cast.hana, name="Odd", filters={"colour": "red"})


def test_spam_leaves_the_desk_and_comes_back(cast):
    ticket, by = cast.ticket(), agent_actor(cast.supervisor)
    actions.mark_spam(ticket_id=ticket.pk, by=by)
    assert inbox_page(cast.supervisor, view="open").rows == []
    assert [row.id for row in inbox_page(cast.supervisor, view="spam").rows] == [ticket.pk]
    actions.mark_spam(ticket_id=ticket.pk, by=by, spam=False)
    assert [row.id for row in inbox_page(cast.supervisor, view="open").rows] == [ticket.pk]


def test_solved_reopens_and_closed_does_not(cast):
    ticket, by = cast.ticket(), agent_actor(cast.hana)
    actions.set_status(ticket_id=ticket.pk, status="solved", by=by)
    assert actions.reopen(ticket_id=ticket.pk, by=by).status == "open"
    with pytest.raises(Conflict):
        actions.reopen(ticket_id=cast.ticket(status="closed").pk, by=by)


def test_what_was_solved_long_ago_is_closed(cast):
    by, now = agent_actor(cast.hana), clock.now()
    old, touched, open_ = cast.ticket(), cast.ticket(), cast.ticket()
    with clock.frozen(now - timedelta(days=20)):
        for ticket in (old, touched):
            actions.set_status(ticket_id=ticket.pk, status="solved", by=by)
    Ticket.objects.filter(pk=touched.pk).update(updated_at=now)
    assert actions.close_solved() == 1
    assert [Ticket.objects.get(pk=t.pk).status for t in (old, touched, open_)] == ["closed", "solved", "new"]
    assert open_ticket(cast.supervisor, old.pk).history[-1].who == "Madoguchi"
