"""Text with Markdown as safe HTML for the desk; @mentions in notes stand out."""

import re

from django.utils.safestring import SafeString, mark_safe

from madoguchi.tickets.layout import render

_MENTION = re.compile(r"(?<![\w@>/])@([\w.\-]{1,60})")
_TAG_OR_TEXT = re.compile(r"(<[^>]*>)")


def rendered(text: str, *, mentions: bool = False) -> SafeString:
    html = render(text)
    if mentions and "@" in html:
        pieces = _TAG_OR_TEXT.split(html)
        html = "".join(piece if piece.startswith("<") else _MENTION.sub(r'<span class="mention">@\1</span>', piece) for piece in pieces)
    return mark_safe(f'<div class="prose-s">{html}</div>')  # sanitised by tickets.layout
