"""Writes of the desk itself: what a bulk menu means, read notices, presence. Tickets change only through their own actions."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid, NotAllowed
from madoguchi.staff.models import Agent, Notice
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.queries import tickets_visible_to


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else 0  # noqa: PLR2004


def change_of(action: str, value: str) -> dict[str, object]:
    """The change that a menu's entry (`assign:7`, `status:solved`) stands for, as `tickets.bulk_apply` takes it."""
    match action:
        case "assign":
            return {"assignee": "me" if value == "me" else _number(value) if value else None}
        case "team":
            return {"team": _number(value) if value else None}
        case "status":
            return {"status": value}
        case "priority":
            return {"priority": _number(value)}
        case "tag":
            if not value.strip():
                raise Invalid(_("Name the tag."))
            return {"add_tags": [value]}
        case "spam":
            return {"spam": value != "no"}
    raise Invalid(_("This action is not known. Reload the page."))


def apply(*, agent: Agent, ids: list[int], action: str, value: str) -> tuple[str, str]:
    """Change many tickets; what to tell, and the token that undoes it."""
    done = tickets.bulk_apply(agent=agent, ticket_ids=ids, change=change_of(action, value))
    count = len(done.changed)
    text = ngettext("{n} ticket changed", "{n} tickets changed", count).format(n=count)
    if done.failed:
        text = _("{done}. {n} stayed as they were: {reason}").format(done=text, n=len(done.failed), reason=next(iter(done.failed.values())))
    return text, done.token


@transaction.atomic
def merge_all(*, agent: Agent, ids: list[int]) -> tuple[str, str]:
    """Merge the chosen tickets into the oldest; what to tell, and the merged ids as text."""
    if not agent.may(Permission.TICKET_MERGE):
        raise NotAllowed
    found = list(tickets_visible_to(agent).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    if len(found) < 2:  # noqa: PLR2004
        raise Invalid(_("Select at least two tickets to merge."))
    kept, *others = found
    for other in others:
        tickets.merge(ticket_id=kept, other_id=other, by=agent_actor(agent))
    text = ngettext("{n} ticket merged into #{kept}", "{n} tickets merged into #{kept}", len(others)).format(n=len(others), kept=kept)
    return text, ",".join(map(str, others))


@transaction.atomic
def unmerge_all(*, agent: Agent, ids: list[int]) -> None:
    for merged in reversed(ids):
        tickets.unmerge(ticket_id=merged, by=agent_actor(agent))


def read_notices(*, agent: Agent, ids: Iterable[int] | None = None) -> None:
    """Mark notices as read: all, or those given."""
    unread = Notice.objects.filter(agent=agent, read_at=None)
    (unread if ids is None else unread.filter(pk__in=list(ids))).update(read_at=clock.now())
