"""What a person says about a promise."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Promise


class DueForm(forms.Form):
    """`due_at` is local to the agent's time zone, as the browser's control sends it."""

    due_at = forms.DateTimeField(label=_("Due"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class PromiseForm(DueForm):
    text = forms.CharField(label=_("What was promised"), max_length=Promise._meta.get_field("text").max_length)
