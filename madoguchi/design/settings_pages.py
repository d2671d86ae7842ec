"""What all settings screens share: forms in titled sections, refusals shown at their fields, and asking before something dangerous."""

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from madoguchi.foundation.errors import MadoguchiError


class SectionedForm(forms.Form):
    """`sections` lists (title, explanation, field names) in the order of the page; fields named nowhere come last."""

    sections: list[tuple[Any, Any, list[str]]] = []

    def parts(self) -> Iterator[dict[str, Any]]:
        """The sections with their bound fields, for the template."""
        placed: set[str] = set()
        for title, text, names in self.sections:
            present = [name for name in names if name in self.fields]
            placed.update(present)
            if present:
                yield {"title": title, "text": text, "fields": [self[name] for name in present]}
        rest = [name for name in self.fields if name not in placed]
        if rest:
            yield {"title": "", "text": "", "fields": [self[name] for name in rest]}

    def refuse(self, error: MadoguchiError) -> None:
        """Show an action's refusal at the fields that it names, or above the form."""
        placed = False
        for name, text in error.fields.items():
            if name in self.fields:
                self.add_error(name, str(text))
                placed = True
        if not placed:
            self.add_error(None, str(error.message))


def edit(
    request: HttpRequest,
    form: SectionedForm,
    *,
    act: Callable[[dict[str, Any]], Any],
    done: str | Callable[[Any], HttpResponse],
    **page: Any,
) -> HttpResponse:
    """One form page: show it, or check it and `act` on its clean data, then go to the address `done` (or what `done` makes of the result).

    `page`: title, crumb and crumb_url (the list above), verb (of the button), aside (a template beside the form), danger_url,
    danger_title, danger_text, danger_verb.
    """
    if request.method == "POST" and form.is_valid():
        try:
            result = act(form.cleaned_data)
        except MadoguchiError as error:
            form.refuse(error)
        else:
            if callable(done):
                return done(result)
            messages.success(request, _("Saved"))
            return redirect(done)
    status = 422 if form.is_bound else 200
    return render(request, "design/settings_form.html", {"form": form, **page}, status=status)


def confirm(request: HttpRequest, *, act: Callable[[], Any], done: str, **page: Any) -> HttpResponse:
    """Ask before something dangerous: a page that says what will happen, then `act` on POST and go to `done`.

    `page`: title, text, facts (a list), verb (repeats the verb and the object), crumb, crumb_url (also where "Keep it" leads).
    """
    if request.method == "POST":
        try:
            act()
        except MadoguchiError as error:
            return render(request, "design/settings_confirm.html", {"error": error, **page}, status=error.status)
        return redirect(done)
    return render(request, "design/settings_confirm.html", page)
