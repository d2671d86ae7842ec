"""Settings: every mail as it arrived; what was set aside, read again or discarded."""

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.channels.models import Envelope
from madoguchi.foundation import audit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotAllowed, NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission, Scope

from . import actions
from .queries import explain_reason

PAGE = 50
SHOWN_BYTES = 200_000
CAN_RETRY = (Envelope.Stage.QUARANTINED, Envelope.Stage.LOOP, Envelope.Stage.DISCARDED, Envelope.Stage.BOUNCE)


def _above() -> dict[str, str]:
    return {"crumb": _("Arrived mail"), "crumb_url": reverse("intake:arrivals")}


def _seen_by(request: HttpRequest) -> QuerySet[Envelope]:
    """Raw mail belongs to no team yet, so only roles that see all tickets may open it."""
    agent = agent_of(request)
    if agent.role is None or agent.role.scope != Scope.ALL:
        raise NotAllowed(_("Only roles that see the tickets of all teams may open mail as it came"))
    return Envelope.objects.select_related("mailbox")


@allow(Permission.TICKET_RAW)
def arrivals(request: HttpRequest) -> HttpResponse:
    stage = request.GET.get("state", Envelope.Stage.QUARANTINED)
    if stage not in Envelope.Stage.values:
        raise NotFound
    rows = _seen_by(request).filter(stage=stage).defer("raw").order_by("-id")
    if request.GET.get("before", "").isdigit():
        rows = rows.filter(id__lt=int(request.GET["before"][:18]))
    found = list(rows[: PAGE + 1])
    counts = dict(Envelope.objects.values_list("stage").annotate(n=Count("id")).values_list("stage", "n"))
    page = {
        "title": _("Arrived mail"), "arrivals": [{"row": row, "why": explain_reason(row.reason)} for row in found[:PAGE]],
        "state": stage, "states": [(value, label, counts.get(value, 0)) for value, label in Envelope.Stage.choices],
        "next_url": f"?state={stage}&before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    }  # fmt: skip
    return render(request, "intake/arrivals.html", page)


@allow(Permission.TICKET_RAW)
def arrival(request: HttpRequest, pk: int) -> HttpResponse:
    """The raw mail as text; that somebody looked is recorded."""
    envelope = get_object_or_404(_seen_by(request), pk=pk)
    audit.record("intake.see_raw", by=agent_actor(request.user), subject=f"envelope:{pk}")
    raw = bytes(envelope.raw)
    page = {
        "title": _("Mail {n}").format(n=pk), "envelope": envelope, "why": explain_reason(envelope.reason),
        "raw": raw[:SHOWN_BYTES].decode("utf-8", "replace").replace("\0", "�"), "cut": len(raw) > SHOWN_BYTES,
        "can_retry": envelope.stage in CAN_RETRY, "can_discard": envelope.stage == Envelope.Stage.QUARANTINED, **_above(),
    }  # fmt: skip
    return render(request, "intake/arrival.html", page)


@allow(Permission.TICKET_RAW)
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """Download the bytes; never shown by the browser as anything."""
    envelope = get_object_or_404(_seen_by(request), pk=pk)
    audit.record("intake.download_raw", by=agent_actor(request.user), subject=f"envelope:{pk}")
    return HttpResponse(
        bytes(envelope.raw), content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="mail-{pk}.eml"', "Content-Security-Policy": "sandbox; default-src 'none'"},
    )  # fmt: skip


@allow(Permission.TICKET_RAW)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(_seen_by(request), pk=pk)
    actions.retry_envelope(envelope_id=pk, by=agent_actor(request.user))
    return redirect("intake:arrivals")


@allow(Permission.TICKET_RAW)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(_seen_by(request), pk=pk)
    actions.discard_envelope(envelope_id=pk, by=agent_actor(request.user))
    return redirect("intake:arrivals")
