"""Forms of the editor's pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.design.settings_pages import SectionedForm
from madoguchi.staff.models import Agent

from .categories import name_of
from .models import Article, Audience, Category


class ArticleForm(SectionedForm):
    slug = forms.SlugField(
        label=_("Address"), max_length=100,
        help_text=_("The last part of the page’s address: small letters a to z, digits and hyphens, such as return-an-item"),
    )  # fmt: skip
    category = forms.ChoiceField(label=pgettext_lazy("article", "Topic"))
    audience = forms.ChoiceField(
        label=pgettext_lazy("article", "Visible to"), choices=Audience.choices, widget=forms.RadioSelect, initial=Audience.INTERNAL,
        help_text=_("Public articles stand in the help centre as soon as they are published"),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of the original"), choices=settings.LANGUAGES)
    owner = forms.ChoiceField(label=pgettext_lazy("article", "Owner"), required=False)
    review_on = forms.DateField(
        label=_("Review on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("On this day the article is listed as due, so that somebody looks whether it is still true"),
    )  # fmt: skip
    sections = [
        (pgettext_lazy("article", "Article"), "", ["slug", "category", "language"]),
        (pgettext_lazy("article", "Visible to"), "", ["audience"]),
        (_("Care"), "", ["owner", "review_on"]),
    ]

    def __init__(self, *args: Any, reader: Agent, article: Article | None = None, **kwargs: Any) -> None:
        if article is not None:
            kwargs["initial"] = {
                "slug": article.slug, "category": article.category_id, "audience": article.audience, "language": article.language,
                "owner": article.owner_id or "", "review_on": article.review_on,
            }  # fmt: skip
        else:
            kwargs["initial"] = {"language": reader.language}
        super().__init__(*args, **kwargs)
        choices = [(row.pk, name_of(row, reader.language)) for row in Category.objects.all()]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]
        people = Agent.objects.filter(is_active=True).order_by("name").values_list("pk", "name")
        self.fields["owner"].choices = [("", "–"), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        owner = clean.get("owner") or ""
        return {
            "slug": clean.get("slug", ""), "category_id": int(clean["category"]) if clean.get("category") else None,
            "audience": clean.get("audience", ""), "language": clean.get("language", ""), "owner_id": int(owner) if owner else None,
            "review_on": clean.get("review_on"),
        }  # fmt: skip


class TextForm(SectionedForm):
    title = forms.CharField(label=pgettext_lazy("article", "Title"), max_length=200)
    summary = forms.CharField(
        label=pgettext_lazy("article", "Summary"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One or two sentences for lists and search engines"),
    )  # fmt: skip
    tags = forms.CharField(
        label=_("Tags"), max_length=2000, required=False, help_text=_("Words that people search for, with commas between them")
    )
    body = forms.CharField(
        label=pgettext_lazy("article", "Text"), max_length=200_000, widget=forms.Textarea(attrs={"rows": 22}), strip=False
    )
    questions = forms.CharField(
        label=_("Example questions"), max_length=70_000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, as customers would ask it. They help search and answers to find this article"),
    )  # fmt: skip
    note = forms.CharField(label=_("What changed"), max_length=200, required=False, help_text=_("For the version history"))
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def clean_tags(self) -> list[str]:
        text = self.cleaned_data["tags"]
        for comma in "、，;；\n":
            text = text.replace(comma, ",")
        return [tag.strip() for tag in text.split(",") if tag.strip()]

    def clean_questions(self) -> list[str]:
        return self.cleaned_data["questions"].splitlines()


class CategoryForm(SectionedForm):
    key = forms.SlugField(
        label=_("Address"), max_length=60, help_text=_("Part of the topic’s address: small letters a to z, digits and hyphens")
    )
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=10_000)

    def __init__(self, *args: Any, category: Category | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "position": category.position if category else Category.objects.count() + 1,
            "key": category.key if category else "",
        }
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            given = category.names.get(code, "") if category else ""
            shown = name_of(category, code) if category else ""
            self.fields[f"name_{code}"] = forms.CharField(
                label=name, required=False, max_length=80, initial=given, widget=forms.TextInput(attrs={"placeholder": shown})
            )

    @property
    def sections(self) -> list[tuple[Any, Any, list[str]]]:  # type: ignore[override]
        names = [f"name_{code}" for code, _name in settings.LANGUAGES]
        return [
            (pgettext_lazy("article", "Topic"), "", ["key", "position"]),
            (_("Name"), _("An empty field uses the name that is shown in it"), names),
        ]

    def clean(self) -> dict[str, Any]:
        clean = super().clean() or {}
        names = {code: clean.get(f"name_{code}", "") for code, _name in settings.LANGUAGES}
        return {"key": clean.get("key", ""), "position": clean.get("position") or 0, "names": names}


class MomentForm(forms.Form):
    """A moment in the agent's time zone."""

    at = forms.DateTimeField(required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
