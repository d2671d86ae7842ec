"""Forms of canned replies, macros and triggers. Conditions and actions are plain rows: an empty row is left out."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.staff.forms import Named
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets import condition_fields
from madoguchi.tickets.models import Cause, Kind, Priority, Status

from .actions.checking import FOR_TRIGGERS_ONLY, MAX_ACTIONS, MAX_TEXT
from .models import CannedReply, Do, Macro, Trigger, When
from .variables import NAMES
from .words import named

MAX_ROWS = 500
WITH_TEXT = (Do.ADD_TAGS, Do.REMOVE_TAGS, Do.NOTE)
TEXT_FIELDS = [f"text_{code}" for code, _name in settings.LANGUAGES]
VARIABLES = " ".join(f"{{{name}}}" for name in NAMES)


def add_texts(form: forms.Form, texts: dict[str, str], *, rows: int = 4) -> None:
    """A text a language, `text_<language>`."""
    for code, name in settings.LANGUAGES:
        form.fields[f"text_{code}"] = forms.CharField(
            label=name, required=False, max_length=MAX_TEXT, initial=texts.get(code, ""),
            widget=forms.Textarea({"rows": rows, "lang": code}),
        )  # fmt: skip


def texts_in(clean: dict[str, Any]) -> dict[str, str]:
    return {code: clean.pop(f"text_{code}", "") or "" for code, _name in settings.LANGUAGES}


class SharedForm(SectionedForm):
    """name, and whose it is."""

    name = forms.CharField(label=_("Name"), max_length=120)
    own = forms.BooleanField(label=_("Only for me"), required=False)
    team = Named(Team.objects.none(), label=_("Team"), required=False, empty_label=_("Everybody"))

    def __init__(self, *args: Any, row: CannedReply | Macro | None = None, owner: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        if row is not None:
            self.initial.update({"name": row.name, "own": row.owner_id is not None, "team": row.team_id})

    def shared(self, clean: dict[str, Any]) -> dict[str, Any]:
        team = clean.get("team")
        owner = self.owner.pk if clean.get("own") else None
        return {"name": clean.get("name", ""), "owner_id": owner, "team_id": team.pk if team and not owner else None}


class CannedForm(SharedForm):
    shortcut = forms.CharField(label=_("Shortcut"), max_length=40, help_text=_("Typed after / in a reply"))

    def __init__(self, *args: Any, row: CannedReply | None = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        add_texts(self, row.texts if row else {})
        if row is not None:
            self.initial["shortcut"] = row.shortcut

    @property
    def sections(self) -> list[tuple[Any, Any, list[str]]]:  # type: ignore[override]
        return [
            (_("Canned reply"), "", ["shortcut", "name"]),
            (_("For whom"), "", ["own", "team"]),
            (_("Texts"), _("Variables: {names}").format(names=VARIABLES), TEXT_FIELDS),
        ]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        return {**self.shared(clean), "shortcut": clean.get("shortcut", ""), "texts": texts_in(clean)}


class ActionForm(forms.Form):
    """One action: what to do, and the tags or the note where it needs a text."""

    what = forms.ChoiceField(label=_("Action"), required=False)
    text = forms.CharField(
        label=_("Tags or note"), required=False, max_length=MAX_TEXT, widget=forms.Textarea({"rows": 1}),
    )  # fmt: skip

    def __init__(self, *args: Any, choices: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def action(self) -> dict[str, Any] | None:
        """The action as `actions.checking` wants it; None for an empty row."""
        what, text = self.cleaned_data.get("what", ""), self.cleaned_data.get("text", "")
        if not what:
            return None
        code, _colon, raw = what.partition(":")
        do = Do(code)
        if do in {Do.ADD_TAGS, Do.REMOVE_TAGS}:
            return {"do": code, "value": text.replace("、", ",").replace("，", ",").split(",")}
        if do in {Do.NOTE, Do.NOTIFY_LEAD}:
            return {"do": code, "value": text if do == Do.NOTE else None}
        if do in {Do.STATUS, Do.KIND, Do.CAUSE, Do.LANGUAGE}:
            return {"do": code, "value": raw}
        number = int(raw)
        return {"do": code, "value": [number] if do == Do.NOTIFY else number or None}


Rows = forms.formset_factory(ActionForm, extra=3, max_num=MAX_ACTIONS, absolute_max=MAX_ACTIONS)


def action_choices(*, trigger: bool) -> list[tuple[Any, Any]]:
    """Every action with its value, grouped by action."""
    agents = list(Agent.objects.filter(is_active=True).order_by("name").values_list("id", "name")[:MAX_ROWS])
    values: dict[Do, list[tuple[Any, Any]]] = {
        Do.STATUS: [choice for choice in Status.choices if choice[0] != Status.NEW],
        Do.PRIORITY: list(Priority.choices), Do.KIND: list(Kind.choices), Do.CAUSE: list(Cause.choices),
        Do.LANGUAGE: list(settings.LANGUAGES),
        Do.ASSIGN_TEAM: list(Team.objects.order_by("name").values_list("id", "name")[:MAX_ROWS]),
        Do.ASSIGN_AGENT: [(0, _("Nobody")), *agents], Do.WATCH: agents, Do.NOTIFY: agents,
    }  # fmt: skip
    choices: list[tuple[Any, Any]] = [("", "–"), *((str(do), do.label) for do in WITH_TEXT)]
    if trigger:
        choices.append((str(Do.NOTIFY_LEAD), Do.NOTIFY_LEAD.label))
    for do, options in values.items():
        if trigger or do not in FOR_TRIGGERS_ONLY:
            choices.append((do.label, [(f"{do}:{value}", named(do, str(label))) for value, label in options]))
    return choices


def rows_of(actions: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Stored actions as rows of the form; the reply has fields of its own."""
    rows = []
    for action in actions:
        do = Do(action["do"])
        value: Any = action.get("value")
        if do in {Do.ADD_TAGS, Do.REMOVE_TAGS}:
            rows.append({"what": str(do), "text": ", ".join(value)})
        elif do in {Do.NOTE, Do.NOTIFY_LEAD}:
            rows.append({"what": str(do), "text": value or ""})
        elif do != Do.REPLY:
            rows += [{"what": f"{do}:{one or 0}", "text": ""} for one in (value if isinstance(value, list) else [value])]
    return rows


class ActionsMixin(SectionedForm):
    """A reply in every language, and rows of further actions."""

    def add_actions(self, actions: Sequence[dict[str, Any]], *, trigger: bool) -> None:
        replies = [action["value"] for action in actions if action["do"] == Do.REPLY]
        add_texts(self, replies[0] if replies else {}, rows=3)
        self.rows = Rows(
            self.data if self.is_bound else None, initial=rows_of(actions), prefix="do",
            form_kwargs={"choices": action_choices(trigger=trigger)},
        )  # fmt: skip

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.rows.is_valid()])

    def chosen(self) -> list[dict[str, Any]]:
        """The actions, the reply first; after `is_valid`."""
        texts = {code: text for code, text in self.cleaned_data["texts"].items() if text.strip()}
        first = [{"do": str(Do.REPLY), "value": texts}] if texts else []
        return first + [action for row in self.rows if (row.has_changed() or row.initial) and (action := row.action())]

    def reply_section(self, text: Any) -> tuple[Any, Any, list[str]]:
        return (_("Reply to the customer"), text, TEXT_FIELDS)


class MacroForm(ActionsMixin, SharedForm):
    def __init__(self, *args: Any, row: Macro | None = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.add_actions(row.actions if row else [], trigger=False)

    @property
    def sections(self) -> list[tuple[Any, Any, list[str]]]:  # type: ignore[override]
        text = _("Sent in the ticket’s language. Leave all empty to send nothing. Variables: {names}").format(names=VARIABLES)
        return [(_("Macro"), "", ["name", "own", "team"]), self.reply_section(text)]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        return {**self.shared(clean), "texts": texts_in(clean)}


class TriggerForm(ActionsMixin):
    name = forms.CharField(label=_("Name"), max_length=120)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    kind = forms.ChoiceField(label=_("When"), choices=Trigger.Kind.choices, widget=forms.RadioSelect, initial=Trigger.Kind.EVENT)
    event = forms.ChoiceField(label=_("What happens"), choices=[("", "–"), *When.choices], required=False)
    after_minutes = forms.IntegerField(
        label=_("Minutes without news"), required=False, min_value=0, max_value=60 * 24 * 366,
        help_text=_("Since the last message or change of status. Only tickets that reach this time from now on count"),
    )  # fmt: skip
    stop = forms.BooleanField(label=_("No later trigger looks at the same event"), required=False)

    def __init__(self, *args: Any, trigger: Trigger | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.traits = condition_fields.add_fields(self, trigger.conditions if trigger else {}, moving=True)
        self.add_actions(trigger.actions if trigger else [], trigger=True)
        if trigger is not None:
            self.initial.update({
                "name": trigger.name, "is_active": trigger.is_active, "kind": trigger.kind, "event": trigger.event,
                "after_minutes": trigger.after_minutes or None, "stop": trigger.stop,
            })  # fmt: skip

    @property
    def sections(self) -> list[tuple[Any, Any, list[str]]]:  # type: ignore[override]
        reply = _("Never sent to machines or spam, and only once a ticket. Leave all empty to send nothing. Variables: {names}")
        return [
            (_("Trigger"), "", ["name", "is_active"]),
            (_("When"), "", ["kind", "event", "after_minutes", "stop"]),
            (_("Conditions"), _("A ticket must meet every condition"), self.traits),
            self.reply_section(reply.format(names=VARIABLES)),
        ]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        return {
            "name": clean.get("name", ""), "is_active": clean.get("is_active", False), "kind": clean.get("kind", ""),
            "event": clean.get("event", ""), "after_minutes": clean.get("after_minutes") or 0, "stop": clean.get("stop", False),
            "conditions": condition_fields.read(clean), "texts": texts_in(clean),
        }  # fmt: skip
