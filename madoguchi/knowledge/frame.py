"""What stands around every page that customers see: the brand, the languages, the year."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from madoguchi.design.context import HTML_LANG
from madoguchi.foundation import clock
from madoguchi.workplace.models import Brand
from madoguchi.workplace.queries import default_brand, workplace

LANGUAGES = dict(settings.LANGUAGES)


def frame(language: str, brand: Brand | None = None) -> dict[str, Any]:
    """The context of `knowledge/help/base.html`. `switch`: where the choice of a language leads; the start page unless overridden."""
    return {
        "language": language, "html_lang": HTML_LANG.get(language, language), "brand": brand_name(brand), "year": clock.now().year,
        "base": settings.BASE_URL, "languages": list(LANGUAGES), "switch": {code: reverse("help", args=[code]) for code in LANGUAGES},
    }  # fmt: skip


def brand_name(brand: Brand | None = None) -> str:
    brand, company = brand or default_brand(), workplace()
    return (brand.name if brand else "") or (company.name if company else "") or "Madoguchi"
