"""Settings: the company and its brands."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.design.settings_pages import SectionedForm, confirm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.access import allow
from madoguchi.staff.forms import Named, time_zones
from madoguchi.staff.permissions import Permission
from madoguchi.workplace import actions
from madoguchi.workplace.models import Brand, Calendar
from madoguchi.workplace.queries import workplace


class CompanyForm(SectionedForm):
    name = forms.CharField(label=gettext_lazy("Name of the company"), max_length=200)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zones()  # type: ignore[attr-defined]


class BrandForm(SectionedForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("Customers see it below replies"))
    calendar = Named(Calendar.objects.none(), label=gettext_lazy("Business hours"), required=False)
    is_default = forms.BooleanField(label=gettext_lazy("Default brand"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar"].queryset = Calendar.objects.order_by("name")  # type: ignore[attr-defined]


def _above() -> dict[str, str]:
    return {"crumb": _("Company and brands"), "crumb_url": reverse("company")}


@allow(Permission.MANAGE_WORKPLACE)
def company(request: HttpRequest) -> HttpResponse:
    place = workplace()
    if place is None:
        raise NotFound
    form = CompanyForm(request.POST or None, initial={"name": place.name, "language": place.language, "time_zone": place.time_zone})
    return edit(
        request, form, act=lambda clean: actions.change_workplace(by=agent_actor(request.user), **clean), done=reverse("company"),
        title=_("Company and brands"), below="console/administration/_brands.html", brands=Brand.objects.select_related("calendar"),
    )  # fmt: skip


@allow(Permission.MANAGE_WORKPLACE)
def brand(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Brand.objects.select_related("calendar"), pk=pk) if pk else None
    initial = {"name": row.name, "calendar": row.calendar, "is_default": row.is_default} if row else None
    form = BrandForm(request.POST or None, initial=initial)
    page: dict[str, Any] = {"title": row.name if row else _("New brand"), **_above()}
    if row:
        page |= {
            "danger_url": reverse("delete_brand", args=[row.pk]), "danger_title": _("Delete the brand"),
            "danger_text": _("Its tickets and mailboxes stay."), "danger_verb": _("Delete the brand …"),
        }  # fmt: skip
    return edit(
        request,
        form,
        act=lambda clean: actions.save_brand(brand=row, by=agent_actor(request.user), **clean),
        done=reverse("company"),
        **page,
    )


@allow(Permission.MANAGE_WORKPLACE)
def delete_brand(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Brand, pk=pk)
    return confirm(
        request, act=lambda: actions.delete_brand(brand=row, by=agent_actor(request.user)), done=reverse("company"),
        title=_("Delete the brand %(name)s") % {"name": row.name}, verb=_("Delete the brand %(name)s") % {"name": row.name},
        text=_("Tickets and mailboxes of this brand stay, without a brand. This cannot be undone."), **_above(),
    )  # fmt: skip
