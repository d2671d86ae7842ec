"""Settings: own fields, tags, shared views."""

from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from .. import actions
from ..forms import TARGETS, FieldForm, MergeTagForm, TagForm
from ..models import CustomField, SavedView, Tag


def _fields() -> dict[str, str]:
    return {"crumb": _("Own fields"), "crumb_url": reverse("tickets:fields")}


def _tags() -> dict[str, str]:
    return {"crumb": _("Tags"), "crumb_url": reverse("tickets:tags")}


def _label(field: CustomField) -> str:
    return field.label.get(get_language() or "en") or next(iter(field.label.values()), field.key)


@allow(Permission.MANAGE_FIELDS)
def fields(request: HttpRequest) -> HttpResponse:
    rows = CustomField.objects.order_by("target", "position", "id")
    shown = [{"field": row, "label": _label(row), "target": dict(TARGETS)[row.target]} for row in rows]
    return render(request, "tickets/settings_fields.html", {"title": _("Own fields"), "fields": shown})


@allow(Permission.MANAGE_FIELDS)
def field(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(CustomField, pk=pk) if pk else None
    initial: dict[str, Any] = {}
    if row:
        initial = {name: getattr(row, name) for name in ("target", "key", "type", "kinds", "required", "for_customers")}
        initial |= {"choices": "\n".join(row.choices)} | {f"label_{code}": row.label.get(code, "") for code, _n in settings.LANGUAGES}
    form = FieldForm(request.POST or None, initial=initial, field=row)

    def act(_clean: dict[str, Any]) -> CustomField:
        return actions.save_custom_field(field_id=row.pk if row else None, by=agent_actor(request.user), **form.values())

    page: dict[str, Any] = {"title": _label(row) if row else _("New field"), **_fields()}
    if row and row.is_active:
        page |= {
            "danger_url": reverse("tickets:retire_field", args=[row.pk]), "danger_title": _("Hide the field"),
            "danger_text": _("Values that are there are kept."), "danger_verb": _("Hide the field …"),
        }  # fmt: skip
    return edit(request, form, act=act, done=reverse("tickets:fields"), **page)


@allow(Permission.MANAGE_FIELDS)
def retire_field(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(CustomField, pk=pk)
    return confirm(
        request, act=lambda: actions.retire_custom_field(field_id=pk, by=agent_actor(request.user)), done=reverse("tickets:fields"),
        title=_("Hide %(name)s") % {"name": _label(row)}, verb=_("Hide %(name)s") % {"name": _label(row)},
        text=_("The field no longer appears. Its values are kept, and saving the field again brings it back."), **_fields(),
    )  # fmt: skip


@allow(Permission.MANAGE_FIELDS)
def tags(request: HttpRequest) -> HttpResponse:
    rows = Tag.objects.annotate(used=Count("tickets")).order_by("name")
    return render(request, "tickets/settings_tags.html", {"title": _("Tags"), "tags": rows})


@allow(Permission.MANAGE_FIELDS)
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Tag, pk=pk)
    page = {
        "title": row.name, "below": "tickets/_tag_more.html", "tag": row, "danger_url": reverse("tickets:delete_tag", args=[pk]),
        "danger_title": _("Delete the tag"), "danger_text": _("All tickets lose it."), "danger_verb": _("Delete the tag …"), **_tags(),
    }  # fmt: skip
    return edit(
        request, TagForm(request.POST or None, initial={"name": row.name}),
        act=lambda clean: actions.rename_tag(tag=row, by=agent_actor(request.user), **clean), done=reverse("tickets:tags"), **page,
    )  # fmt: skip


@allow(Permission.MANAGE_FIELDS)
def merge_tag(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Tag, pk=pk)
    return edit(
        request, MergeTagForm(request.POST or None, tag=row),
        act=lambda clean: actions.merge_tag(tag=row, by=agent_actor(request.user), **clean), done=reverse("tickets:tags"),
        title=_("Merge %(name)s into another tag") % {"name": row.name}, verb=_("Merge"), **_tags(),
    )  # fmt: skip


@allow(Permission.MANAGE_FIELDS)
def delete_tag(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Tag, pk=pk)
    return confirm(
        request, act=lambda: actions.delete_tag(tag=row, by=agent_actor(request.user)), done=reverse("tickets:tags"),
        title=_("Delete the tag %(name)s") % {"name": row.name}, verb=_("Delete the tag %(name)s") % {"name": row.name},
        text=_("All tickets lose it. This cannot be undone."), **_tags(),
    )  # fmt: skip


@allow(Permission.VIEW_SHARE)
def shared_views(request: HttpRequest) -> HttpResponse:
    rows = SavedView.objects.filter(shared=True).select_related("owner", "team").order_by("position", "id")
    return render(request, "tickets/settings_views.html", {"title": _("Shared views"), "views": rows})


@allow(Permission.VIEW_SHARE)
def remove_shared_view(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(SavedView, pk=pk, shared=True)
    return confirm(
        request, act=lambda: actions.remove_view(agent=agent_of(request), view_id=pk), done=reverse("tickets:shared_views"),
        title=_("Remove the view %(name)s") % {"name": row.name}, verb=_("Remove the view %(name)s") % {"name": row.name},
        text=_("It disappears from everybody's list. No ticket changes."),
        crumb=_("Shared views"), crumb_url=reverse("tickets:shared_views"),
    )  # fmt: skip
