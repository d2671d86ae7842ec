"""Django's forms in our looks: a field is a label, the control, a hint and its errors, tied together for screen readers."""

from django import forms
from django.forms.renderers import TemplatesSetting

CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, ""),
    (forms.RadioSelect, ""),
    (forms.CheckboxSelectMultiple, ""),
    (forms.HiddenInput, ""),
    (forms.FileInput, "input input--file"),
    (forms.Select, "select"),
    (forms.Textarea, "area"),
)


class Renderer(TemplatesSetting):
    """Set as FORM_RENDERER, so that `{{ form }}` and `{{ field.as_field_group }}` look like ours everywhere."""

    form_template_name = "design/form.html"
    field_template_name = "design/field.html"


def control_class(widget: forms.Widget) -> str:
    return next((name for kind, name in CLASSES if isinstance(widget, kind)), "input")


def shape(widget: forms.Widget) -> str:
    """check (one box beside its label) | choices (a group of boxes) | plain."""
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "choices" if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple) else "plain"
