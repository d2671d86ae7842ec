"""Settings: customers who ask to be erased."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from .. import actions
from ..forms import RefusalForm
from ..models import ErasureRequest
from ..queries import requests_of

SHOWN = 200


def _above() -> dict[str, str]:
    return {"crumb": _("Erasure requests"), "crumb_url": reverse("privacy:erasures")}


@allow(Permission.PRIVACY_DECIDE)
def erasures(request: HttpRequest) -> HttpResponse:
    rows = list(ErasureRequest.objects.select_related("customer", "decided_by").order_by("-id")[:SHOWN])
    rows.sort(key=lambda row: row.state != ErasureRequest.State.OPEN)
    return render(request, "portal/erasures.html", {"title": _("Erasure requests"), "rows": rows, "open": ErasureRequest.State.OPEN})


@allow(Permission.PRIVACY_DECIDE)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ErasureRequest.objects.select_related("customer"), pk=pk, state=ErasureRequest.State.OPEN)
    name = {"name": str(row.customer)}
    found = requests_of(row.customer)
    facts = [
        _("Tickets: {all}, of which unsolved: {unsolved}").format(all=found.count(), unsolved=found.filter(unsolved=True).count()),
        _("Words, names, addresses, notes and files go for good, also from search; unsolved tickets are closed"),
        _("Figures, the audit log and messages that are evidence of harassment stay"),
    ]
    return confirm(
        request, act=lambda: actions.decide_erasure(request_id=pk, erase=True, by=agent_actor(agent_of(request))),
        done=reverse("privacy:erasures"), title=_("Erase %(name)s") % name, verb=_("Erase %(name)s") % name,
        text=_("This cannot be undone. The customer is told by mail."), facts=facts, **_above(),
    )  # fmt: skip


@allow(Permission.PRIVACY_DECIDE)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ErasureRequest.objects.select_related("customer"), pk=pk, state=ErasureRequest.State.OPEN)

    def act(clean: dict[str, Any]) -> None:
        actions.decide_erasure(request_id=pk, erase=False, by=agent_actor(agent_of(request)), answer=clean["answer"])

    title = _("Refuse to erase %(name)s") % {"name": str(row.customer)}
    return edit(
        request, RefusalForm(request.POST or None), act=act, done=reverse("privacy:erasures"), title=title, verb=_("Refuse"), **_above()
    )
