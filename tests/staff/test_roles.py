"""Nobody hands out more than they have, and there is always an administrator."""

import pytest

from madoguchi.foundation import jobs
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.foundation.models import AuditEntry, Event
from madoguchi.staff import actions
from madoguchi.staff.models import Agent, Role

STAFF_MANAGER = ["ticket.view", "manage.staff"]


@pytest.fixture
def manager(cast):
    """Somebody who manages people but may do little else, in her teams only."""
    role = actions.create_role(name="People", granted=STAFF_MANAGER, scope="teams", require_mfa=False, by=SYSTEM)
    Agent.objects.filter(pk=cast.hana.pk).update(role=role)
    cast.hana.refresh_from_db()
    return agent_actor(cast.hana)


def _move(agent, role, by):
    actions.change_agent(
        agent=agent, name=agent.name, role=role, teams=agent.teams.all(), skills=[], languages=[], capacity=agent.capacity, by=by
    )


def test_a_manager_cannot_make_a_role_with_more_than_her_own_permissions(manager):
    with pytest.raises(NotAllowed):
        actions.create_role(name="Spy", granted=["ticket.view", "audit.read"], scope="own", require_mfa=False, by=manager)
    with pytest.raises(NotAllowed):
        actions.create_role(name="Wide", granted=["ticket.view"], scope="all", require_mfa=False, by=manager)
    assert actions.create_role(name="Looker", granted=["ticket.view"], scope="own", require_mfa=False, by=manager).pk


def test_a_manager_can_neither_promote_nor_touch_an_administrator(manager, cast):
    admin_role = Role.objects.get(name="Administrator")
    with pytest.raises(NotAllowed):
        _move(cast.kenji, admin_role, manager)
    with pytest.raises(NotAllowed):
        _move(cast.admin, Role.objects.get(name="People"), manager)
    with pytest.raises(NotAllowed):
        actions.deactivate_agent(agent=cast.admin, by=manager)
    with pytest.raises(NotAllowed):
        actions.change_role(role=admin_role, name="", granted=[], scope="own", require_mfa=False, by=manager)
    with pytest.raises(NotAllowed):
        actions.create_token(agent=cast.admin, name="mine now", by=manager)
    with pytest.raises(NotAllowed):
        actions.invite(email="new@hoshizora.example", name="", role=admin_role, teams=[], language="en", by=manager)


def test_the_last_administrator_stays(cast):
    by = agent_actor(cast.admin)
    observer = Role.objects.get(name="Observer")
    with pytest.raises(Conflict):
        actions.deactivate_agent(agent=cast.admin, by=by)
    with pytest.raises(Conflict):
        _move(cast.admin, observer, by)
    _move(cast.supervisor, Role.objects.get(name="Administrator"), by)
    _move(cast.admin, observer, by)
    cast.admin.refresh_from_db()
    assert cast.admin.role == observer


def test_the_administrators_role_always_allows_everything(cast):
    role = Role.objects.get(name="Administrator")
    actions.change_role(role=role, name="Nobody", granted=[], scope="own", require_mfa=True, by=agent_actor(cast.admin))
    role.refresh_from_db()
    assert role.name == "Administrator"
    assert role.scope == "all"
    assert role.require_mfa
    Role.objects.filter(pk=role.pk).update(permissions=[])
    cast.admin.refresh_from_db()
    assert Agent.objects.get(pk=cast.admin.pk).may("operate")


def test_builtin_roles_and_roles_in_use_cannot_be_deleted(cast):
    by = agent_actor(cast.admin)
    with pytest.raises(Conflict):
        actions.delete_role(role=Role.objects.get(name="Observer"), by=by)
    mine = actions.create_role(name="Mine", granted=["ticket.view"], scope="own", require_mfa=False, by=by)
    Agent.objects.filter(pk=cast.kenji.pk).update(role=mine)
    with pytest.raises(Conflict):
        actions.delete_role(role=mine, by=by)
    Agent.objects.filter(pk=cast.kenji.pk).update(role=Role.objects.get(name="Agent"))
    actions.delete_role(role=mine, by=by)
    assert not Role.objects.filter(name="Mine").exists()


def test_two_roles_cannot_have_one_name_and_permissions_come_from_the_list(cast):
    by = agent_actor(cast.admin)
    with pytest.raises(Conflict):
        actions.create_role(name="Observer", granted=[], scope="own", require_mfa=False, by=by)
    with pytest.raises(Invalid):
        actions.create_role(name="Odd", granted=["ticket.fly"], scope="own", require_mfa=False, by=by)


def test_what_changed_is_in_the_audit_log_with_old_and_new(cast):
    actions.change_agent(
        agent=cast.kenji, name="Kenji Abe", role=Role.objects.get(name="Observer"), teams=[cast.orders], skills=[], languages=["de"],
        capacity=3, by=agent_actor(cast.admin),
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="staff.change")
    assert entry.actor_name == "Aki Admin"
    assert entry.subject == f"agent:{cast.kenji.pk}"
    assert entry.detail["role"] == ["Agent", "Observer"]
    assert entry.detail["teams"] == [["Repairs"], ["Orders"]]
    assert entry.detail["capacity"] == [12, 3]
    assert "name" not in entry.detail


def test_deactivating_ends_tokens_and_tells_the_rest_of_the_house(cast):
    actions.create_token(agent=cast.kenji, name="script", by=agent_actor(cast.admin))
    actions.deactivate_agent(agent=cast.kenji, by=agent_actor(cast.admin))
    cast.kenji.refresh_from_db()
    assert not cast.kenji.is_active
    assert cast.kenji.tokens.count() == 0
    assert Event.objects.filter(name="staff.AgentDeactivated", payload__agent_id=cast.kenji.pk).count() == 1
    actions.deactivate_agent(agent=cast.kenji, by=agent_actor(cast.admin))
    assert Event.objects.filter(name="staff.AgentDeactivated").count() == 1
    assert not cast.kenji.may("ticket.view")


def test_open_tickets_of_a_deactivated_agent_go_back_to_their_team(cast):
    mine, done = cast.ticket(team=cast.repairs, assignee=cast.kenji), cast.ticket(team=cast.repairs, assignee=cast.kenji, unsolved=False)
    actions.deactivate_agent(agent=cast.kenji, by=agent_actor(cast.admin))
    jobs.run_until_empty()
    mine.refresh_from_db()
    done.refresh_from_db()
    assert (mine.assignee, mine.team) == (None, cast.repairs)
    assert done.assignee == cast.kenji


def test_deactivating_says_what_happens_to_open_tickets(client, cast):
    for _ in range(3):
        cast.ticket(team=cast.repairs, assignee=cast.kenji)
    cast.ticket(assignee=cast.kenji)
    cast.ticket(team=cast.repairs, assignee=cast.kenji, unsolved=False)
    client.force_login(cast.admin)
    page = client.get(f"/settings/staff/agents/{cast.kenji.pk}/deactivate/").content.decode()
    assert "3 open tickets go back to Repairs" in page
    assert "1 open ticket without a team has nobody then" in page


def test_the_history_says_that_the_agent_has_the_ticket_no_longer(cast):
    ticket = cast.ticket(team=cast.repairs, assignee=cast.kenji)
    actions.deactivate_agent(agent=cast.kenji, by=agent_actor(cast.admin))
    jobs.run_until_empty()
    change = ticket.changes.get()
    assert (change.field, change.old, change.new, change.actor_name) == ("assignee", cast.kenji.pk, None, "Routing")
