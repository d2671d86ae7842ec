"""The Markdown of an article as safe HTML, as plain text, and its headings.

Beside CommonMark and tables there are callouts, written as on GitHub: a quotation that begins with [!NOTE], [!TIP], [!NOTICE] or
[!WARNING]. Pictures are those that were uploaded to the article; others would tell a third party who reads what.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from markdown_it import MarkdownIt
from markdown_it.token import Token

PICTURES = "/help/pictures/"
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre", "s", "strong", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_CALLOUTS = {"note", "tip", "notice", "warning"}
_CLASSES = {"blockquote": {"callout", *(f"callout--{kind}" for kind in _CALLOUTS)}}
_ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height", "loading"}, "ol": {"start"}, "h2": {"id"}, "h3": {"id"},
    "th": {"align"}, "td": {"align"},
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto", "tel"}
_CALLOUT = re.compile(r"\[!(NOTE|TIP|NOTICE|WARNING)\][ \t]*\n?", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
CHARACTERS_A_MINUTE, WORDS_A_MINUTE = 500, 200


@dataclass(frozen=True, slots=True)
class Heading:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    html: SafeString
    headings: list[Heading]
    minutes: int
    """To read it, at least 1."""


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": False}).enable(["strikethrough", "table"])


def page(body: str) -> Page:
    """The article as it is shown, in the language that is active: wide tables have a name for screen readers."""
    html, headings = _rendered(body)
    label = format_html(
        '<div class="tablewrap" tabindex="0" role="group" aria-label="{}"><table class="table">', pgettext("article", "Table")
    )
    html = html.replace("<table>", label).replace("</table>", "</table></div>")
    words = plain_text(body)
    dense = len(_DENSE.findall(words))
    minutes = round(dense / CHARACTERS_A_MINUTE + len(_DENSE.sub(" ", words).split()) / WORDS_A_MINUTE)
    return Page(mark_safe(html), headings, max(1, minutes))  # sanitised in _rendered; the label is escaped


@lru_cache(maxsize=512)
def _rendered(body: str) -> tuple[str, list[Heading]]:
    tokens = _markdown().parse(body)
    headings = _number_headings(tokens)
    _mark_callouts(tokens)
    _keep_own_pictures(tokens)
    html = _markdown().renderer.render(tokens, _markdown().options, {})
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, allowed_classes=_CLASSES, url_schemes=_SCHEMES, link_rel="noopener noreferrer"
    )
    return clean, headings


def _number_headings(tokens: Sequence[Token]) -> list[Heading]:
    """The page's own title is the only h1: headings begin at h2 whatever the writer began with."""
    levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = 2 - min(levels, default=2)
    found: list[Heading] = []
    for at, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        level = max(2, min(int(token.tag[1]) + shift, 4))
        token.tag = f"h{level}"
        if token.type == "heading_open" and level == 2:  # noqa: PLR2004
            found.append(Heading(f"part-{len(found) + 1}", _inline_text(tokens[at + 1])))
            token.attrSet("id", found[-1].id)
    return found


def _mark_callouts(tokens: Sequence[Token]) -> None:
    for at, token in enumerate(tokens[:-2]):
        if token.type != "blockquote_open" or tokens[at + 2].type != "inline":
            continue
        inline = tokens[at + 2]
        match = _CALLOUT.match(inline.content)
        if match and inline.children:
            token.attrSet("class", f"callout callout--{match[1].lower()}")
            first = inline.children[0]
            first.content = first.content[len(match[0].rstrip("\n")) :]
            if not first.content and len(inline.children) > 1 and inline.children[1].type == "softbreak":
                del inline.children[:2]


def _keep_own_pictures(tokens: Sequence[Token]) -> None:
    for token in tokens:
        for child in token.children or ():
            if child.type != "image":
                continue
            if not str(child.attrGet("src") or "").startswith(PICTURES):
                child.type, child.tag, child.content = "text", "", child.content or str(child.attrGet("src"))
            else:
                child.attrSet("loading", "lazy")


def _inline_text(token: Token) -> str:
    return "".join(child.content if child.type != "softbreak" else " " for child in token.children or ())


@lru_cache(maxsize=2048)
def plain_text(body: str) -> str:
    """The words of an article, for snippets and for reading aloud."""
    html = _rendered(body)[0]
    return " ".join(unescape(_TAG.sub(" ", html.replace("</p>", "\n"))).split())


def preview(body: str) -> SafeString:
    """As editors see it before it is saved."""
    if not body.strip():
        return format_html('<p class="ink-3">{}</p>', _("Nothing written yet"))
    return page(body).html
