"""Settings: what is on its way to customers, what failed, what came back."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.channels.mail.problems import explain
from madoguchi.foundation import audit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from .. import actions
from ..models import Delivery
from ..queries import visible_condition

PAGE = 50
UNCONFIRMED = "unconfirmed"  # sent, but the server never said so
UNHAPPY = (Delivery.State.FAILED, Delivery.State.BOUNCED, Delivery.State.RETRY, UNCONFIRMED)


def _seen_by(request: HttpRequest):  # noqa: ANN202  a queryset
    """Deliveries of tickets that the agent may see: whoever operates the machine does not thereby read the mail."""
    condition = visible_condition(agent_of(request), "message__ticket__")
    rows = Delivery.objects.select_related("message", "mailbox")
    return rows if condition is None else rows.filter(condition)


@allow(Permission.OPERATE)
def deliveries(request: HttpRequest) -> HttpResponse:
    """Failed ones first to see; `state` chooses others."""
    state = request.GET.get("state", Delivery.State.FAILED)
    if state not in (*Delivery.State.values, UNCONFIRMED):
        raise NotFound
    unclear = Delivery.objects.filter(state=Delivery.State.SENT, confirmed=False)
    chosen = {"state": Delivery.State.SENT, "confirmed": False} if state == UNCONFIRMED else {"state": state}
    rows = _seen_by(request).filter(**chosen).order_by("-id")
    if request.GET.get("before", "").isdigit():
        rows = rows.filter(id__lt=int(request.GET["before"][:18]))
    found = list(rows[: PAGE + 1])
    counts = dict(Delivery.objects.values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    shown = [{"row": row, "why": explain(row.problem, row.last_error) if row.problem else row.last_error} for row in found[:PAGE]]
    page = {
        "title": _("Sent mail"), "deliveries": shown, "state": state, "can_retry": state in UNHAPPY,
        "states": [
            *((value, label, counts.get(value, 0)) for value, label in Delivery.State.choices),
            (UNCONFIRMED, _("Unclear whether it was sent"), unclear.count()),
        ],
        "next_url": f"?state={state}&before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    }  # fmt: skip
    return render(request, "tickets/settings_deliveries.html", page)


@allow(Permission.OPERATE)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a failed one again."""
    row = get_object_or_404(_seen_by(request), pk=pk)
    actions.retry(message_id=row.message_id, by=agent_actor(request.user))
    audit.record("delivery.retry", by=agent_actor(request.user), subject=f"message:{row.message_id}")
    messages.success(request, _("It is sent again"))
    return redirect("tickets:deliveries")
