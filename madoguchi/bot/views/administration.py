"""Settings: the assistant of each brand, where it looks things up, and how it does."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.design.settings_pages import edit
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.workplace.models import Brand

from .. import actions
from ..forms import AssistantForm, ConnectorForm
from ..models import Assistant, Connector, Turn
from ..reporting import report

DAYS = 30
LAST = 50


def _crumb() -> dict[str, str]:
    return {"crumb": _("Assistant"), "crumb_url": reverse("bot:index")}


@allow(Permission.MANAGE_AUTOMATION)
def index(request: HttpRequest) -> HttpResponse:
    kept = {row.brand_id: row for row in Assistant.objects.all()}
    brands = [{"brand": brand, "assistant": kept.get(brand.pk)} for brand in Brand.objects.order_by("-is_default", "name")]
    there = {row.operation: row for row in Connector.objects.all()}
    connectors = [{"operation": value, "label": label, "row": there.get(value)} for value, label in Connector.Operation.choices]
    return render(request, "bot/index.html", {"title": _("Assistant"), "brands": brands, "connectors": connectors})


@allow(Permission.MANAGE_AUTOMATION)
def brand(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Brand, pk=pk)
    form = AssistantForm(request.POST or None, assistant=Assistant.objects.filter(brand=row).first())
    return edit(
        request, form, act=lambda clean: actions.save_assistant(by=agent_actor(agent_of(request)), brand_id=row.pk, **clean),
        done=reverse("bot:index"), title=_("Assistant of {brand}").format(brand=row.name), **_crumb(),
    )  # fmt: skip


@allow(Permission.MANAGE_AUTOMATION)
def connector(request: HttpRequest, operation: str) -> HttpResponse:
    if operation not in Connector.Operation.values:
        raise NotFound
    form = ConnectorForm(request.POST or None, connector=Connector.objects.filter(operation=operation).first())
    return edit(
        request, form, act=lambda clean: actions.save_connector(by=agent_actor(agent_of(request)), operation=operation, **clean),
        done=reverse("bot:index"), title=str(Connector.Operation(operation).label), **_crumb(),
    )  # fmt: skip


@allow(Permission.MANAGE_AUTOMATION)
def results(request: HttpRequest) -> HttpResponse:
    since = clock.now() - timedelta(days=DAYS)
    answers = Turn.objects.filter(kind=Turn.Kind.ANSWER, at__gte=since).select_related("message", "dialogue").order_by("-id")[:LAST]
    return render(
        request,
        "bot/report.html",
        {"title": _("How the assistant does"), "rows": report(since), "answers": answers, "days": DAYS, **_crumb()},
    )
