"""A mail's HTML made safe for a frame: an allow-list of tags, styles without addresses, inline images from the mail itself."""

import re
from html import escape

import nh3
from django.urls import reverse

from madoguchi.design.context import HTML_LANG
from madoguchi.tickets.models import Message

TAGS = {
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
}
ATTRIBUTES = {
    "*": {"align", "valign", "dir", "lang", "title", "style", "width", "height", "bgcolor"},
    "a": {"href"},
    "img": {"src", "alt"},
    "font": {"color", "size", "face"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start", "type"},
}
STYLES = {
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-indent",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
}
_URL = re.compile(r"url\s*\(|expression|@import|\\", re.IGNORECASE)
_BASE = (
    "body{margin:0;padding:12px 14px;font:14px/1.6 sans-serif;color:#1b1e2a;background:#fff;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{max-width:100%}pre{white-space:pre-wrap}"
    "blockquote{margin:0 0 0 .5em;padding-left:.75em;border-left:2px solid #ccc}"
)


def safe_page(message: Message) -> str:
    """A whole page; remote images are left out (they would tell the sender that the mail was read)."""
    inline = {one.content_id.strip("<>"): reverse("attachment", args=[one.pk]) for one in message.attachments.all() if one.content_id}

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return None if _URL.search(value) else value
        if tag == "img" and name == "src":
            place = inline.get(value.removeprefix("cid:").strip("<>")) if value.startswith("cid:") else None
            if place:
                return f"{place}?inline=1"
            return value if value.startswith("data:image/") and not value.startswith("data:image/svg") else None
        return value

    body = nh3.clean(
        message.html, tags=TAGS, attributes=ATTRIBUTES, filter_style_properties=STYLES, attribute_filter=attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"}, link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "title", "head"}, set_tag_attribute_values={"a": {"target": "_blank"}},
    )  # fmt: skip
    lang = HTML_LANG.get(message.language, message.language)
    head = f'<meta charset="utf-8"><title>{escape(message.subject)}</title><style>{_BASE}</style>'
    return f'<!doctype html><html lang="{escape(lang)}"><head>{head}</head><body>{body}</body></html>'
