"""One change to many chosen tickets."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import Invalid, NotAllowed
from madoguchi.staff.models import Agent, Team
from madoguchi.staff.permissions import Permission

from ..models import Ticket
from ..queries import tickets_visible_to
from .changing import KEEP, assign, set_field, set_status, tag, untag, unwatch, watch
from .closing import mark_spam
from .desk import mark_read, mark_unread
from .undoing import Applied, apply_to_each

MOST = 500
CHANGES: dict[str, Permission] = {
    "status": Permission.TICKET_EDIT,
    "priority": Permission.TICKET_EDIT,
    "kind": Permission.TICKET_EDIT,
    "cause": Permission.TICKET_EDIT,
    "language": Permission.TICKET_EDIT,
    "add_tags": Permission.TICKET_EDIT,
    "remove_tags": Permission.TICKET_EDIT,
    "spam": Permission.TICKET_EDIT,
    "assignee": Permission.TICKET_ASSIGN,
    "team": Permission.TICKET_ASSIGN,
    "watch": Permission.TICKET_VIEW,
    "read": Permission.TICKET_VIEW,
}


def bulk_apply(*, agent: Agent, ticket_ids: Sequence[int], change: Mapping[str, object]) -> Applied:
    """Do the same to every chosen ticket that the agent may see.

    `change`: any of status, priority, kind, cause, language (codes), assignee (agent id, "me" or None), team (id or None), add_tags,
    remove_tags (names), spam, watch, read (booleans). A ticket that refuses (a closed one, say) is told in `failed`; the others change.
    Raises Invalid for unknown changes or more than 500 tickets, NotAllowed when the role does not allow one of them.
    """
    if not ticket_ids or not change or not set(change) <= set(CHANGES):
        raise Invalid(_("Choose tickets and what to do with them."))
    if len(set(ticket_ids)) > MOST:
        raise Invalid(_("These are too many tickets at once. Choose at most {most}.").format(most=MOST))
    if not all(agent.may(CHANGES[name]) for name in change):
        raise NotAllowed
    by = agent_actor(agent)
    given = _looked_up(agent, change)
    ids = list(tickets_visible_to(agent).filter(pk__in=ticket_ids).values_list("id", flat=True))
    label = ngettext("{count} ticket changed", "{count} tickets changed", len(ids)).format(count=len(ids))
    return apply_to_each(ids, lambda ticket_id: _change(ticket_id, given, agent, by), by=by, label=label)


def _looked_up(agent: Agent, change: Mapping[str, object]) -> dict[str, Any]:
    """Ids become rows once, not once a ticket. Raises Invalid for those that do not exist."""
    given: dict[str, Any] = dict(change)
    wrong = Invalid(_("This team or person does not exist any more. Choose another one."))
    try:
        if given.get("assignee") == "me":
            given["assignee"] = agent
        elif given.get("assignee") is not None:
            given["assignee"] = Agent.objects.get(pk=given["assignee"], is_active=True)
        if given.get("team") is not None:
            given["team"] = Team.objects.get(pk=given["team"])
    except (Agent.DoesNotExist, Team.DoesNotExist, ValueError, TypeError) as error:
        raise wrong from error
    return given


def _change(ticket_id: int, given: Mapping[str, Any], agent: Agent, by: Actor) -> None:
    if "assignee" in given or "team" in given:
        assign(ticket_id=ticket_id, by=by, assignee=given.get("assignee", KEEP), team=given.get("team", KEEP))
    for name in ("priority", "kind", "cause", "language"):
        if name in given:
            set_field(ticket_id=ticket_id, field=name, value=given[name], by=by)
    for verb, name in ((tag, "add_tags"), (untag, "remove_tags")):
        if name in given:
            verb(ticket_id=ticket_id, names=[str(one) for one in given[name]], by=by)
    if "spam" in given:
        mark_spam(ticket_id=ticket_id, spam=bool(given["spam"]), by=by)
    _personal(ticket_id, given, agent)
    if "status" in given:
        set_status(ticket_id=ticket_id, status=str(given["status"]), by=by)


def _personal(ticket_id: int, given: Mapping[str, Any], agent: Agent) -> None:
    """What concerns only the one who asks; it is not part of the ticket's history and not undone."""
    if "watch" in given:
        (watch if given["watch"] else unwatch)(ticket_id=ticket_id, agent=agent)
    if given.get("read"):
        newest = Ticket.objects.values_list("last_message_id", flat=True).get(pk=ticket_id)
        mark_read(ticket_id=ticket_id, agent=agent, message_id=newest)
    elif "read" in given:
        mark_unread(ticket_id=ticket_id, agent=agent)
