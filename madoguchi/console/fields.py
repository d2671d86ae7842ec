"""Setting a ticket's fields from a form: each name has one setter, which calls the ticket's own action."""

from collections.abc import Callable

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotAllowed, NotFound
from madoguchi.staff.models import Agent, Team
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Cause, Kind, Priority, Ticket

Setter = Callable[[Ticket, Agent, str, Actor], None]


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 18 else 0  # noqa: PLR2004


def _status(ticket: Ticket, _agent: Agent, value: str, by: Actor) -> None:
    tickets.set_status(ticket_id=ticket.pk, status=value, by=by)


def _priority(ticket: Ticket, _agent: Agent, value: str, by: Actor) -> None:
    if _number(value) not in Priority.values:
        raise Invalid
    tickets.set_field(ticket_id=ticket.pk, field="priority", value=_number(value), by=by)


def _choice(name: str, allowed: list[str]) -> Setter:
    def set_it(ticket: Ticket, _agent: Agent, value: str, by: Actor) -> None:
        if value and value not in allowed:
            raise Invalid
        tickets.set_field(ticket_id=ticket.pk, field=name, value=value, by=by)

    return set_it


def _assignee(ticket: Ticket, agent: Agent, value: str, by: Actor) -> None:
    if not agent.may(Permission.TICKET_ASSIGN):
        raise NotAllowed
    wanted = agent if value == "me" else Agent.objects.filter(pk=_number(value), is_active=True).first()
    if wanted is None and value:
        raise NotFound(_("This agent is not there any more. Choose another one."))
    tickets.assign(ticket_id=ticket.pk, assignee=wanted, by=by)


def _team(ticket: Ticket, agent: Agent, value: str, by: Actor) -> None:
    if not agent.may(Permission.TICKET_ASSIGN):
        raise NotAllowed
    team = Team.objects.filter(pk=_number(value)).first()
    if team is None and value:
        raise NotFound(_("This team is not there any more. Choose another one."))
    tickets.assign(ticket_id=ticket.pk, assignee=ticket.assignee, team=team, by=by)


def _subject(ticket: Ticket, _agent: Agent, value: str, by: Actor) -> None:
    tickets.set_subject(ticket_id=ticket.pk, subject=value, by=by)


def _tag(ticket: Ticket, _agent: Agent, value: str, by: Actor) -> None:
    tickets.tag(ticket_id=ticket.pk, names=[value], by=by)


def _untag(ticket: Ticket, _agent: Agent, value: str, by: Actor) -> None:
    tickets.untag(ticket_id=ticket.pk, names=[value], by=by)


def _spam(ticket: Ticket, _agent: Agent, value: str, by: Actor) -> None:
    tickets.set_field(ticket_id=ticket.pk, field="is_spam", value=value == "yes", by=by)


SETTERS: dict[str, Setter] = {
    "status": _status, "priority": _priority, "assign": _assignee, "team": _team, "subject": _subject, "tag": _tag, "untag": _untag,
    "spam": _spam, "kind": _choice("kind", Kind.values), "cause": _choice("cause", Cause.values),
    "language": _choice("language", ["en", "ja", "zh-hans", "zh-hant", "de"]),
}  # fmt: skip


def change(ticket: Ticket, agent: Agent, form: QueryDict, *, by: Actor) -> None:
    """Apply every field that the form names; `custom.<key>` for custom fields. Raises Invalid when it names none that is known."""
    known = [(name, value) for name, value in form.items() if name in SETTERS or name.startswith("custom.")]
    if "action" in form:  # a menu that serves the list and the ticket alike sends `action=assign:7`
        chosen, _colon, rest = str(form["action"]).partition(":")
        known += [(chosen, rest)] if chosen in SETTERS else []
    if not known:
        raise Invalid
    custom = {name.removeprefix("custom."): value for name, value in known if name.startswith("custom.")}
    for name, value in known:
        if name in SETTERS:
            SETTERS[name](ticket, agent, str(value), by)
    if custom:
        tickets.set_custom(ticket_id=ticket.pk, values=custom, by=by)
