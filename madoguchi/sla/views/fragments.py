"""Fragments about one clock."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from ..queries import deadline_for
from ..words import explain_deadline


@require_GET
@allow(Permission.TICKET_VIEW)
def why(request: HttpRequest, deadline_id: int) -> HttpResponse:
    """Why this clock is due when it is; for a ticket that the reader may see."""
    deadline = deadline_for(agent_of(request), deadline_id)
    if deadline is None:
        raise NotFound
    return render(request, "sla/_why.html", {"why": explain_deadline(deadline), "open": True})
