"""What stands around the words of a reply: close, quotation, subject, and HTML made from Markdown. In the customer's language."""

from datetime import datetime
from functools import cache, lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt

from madoguchi.channels.mail.tokens import base_subject, subject_tag
from madoguchi.design import formats

QUOTE_LIMIT = 20_000  # characters of the last message that are quoted
SUBJECT_LIMIT = 250

CLOSE_BY_PERSON = {
    "en": "Kind regards\n{agent}\n{company}",
    "ja": "{company}お客様窓口\n{agent}",
    "zh-hans": "{company}客服中心\n{agent}",
    "zh-hant": "{company}客服中心\n{agent} 敬上",
    "de": "Freundliche Grüße\n{agent}\n{company}",
}
CLOSE_BY_MACHINE = {
    "en": "Kind regards\n{company}",
    "ja": "{company}お客様窓口",
    "zh-hans": "{company}客服中心",
    "zh-hant": "{company}客服中心 敬上",
    "de": "Freundliche Grüße\nIhr Team von {company}",
}
ATTRIBUTION = {
    "en": "On {moment}, {name} wrote:",
    "ja": "{moment} {name} 様:",
    "zh-hans": "{name}于{moment}写道：",
    "zh-hant": "{name} 於 {moment} 寫道：",
    "de": "Am {moment} schrieb {name}:",
}
_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "img", "li", "ol", "p", "pre", "s",
    "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}


def subject_line(subject: str, number: int, *, prefix: str = "Re:") -> str:
    """Re: the subject [#number], whatever prefixes and tags it carried; "Auto:" where a machine responds (RFC 3834, 3.1.5)."""
    return " ".join([prefix, base_subject(subject)[:SUBJECT_LIMIT], subject_tag(number)]).replace("  ", " ")


def close(language: str, *, agent: str, company: str) -> str:
    """The last lines; `agent` empty for what a machine sends."""
    texts = CLOSE_BY_PERSON if agent else CLOSE_BY_MACHINE
    return texts[formats.language_of(language)].format(agent=agent, company=company)


def attribution(language: str, *, name: str, at: datetime, zone: str) -> str:
    """The line above a quotation."""
    with formats.spoken_to(language, zone):
        return ATTRIBUTION[formats.language_of(language)].format(name=name, moment=formats.moment(at))


def plain(text: str, *, end: str, above_quote: str = "", quoted: str = "") -> str:
    """The plain part: Markdown as typed reads well."""
    parts = [text.strip(), end]
    if quoted:
        lines = quoted[:QUOTE_LIMIT].strip().splitlines()
        parts.append("\n".join([above_quote, *(f"> {line}".rstrip() if not line.startswith(">") else f">{line}" for line in lines)]))
    return "\n\n".join(part for part in parts if part) + "\n"


def html(text: str, *, ready: str = "", language: str, end: str, above_quote: str = "", quoted: str = "") -> str:
    """The HTML part. `ready`: HTML to use instead of the rendered text; it is sanitised all the same."""
    body = clean(ready) if ready else render(text)
    tail = f"<div><br>{_broken(end)}</div>" if end else ""
    quote = ""
    if quoted:
        quote = (
            f'<div class="gmail_quote"><div><br>{_broken(above_quote)}</div>'
            f'<blockquote type="cite" class="gmail_quote">{_broken(quoted[:QUOTE_LIMIT].strip())}</blockquote></div>'
        )
    code = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(formats.language_of(language), formats.language_of(language))
    head = f'<!doctype html>\n<html lang="{code}"><head><meta charset="utf-8"></head><body>'
    return f"{head}\n<div>{body}</div>\n{tail}\n{quote}\n</body></html>\n"


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["strikethrough", "table"])


@lru_cache(maxsize=256)
def render(text: str) -> str:
    """Markdown to safe HTML; HTML in it stays visible as text. Kept for the next look: a ticket is opened many times."""
    return clean(_markdown().render(text))


def clean(fragment: str) -> str:
    """HTML without anything that runs, loads by itself or styles the page around it."""
    return nh3.clean(fragment, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
