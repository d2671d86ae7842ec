"""Larger acts on one ticket: merge, unmerge, split, tasks."""

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.automation.actions import apply_macro
from madoguchi.automation.queries import macro_for
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Task
from madoguchi.tickets.queries import ticket_for

from ..requests import AgentRequest, answer, numbers


def _other(request: AgentRequest) -> int:
    found = numbers([request.POST.get("other", "").strip().lstrip("#＃")])
    if not found:
        raise Invalid(_("Give the number of the other ticket."))
    return ticket_for(request.user, found[0]).pk


@require_POST
@allow(Permission.TICKET_MERGE)
def merge(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """Take another ticket in; the toast offers to take it back."""
    ticket, other = ticket_for(request.user, ticket_id), _other(request)
    tickets.merge(ticket_id=ticket.pk, other_id=other, by=agent_actor(request.user))
    text = _("#{other} merged into #{kept}").format(other=other, kept=ticket.pk)
    return answer(request, text, undo=str(other), undo_url="/unmerge", event="ticket:changed", url=f"/tickets/{ticket.pk}")


@require_POST
@allow(Permission.TICKET_MERGE)
def unmerge(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket, other = ticket_for(request.user, ticket_id), _other(request)
    tickets.unmerge(ticket_id=other, by=agent_actor(request.user))
    return answer(
        request, _("#{other} is a ticket of its own again").format(other=other), event="ticket:changed", url=f"/tickets/{ticket.pk}"
    )


@require_POST
@allow(Permission.TICKET_MERGE)
def split(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = ticket_for(request.user, ticket_id)
    new = tickets.split(ticket_id=ticket.pk, message_ids=numbers(request.POST.getlist("messages")), by=agent_actor(request.user))
    return answer(request, _("Split into #{number}").format(number=new.pk), event="ticket:changed", url=f"/tickets/{new.pk}")


@require_POST
@allow(Permission.TICKET_VIEW)
def macro(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """Take all actions of a macro; the toast offers to take back what it changed (a sent reply has its own undo)."""
    ticket, by = ticket_for(request.user, ticket_id), agent_actor(request.user)
    chosen = numbers([request.POST.get("macro", "")])
    if not chosen:
        raise Invalid(_("Choose a macro."))
    one = macro_for(request.user, chosen[0])
    with transaction.atomic(), tickets.remembered(by=by, ticket_ids=[ticket.pk], label=one.name) as done:
        apply_macro(macro_id=one.pk, ticket_id=ticket.pk, by=by)
    token = done.token if done.changes else ""
    return answer(request, _("Done: {name}").format(name=one.name), undo=token, event="ticket:changed", url=f"/tickets/{ticket.pk}")


@require_POST
@allow(Permission.TICKET_EDIT)
def task(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """`do`: add | done | reopen | remove."""
    ticket, by = ticket_for(request.user, ticket_id), agent_actor(request.user)
    what = request.POST.get("do", "add")
    if what == "add":
        tickets.add_task(ticket_id=ticket.pk, title=request.POST.get("title", ""), by=by, assignee=request.user)
    else:
        ids = numbers([request.POST.get("task", "")])
        found = Task.objects.filter(pk__in=ids, ticket=ticket).first()
        if found is None:
            raise NotFound
        if what == "remove":
            tickets.remove_task(task_id=found.pk, by=by)
        else:
            tickets.finish_task(task_id=found.pk, by=by, done=what == "done")
    return answer(request, event="ticket:changed", url=f"/tickets/{ticket.pk}")
