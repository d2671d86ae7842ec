"""Macros: writing them, and applying one to a ticket."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotAllowed, NotFound
from madoguchi.staff.models import Agent, Team
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Ticket
from madoguchi.tickets.queries import ticket_for

from .. import queries
from ..models import Do, Macro
from .checking import checked_actions, checked_name
from .doing import Doer, carry_out

NEEDS = {
    Do.REPLY: Permission.TICKET_REPLY, Do.NOTE: Permission.TICKET_NOTE, Do.ASSIGN_AGENT: Permission.TICKET_ASSIGN,
    Do.ASSIGN_TEAM: Permission.TICKET_ASSIGN,
}  # fmt: skip


@transaction.atomic
def save_macro(
    *, by: Actor, name: str, actions: Sequence[Any], owner_id: int | None = None, team_id: int | None = None, macro_id: int | None = None
) -> Macro:
    """Create or replace a macro. Raises Invalid, NotFound."""
    macro = Macro.objects.select_for_update().filter(pk=macro_id).first() if macro_id else Macro()
    if macro is None:
        raise NotFound
    macro.name, macro.actions = checked_name(name), checked_actions(actions, trigger=False)
    macro.owner_id, macro.team_id = owner_id, None if owner_id else team_id
    if macro.team_id is not None and not Team.objects.filter(pk=macro.team_id).exists():
        raise Invalid(fields={"team": _("This team does not exist any more. Choose another one.")})
    macro.save()
    detail = {"name": macro.name, "owner": owner_id, "team": macro.team_id, "actions": macro.actions}
    audit.record("automation.save_macro", by=by, subject=f"macro:{macro.pk}", detail=detail)
    return macro


@transaction.atomic
def delete_macro(*, macro_id: int, by: Actor) -> None:
    macro = Macro.objects.filter(pk=macro_id).first()
    if macro is None:
        raise NotFound
    macro.delete()
    audit.record("automation.delete_macro", by=by, subject=f"macro:{macro_id}", detail={"name": macro.name})


@transaction.atomic
def apply_macro(*, macro_id: int, ticket_id: int, by: Actor) -> Ticket:
    """Take all of the macro's actions on the ticket, or none: the first that is refused takes the others back.

    The agent behind `by` needs the permission for each action. Raises NotFound, NotAllowed, Conflict, Invalid.
    """
    agent = Agent.objects.select_related("role").filter(pk=by.agent_id).first() if by.agent_id else None
    if agent is None:
        raise NotAllowed
    macro = queries.macro_for(agent, macro_id)
    ticket = ticket_for(agent, ticket_id)
    for action in macro.actions:
        if not agent.may(NEEDS.get(Do(action["do"]), Permission.TICKET_EDIT)):
            raise NotAllowed
    for action in macro.actions:
        carry_out(action, ticket_id=ticket.pk, doer=Doer(by, agent=agent, title=macro.name))
    ticket.refresh_from_db()
    return ticket
