"""The area "Staff protection": what is shielded, who waits for help, warnings and restrictions, appeals."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.design.settings_pages import confirm
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Message, Ticket
from madoguchi.tickets.queries import messages_of_visible_tickets

from .. import actions, queries
from ..models import Measure, Severity
from ..reading import marked
from ..shield import Lines, shielded, softened_lines

SHOWN = 100


@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def home(request: HttpRequest) -> HttpResponse:
    """Live cases: shielded messages of open tickets, and colleagues who wait for somebody."""
    agent = agent_of(request)
    said = messages_of_visible_tickets(agent).filter(direction=Message.Direction.IN, ticket__unsolved=True).order_by("-id")
    heavy = [(message.pk, manner) for message, manner in marked(said)[:SHOWN] if manner.severity > 0]
    rows = Message.objects.select_related("ticket__customer", "ticket__assignee").in_bulk([pk for pk, _manner in heavy])
    shields = shielded(agent, rows.values())
    lines = softened_lines(agent, {row.ticket_id for row in rows.values()})
    found = [
        {
            "message": rows[pk], "severity": Severity(manner.severity), "asked": shields[pk].asked if pk in shields else "",
            "subject": _subject(rows[pk].ticket, lines),
        }
        for pk, manner in heavy
    ]  # fmt: skip
    context = {"found": found, "waiting": queries.waiting_help_visible_to(agent)[:SHOWN], "tab": "home", "area": "protection"}
    return render(request, "protection/home.html", context)


def _subject(ticket: Ticket, lines: dict[int, Lines]) -> str:
    return lines[ticket.pk].subject(ticket.subject) if ticket.pk in lines else ticket.subject


@allow(Permission.TICKET_VIEW, Permission.PROTECTION_WARN)
def measures(request: HttpRequest) -> HttpResponse:
    agent = agent_of(request)
    context = {
        "measures": queries.measures_visible_to(agent)[:SHOWN], "tab": "measures", "area": "protection",
        "appeals": queries.appeals_visible_to(agent)[:SHOWN], "may_decide": agent.may(Permission.PROTECTION_DECIDE),
    }  # fmt: skip
    return render(request, "protection/measures.html", context)


@allow(Permission.PROTECTION_DECIDE)
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """End a step early, with a reason."""
    measure = queries.measure_for(agent_of(request), pk)
    title = _("End it early: {step}").format(step=Measure.Step(measure.step).label)
    return confirm(
        request, act=lambda: actions.lift(measure_id=measure.pk, reason=request.POST.get("reason", "") or _("No longer needed"),
                                          by=agent_actor(agent_of(request))),
        done=reverse("protection:measures"), title=title, verb=title, area="protection",
        text=_("It no longer counts on the ladder. The record stays."), crumb=_("Warnings and restrictions"),
        crumb_url=reverse("protection:measures"),
    )  # fmt: skip


@require_POST
@allow(Permission.PROTECTION_DECIDE)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Note the review of a restriction: it goes on."""
    measure = queries.measure_for(agent_of(request), pk)
    actions.review(measure_id=measure.pk, text=request.POST.get("text", "") or _("Still needed"), by=agent_actor(agent_of(request)))
    return redirect("protection:measures")
