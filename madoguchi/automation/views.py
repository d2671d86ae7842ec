"""Settings: canned replies, macros, triggers with their trial and log."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.design.settings_pages import confirm, edit
from madoguchi.foundation.actor import Actor, agent_actor
from madoguchi.staff.access import agent_of, allow
from madoguchi.staff.permissions import Permission

from . import actions, queries, words
from .forms import CannedForm, MacroForm, TriggerForm
from .models import CannedReply, Macro, Trigger, TriggerRun

SHOWN = 100


def _by(request: HttpRequest) -> Actor:
    return agent_actor(agent_of(request))


def _crumb(title: str, name: str) -> dict[str, str]:
    return {"crumb": title, "crumb_url": reverse(f"automation:{name}")}


def _danger(name: str, pk: int, title: str, text: str) -> dict[str, Any]:
    return {
        "danger_url": reverse(f"automation:{name}", args=[pk]), "danger_title": title, "danger_text": text,
        "danger_verb": _("{title} …").format(title=title),
    }  # fmt: skip


def _canned(request: HttpRequest) -> QuerySet[CannedReply]:
    """Shared ones and one's own; those of others are theirs."""
    return CannedReply.objects.filter(Q(owner=None) | Q(owner=agent_of(request))).select_related("team", "owner")


def _macros(request: HttpRequest) -> QuerySet[Macro]:
    return Macro.objects.filter(Q(owner=None) | Q(owner=agent_of(request))).select_related("team", "owner")


@allow(Permission.CANNED_EDIT)
def canned_replies(request: HttpRequest) -> HttpResponse:
    return render(request, "automation/canned_replies.html", {"title": _("Canned replies"), "rows": _canned(request)})


@allow(Permission.CANNED_EDIT)
def canned(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(_canned(request), pk=pk) if pk else None
    page: dict[str, Any] = {"title": row.name if row else _("New canned reply"), **_crumb(_("Canned replies"), "canned_replies")}
    if row:
        page |= _danger("delete_canned", row.pk, _("Delete the canned reply"), _("Replies that were sent with it stay."))
    return edit(
        request, CannedForm(request.POST or None, row=row, owner=agent_of(request)),
        act=lambda clean: actions.save_canned(by=_by(request), canned_id=pk, **clean), done=reverse("automation:canned_replies"), **page,
    )  # fmt: skip


@allow(Permission.CANNED_EDIT)
def delete_canned(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(_canned(request), pk=pk)
    title = _("Delete the canned reply {name}").format(name=row.name)
    return confirm(
        request, act=lambda: actions.delete_canned(canned_id=pk, by=_by(request)), done=reverse("automation:canned_replies"), title=title,
        verb=title, text=_("Replies that were sent with it stay. This cannot be undone."),
        **_crumb(_("Canned replies"), "canned_replies"),
    )  # fmt: skip


@allow(Permission.CANNED_EDIT)
def macros(request: HttpRequest) -> HttpResponse:
    names = words.Names()
    rows = [{"row": row, "actions": [words.action(action, names) for action in row.actions]} for row in _macros(request)]
    return render(request, "automation/macros.html", {"title": _("Macros"), "rows": rows})


@allow(Permission.CANNED_EDIT)
def macro(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(_macros(request), pk=pk) if pk else None
    form = MacroForm(request.POST or None, row=row, owner=agent_of(request))
    page: dict[str, Any] = {"title": row.name if row else _("New macro"), "below": "automation/_actions.html"}
    page |= _crumb(_("Macros"), "macros")
    if row:
        page |= _danger("delete_macro", row.pk, _("Delete the macro"), _("What it did to tickets stays."))

    def act(clean: dict[str, Any]) -> Macro:
        fields = {name: clean[name] for name in ("name", "owner_id", "team_id")}
        return actions.save_macro(by=_by(request), macro_id=pk, actions=form.chosen(), **fields)

    return edit(request, form, act=act, done=reverse("automation:macros"), **page)


@allow(Permission.CANNED_EDIT)
def delete_macro(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(_macros(request), pk=pk)
    title = _("Delete the macro {name}").format(name=row.name)
    return confirm(
        request, act=lambda: actions.delete_macro(macro_id=pk, by=_by(request)), done=reverse("automation:macros"), title=title,
        verb=title, text=_("What it did to tickets stays. This cannot be undone."), **_crumb(_("Macros"), "macros"),
    )  # fmt: skip


@allow(Permission.MANAGE_AUTOMATION)
def triggers(request: HttpRequest) -> HttpResponse:
    names = words.Names()
    rows = [
        {
            "row": row, "when": words.waited(row.after_minutes) if row.kind == Trigger.Kind.TIME else row.get_event_display(),
            "actions": [words.action(action, names) for action in row.actions],
        }
        for row in Trigger.objects.all()
    ]  # fmt: skip
    return render(request, "automation/triggers.html", {"title": _("Triggers"), "rows": rows})


@allow(Permission.MANAGE_AUTOMATION)
def trigger(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Trigger, pk=pk) if pk else None
    form = TriggerForm(request.POST or None, trigger=row)
    page: dict[str, Any] = {"title": row.name if row else _("New trigger"), "below": "automation/_actions.html"}
    page |= _crumb(_("Triggers"), "triggers")
    if row:
        page |= _danger("delete_trigger", row.pk, _("Delete the trigger"), _("Its log goes with it. What it did to tickets stays."))
        page["trigger"] = row

    def act(clean: dict[str, Any]) -> Trigger:
        fields = {name: value for name, value in clean.items() if name != "texts"}
        return actions.save_trigger(by=_by(request), trigger_id=pk, actions=form.chosen(), **fields)

    return edit(request, form, act=act, done=reverse("automation:triggers"), **page)


@allow(Permission.MANAGE_AUTOMATION)
@require_POST
def move_trigger(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    actions.move_trigger(trigger_id=pk, position=place, by=_by(request))
    return redirect("automation:triggers")


@allow(Permission.MANAGE_AUTOMATION)
def delete_trigger(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Trigger, pk=pk)
    title = _("Delete the trigger {name}").format(name=row.name)
    return confirm(
        request, act=lambda: actions.delete_trigger(trigger_id=pk, by=_by(request)), done=reverse("automation:triggers"), title=title,
        verb=title, text=_("Its log goes with it. What it did to tickets stays. This cannot be undone."),
        **_crumb(_("Triggers"), "triggers"),
    )  # fmt: skip


@allow(Permission.MANAGE_AUTOMATION)
def try_trigger(request: HttpRequest, pk: int) -> HttpResponse:
    """Which of the newest tickets meet the conditions now, and why."""
    row = get_object_or_404(Trigger, pk=pk)
    names = words.Names()
    tried = queries.dry_run(agent_of(request), row.conditions)
    rows = [
        {"ticket": one.ticket, "why": [words.condition(_plain(verdict), names) for verdict in one.verdicts]} for one in tried if one.fits
    ]
    page = {"title": _("Trial of {name}").format(name=row.name), "rows": rows[:SHOWN], "fit": len(rows), "looked": len(tried)}
    return render(request, "automation/trial.html", page | _crumb(_("Triggers"), "triggers"))


def _plain(verdict: Any) -> dict[str, Any]:
    return {"field": verdict.field, "wanted": verdict.wanted, "have": verdict.have, "met": verdict.met}


@allow(Permission.MANAGE_AUTOMATION)
def log(request: HttpRequest) -> HttpResponse:
    """What triggers did, newest first, and why; `?trigger=` of one only."""
    runs = queries.runs_visible_to(agent_of(request))
    chosen = request.GET.get("trigger", "")
    if chosen.isdecimal():
        runs = runs.filter(trigger=int(chosen[:9]))
    before = request.GET.get("before", "")
    if before.isdecimal():
        runs = runs.filter(pk__lt=int(before[:18]))
    found = list(runs[: SHOWN + 1])
    names = words.Names()
    page = {"title": _("What triggers did"), "rows": [_line(run, names) for run in found[:SHOWN]], **_crumb(_("Triggers"), "triggers")}
    if len(found) > SHOWN:
        page["next_url"] = f"?trigger={chosen if chosen.isdecimal() else ''}&before={found[SHOWN - 1].pk}"
    return render(request, "automation/log.html", page)


def _line(run: TriggerRun, names: words.Names) -> dict[str, Any]:
    told = run.explanation
    return {
        "run": run, "refused": words.REFUSALS.get(told.get("refused", ""), ""),
        "why": [words.condition(verdict, names) for verdict in told.get("conditions", [])],
        "actions": [words.action(action, names) for action in told.get("actions", [])],
    }  # fmt: skip
