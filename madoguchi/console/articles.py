"""Articles as the composer offers them: only what the customer may read too."""

import re

from django.conf import settings
from django.urls import reverse

from madoguchi.knowledge.queries import public_translations
from madoguchi.knowledge.search import find

_BRACKET, _ESCAPED = re.compile(r"[\[\]\\]"), r"\\\g<0>"
MOST, MOST_TEXTS = 5, 3
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n*")


def articles_for(typed: str, *, language: str) -> list[dict[str, str]]:
    """`insert` is a link to the help centre, or the article's text without its pictures, which stand only there."""
    links: list[dict[str, str]] = []
    texts: list[dict[str, str]] = []
    for hit in find(public_translations(), typed, language=language, limit=MOST):
        row = hit.translation
        url = settings.BASE_URL + reverse("help_article", args=[row.language, row.article.slug])
        links.append({"name": row.title, "detail": url, "insert": f"[{_BRACKET.sub(_ESCAPED, row.title)}]({url}) "})
        if len(texts) < MOST_TEXTS and row.language == language:
            said = "".join(text for text, _marked in hit.snippet)
            texts.append({"name": row.title, "detail": said, "insert": _PICTURE.sub("", row.body).strip() + "\n"})
    return links + texts
