"""What every template may ask about the looks: language, theme and density of the reader."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import get_language

HTML_LANG = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


def html_lang() -> str:
    """The active language as HTML names it."""
    language = get_language() or "en"
    return HTML_LANG.get(language, language)


def looks(request: HttpRequest) -> dict[str, object]:
    agent = getattr(request, "user", AnonymousUser())
    known = agent.is_authenticated
    return {
        "html_lang": html_lang(),
        "theme": agent.theme if known else "system",
        "density": agent.density if known else "comfortable",
    }
