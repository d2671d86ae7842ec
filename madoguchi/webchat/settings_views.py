"""Settings: the chat of each brand, how to embed it, and the secret that signs who a visitor is."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation import audit, crypto
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission
from madoguchi.workplace.models import Brand

from . import actions
from .forms import WidgetForm


@allow(Permission.MANAGE_WORKPLACE)
def widgets(request: HttpRequest) -> HttpResponse:
    rows = Brand.objects.select_related("widget").order_by("-is_default", "name")
    return render(request, "webchat/widgets.html", {"title": _("Live chat"), "brands": rows})


@allow(Permission.MANAGE_WORKPLACE)
def widget(request: HttpRequest, brand_id: int) -> HttpResponse:
    brand = get_object_or_404(Brand, pk=brand_id)
    row = actions.ensure_widget(brand=brand)
    by = agent_actor(agent_of(request))
    shown = ""
    if request.method == "POST" and "show_secret" in request.POST:
        audit.record("webchat.show_secret", by=by, subject=f"brand:{brand.pk}")
        shown = crypto.decrypt(row.secret)
    given = request.POST if request.method == "POST" and not shown else None
    return edit(
        request, WidgetForm(given, widget=row), act=lambda clean: actions.save_widget(widget=row, by=by, **clean),
        done=reverse("webchat_settings:widget", args=[brand.pk]), title=_("Live chat of {brand}").format(brand=brand.name),
        crumb=_("Live chat"), crumb_url=reverse("webchat_settings:widgets"), aside="webchat/_embed.html", widget=row,
        base=settings.BASE_URL, secret=shown, sample=f"{reverse('webchat:sample')}?brand={row.key}",
    )  # fmt: skip


@allow(Permission.MANAGE_WORKPLACE)
def rotate(request: HttpRequest, brand_id: int) -> HttpResponse:
    brand = get_object_or_404(Brand, pk=brand_id)
    row = actions.ensure_widget(brand=brand)
    back = reverse("webchat_settings:widget", args=[brand.pk])
    return confirm(
        request, act=lambda: actions.rotate_secret(widget=row, by=agent_actor(agent_of(request))), done=back,
        title=_("Make a new secret"), verb=_("Make a new secret"), crumb=_("Live chat"), crumb_url=back,
        text=_("Visitors whom your site signs with the old one are strangers from then on, until it signs with the new one."),
    )  # fmt: skip
