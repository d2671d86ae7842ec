"""Settings: webhooks, what was sent to them and what they answered."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation import ratelimit
from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from . import actions
from .calling import call
from .forms import WORDS, WebhookForm
from .models import WebhookDelivery, WebhookEndpoint

PAGE = 50
TESTS_A_MINUTE = 10


def _by(request: HttpRequest) -> Actor:
    return agent_actor(agent_of(request))


def _above() -> dict[str, str]:
    return {"crumb": _("Webhooks"), "crumb_url": reverse("webhooks:webhooks")}


@allow(Permission.MANAGE_API)
def webhooks(request: HttpRequest) -> HttpResponse:
    of_this = WebhookDelivery.objects.filter(endpoint=OuterRef("pk")).order_by().values("endpoint")
    delivered = of_this.filter(state=WebhookDelivery.State.DELIVERED).annotate(at=Max("updated_at")).values("at")
    failed = of_this.filter(state=WebhookDelivery.State.FAILED, event_id__isnull=False).annotate(n=Count("id")).values("n")
    rows = WebhookEndpoint.objects.annotate(delivered_at=Subquery(delivered), failed=Subquery(failed)).order_by("id")
    shown = [{"row": row, "events": [WORDS.get(name, name) for name in row.events]} for row in rows]
    return render(request, "api/webhooks.html", {"title": _("Webhooks"), "rows": shown})


@allow(Permission.MANAGE_API)
@never_cache
def webhook(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(WebhookEndpoint, pk=pk) if pk else None
    form = WebhookForm(request.POST or None, endpoint=row)
    page: dict[str, Any] = {"title": row.host if row else _("New webhook"), "webhook": row, **_above()}
    if row:
        page |= {
            "below": "api/_webhook_more.html", "danger_url": reverse("webhooks:delete_webhook", args=[row.pk]),
            "danger_title": _("Delete the webhook"), "danger_text": _("Its log goes with it."), "danger_verb": _("Delete the webhook …"),
        }  # fmt: skip

    def act(clean: dict[str, Any]) -> tuple[WebhookEndpoint, str]:
        try:
            if row:
                return actions.change_endpoint(endpoint_id=row.pk, by=_by(request), **clean), ""
            return actions.add_endpoint(agent=agent_of(request), by=_by(request), **clean)
        except Invalid as error:
            raise error if error.fields else Invalid(fields={"url": error.message}) from error

    def done(made: tuple[WebhookEndpoint, str]) -> HttpResponse:
        endpoint, secret = made
        if secret:
            return _told_once(request, endpoint, secret)
        messages.success(request, _("Saved"))
        return redirect("webhooks:webhooks")

    return edit(request, form, act=act, done=done, **page)


def _told_once(request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
    page = {"title": _("Secret of the webhook"), "secret": secret, "webhook": endpoint, **_above()}
    return render(request, "api/secret.html", page)


@allow(Permission.MANAGE_API)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """`on`: whether to call it from now on."""
    actions.change_endpoint(endpoint_id=pk, by=_by(request), is_active=request.POST.get("on") == "yes")
    return redirect("webhooks:webhook", pk=pk)


@allow(Permission.MANAGE_API)
@never_cache
def renew_secret(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    if request.method == "POST":
        return _told_once(request, row, actions.rotate_secret(endpoint_id=pk, by=_by(request)))
    page = {
        "title": _("Renew the secret"), "verb": _("Renew the secret"),
        "crumb": row.host, "crumb_url": reverse("webhooks:webhook", args=[pk]),
        "text": _("For 24 hours every call carries signatures of the old and the new secret, so that your program can change over."),
    }  # fmt: skip
    return render(request, "design/settings_confirm.html", page)


@allow(Permission.MANAGE_API)
def delete_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    return confirm(
        request, act=lambda: actions.remove_endpoint(endpoint_id=pk, by=_by(request)), done=reverse("webhooks:webhooks"),
        title=_("Delete the webhook"), verb=_("Delete the webhook"),
        text=_("{url} is no longer called, and the log of its calls goes. This cannot be undone.").format(url=row.url), **_above(),
    )  # fmt: skip


@allow(Permission.MANAGE_API)
@require_POST
def send_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Call it now, also one that is switched off, and show what it answered."""
    ratelimit.hit(f"webhook_test:{pk}", limit=TESTS_A_MINUTE, seconds=60)
    row = actions.write_test(endpoint_id=pk, by=_by(request))
    problem = call(WebhookDelivery.objects.select_related("endpoint").get(pk=row.pk))
    if problem:
        messages.error(request, _("The test was not accepted"))
    else:
        messages.success(request, _("The test was accepted"))
    return redirect("webhooks:delivery", pk=row.pk)


@allow(Permission.MANAGE_API)
def deliveries(request: HttpRequest, pk: int) -> HttpResponse:
    """Newest first; `state` chooses, `before` is the id to go on from."""
    row = get_object_or_404(WebhookEndpoint, pk=pk)
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state and state not in WebhookDelivery.State.values:
        raise NotFound
    rows = row.deliveries.defer("body").order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    found = list(rows[: PAGE + 1])
    counts = dict(row.deliveries.order_by().values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    page = {
        "title": _("Calls"), "webhook": row, "deliveries": found[:PAGE], "state": state,
        "failed": row.deliveries.filter(state=WebhookDelivery.State.FAILED, event_id__isnull=False).exists(),
        "states": [("", _("All"), 0), *((value, label, counts.get(value, 0)) for value, label in WebhookDelivery.State.choices)],
        "next_url": f"?state={state}&before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "crumb": row.host, "crumb_url": reverse("webhooks:webhook", args=[pk]),
    }  # fmt: skip
    return render(request, "api/deliveries.html", page)


@allow(Permission.MANAGE_API)
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(WebhookDelivery.objects.select_related("endpoint"), pk=pk)
    page = {
        "title": row.event_type, "delivery": row, "calls": row.calls.order_by("id"), "crumb": _("Calls"),
        "crumb_url": reverse("webhooks:deliveries", args=[row.endpoint_id]),
    }  # fmt: skip
    return render(request, "api/delivery.html", page)


@allow(Permission.MANAGE_API)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(WebhookDelivery.objects.only("endpoint_id"), pk=pk)
    try:
        actions.replay(delivery_id=pk, by=_by(request))
        messages.success(request, _("It is sent again"))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("webhooks:deliveries", pk=row.endpoint_id)


@allow(Permission.MANAGE_API)
@require_POST
def replay_failed(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        n = actions.replay_failed(endpoint_id=pk, by=_by(request))
        messages.success(request, ngettext("{n} call is sent again", "{n} calls are sent again", n).format(n=n))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("webhooks:deliveries", pk=pk)
