"""Settings: the words of the acknowledgement, per brand and language, with a preview."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.design import formats
from madoguchi.design.settings_pages import SectionedForm, confirm, edit
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.workplace import queries as workplace
from madoguchi.workplace.models import Brand
from madoguchi.workplace.telling import opening_hours

from . import actions
from .acknowledge import compose
from .acknowledgement_wording import LONGEST, PARTS, check, own_texts, shipped, wording
from .models import AcknowledgementText

LABELS = {
    "greeting": gettext_lazy("Greeting"),
    "greeting_without_name": gettext_lazy("Greeting without a name"),
    "open_with_time": gettext_lazy("With a promised time"),
    "open_without_time": gettext_lazy("Without one"),
    "closed_with_time": gettext_lazy("With a promised time"),
    "closed_without_time": gettext_lazy("Without one"),
    "to_add": gettext_lazy("At the end"),
}
SHORT = ("greeting", "greeting_without_name")


class AcknowledgementForm(SectionedForm):
    sections = [
        (gettext_lazy("Greeting"), gettext_lazy("An empty field stands for the shipped text"), ["greeting", "greeting_without_name"]),
        (gettext_lazy("During business hours"), gettext_lazy("An SLA policy promises the time"), ["open_with_time", "open_without_time"]),
        (gettext_lazy("Outside business hours"), "", ["closed_with_time", "closed_without_time"]),
        (gettext_lazy("End"), gettext_lazy("That a machine wrote it and the company's name always follow"), ["to_add"]),
    ]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for part, (_texts, variables) in PARTS.items():
            widget = forms.Textarea(attrs={"rows": 1 if part in SHORT else 4})
            known = " ".join(f"{{{name}}}" for name in sorted(variables))
            self.fields[part] = forms.CharField(label=LABELS[part], required=False, max_length=LONGEST, widget=widget, help_text=known)


def _above() -> dict[str, str]:
    return {"crumb": _("Acknowledgement"), "crumb_url": reverse("intake:acknowledgements")}


def _brand(brand: int) -> Brand | None:
    return get_object_or_404(Brand, pk=brand) if brand else None


def _language(language: str) -> str:
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return language


@allow(Permission.MANAGE_MAILBOXES)
def acknowledgements(request: HttpRequest) -> HttpResponse:
    """Brands and languages, and which have words of their own."""
    own = {(row.brand_id, row.language) for row in AcknowledgementText.objects.exclude(texts={})}
    brands = list(Brand.objects.order_by("-is_default", "name"))
    lines = [(0, _("All brands")), *((brand.pk, brand.name) for brand in brands if len(brands) > 1)]
    rows = [
        {"name": name, "language": label, "code": code, "brand": brand, "own": (brand or None, code) in own}
        for brand, name in lines
        for code, label in settings.LANGUAGES
    ]
    return render(request, "intake/acknowledgements.html", {"title": _("Acknowledgement"), "rows": rows})


@allow(Permission.MANAGE_MAILBOXES)
def acknowledgement(request: HttpRequest, brand: int, language: str) -> HttpResponse:
    """Edit one language of one brand; `preview` shows what would be sent and keeps nothing."""
    row, language = _brand(brand), _language(language)
    standing = wording(language, row.pk if row else None)
    form = AcknowledgementForm(request.POST or None, initial=standing)
    page: dict[str, Any] = {
        "title": f"{row.name if row else _('All brands')}: {dict(settings.LANGUAGES)[language]}", **_above(),
        "aside": "intake/_acknowledgement_preview.html", "preview": preview(standing, language, row),
    }  # fmt: skip
    if own_texts(language, row.pk if row else None):
        page |= {
            "danger_url": reverse("intake:reset_acknowledgement", args=[brand, language]), "danger_title": _("Shipped text"),
            "danger_text": _("Your own words in this language are removed."), "danger_verb": _("Back to the shipped text …"),
        }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        texts = shipped(language) | {part: text for part, text in form.cleaned_data.items() if text.strip()}
        page["preview"] = preview(texts, language, row)
        if "preview" in request.POST:
            try:
                check(texts, _("{variable} has no value here. These have one: {known}"))
            except Invalid as error:
                form.refuse(error)
            return render(request, "design/settings_form.html", {"form": form, **page}, status=422 if form.errors else 200)

    def act(clean: dict[str, Any]) -> None:
        actions.save_acknowledgement(brand_id=brand or None, language=language, texts=clean, by=agent_actor(request.user))

    return edit(request, form, act=act, done=reverse("intake:acknowledgement", args=[brand, language]), **page)


def preview(texts: dict[str, str], language: str, brand: Brand | None) -> list[tuple[str, str]]:
    """What an example customer would get, during business hours and outside."""
    company = workplace.workplace()
    version = workplace.current_versions().choose(calendar_id=None, brand_id=brand.pk if brand else None)
    with formats.spoken_to(language, company.time_zone if company else ""):
        words = {
            "name": "Kim Lee", "number": "12345", "company": brand.name if brand else company.name if company else "",
            "due": formats.moment(clock.now() + timedelta(hours=4)), "hours": opening_hours(workplace.hours(version)) if version else "",
        }  # fmt: skip
        shown = [compose(texts, part, words, language) for part in ("open_with_time", "closed_without_time")]
    return list(zip((_("During business hours"), _("Outside business hours, without a promised time")), shown, strict=True))


@allow(Permission.MANAGE_MAILBOXES)
def reset_acknowledgement(request: HttpRequest, brand: int, language: str) -> HttpResponse:
    row, language = _brand(brand), _language(language)
    return confirm(
        request,
        act=lambda: actions.reset_acknowledgement(brand_id=row.pk if row else None, language=language, by=agent_actor(request.user)),
        done=reverse("intake:acknowledgements"), title=_("Back to the shipped text?"),
        text=_("Your own words in this language are removed."), verb=_("Back to the shipped text"), facts=[], **_above(),
    )  # fmt: skip
