"""`{% load design %}`: icons, faces, rings, fields, and how moments and figures are written."""

import json
import unicodedata
from datetime import date, datetime
from functools import cache, lru_cache

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template import Context, Node
from django.template.base import FilterExpression, Parser, TextNode, Token
from django.templatetags.i18n import TranslateNode, do_translate
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.design.context import HTML_LANG
from madoguchi.design.forms import control_class, shape

register = template.Library()
FACE_COLOURS = "abcd"


@cache
def _icon(name: str, extra: str) -> SafeString:
    css = f"i {extra}".strip()
    return format_html(
        '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("design/icons.svg"), name
    )


def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite; decoration only: the words stand beside it or in the control's label."""
    return _icon(name, extra)


class _Icon(Node):
    def __init__(self, parts: list[FilterExpression]) -> None:
        self.parts = parts

    def render(self, context: Context) -> SafeString:
        return icon(*(str(part.resolve(context)) for part in self.parts))


@register.tag("icon")
def _icon_tag(parser: Parser, token: Token) -> Node:
    """`{% icon "name" "extra" %}`. One whose name is written in the template is drawn once, when the template is read."""
    parts = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    if not any(part.is_var for part in parts):
        return TextNode(icon(*(str(part.var) for part in parts)))
    return _Icon(parts)


class _KnownText(TranslateNode):
    """A text written in the template: looked up once per language, not at each drawing; a desk page has over a hundred."""

    def __init__(self, node: TranslateNode) -> None:
        super().__init__(node.filter_expression, noop=False, message_context=node.message_context)
        self.known: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        if language not in self.known:
            self.known[language] = super().render(context)
        return self.known[language]


@register.tag("translate")
def _translate_tag(parser: Parser, token: Token) -> Node:
    """Django's own tag, with a memory where the text and its context are written in the template and nothing is done with it."""
    node = do_translate(parser, token)
    said, around = node.filter_expression, node.message_context
    fixed = said.var.lookups is None and not said.filters and (around is None or not around.is_var)
    return _KnownText(node) if fixed and not node.noop and not node.asvar else node


def initials(name: str) -> str:
    """One character for CJK names (the family name's first), two initials for others."""
    words = [word for word in name.replace("(", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    if unicodedata.east_asian_width(words[0][0]) in {"W", "F"}:
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.simple_tag
def avatar(name: str, key: int = 0, extra: str = "", presence: str = "") -> SafeString:
    """A face: square for customers, round (`av--round`) for us; `key` (an id) chooses the colour, `presence` adds the dot."""
    here = {"": "", "available": "here", "wrap_up": "busy"}.get(presence, "away")
    return _face(initials(name), (key or 0) % 4, extra, here)


@lru_cache(maxsize=4096)
def _face(letters: str, colour: int, extra: str, here: str) -> SafeString:
    css = f"av {extra} av--{FACE_COLOURS[colour]}"
    if here:
        return format_html('<span class="{}" data-presence="{}" aria-hidden="true">{}</span>', css, here, letters)
    return format_html('<span class="{}" aria-hidden="true">{}</span>', css, letters)


_PAUSED = mark_safe(
    '<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M3.5 2.5v7M8.5 2.5v7" fill="none" stroke="currentColor" '
    'stroke-width="1.75" transform="rotate(90 6 6)"/></svg>'
)


@register.simple_tag
def ring(percent: int, state: str = "running") -> SafeString:
    """The clock's ring: the arc is what is left (0 to 100). Words must stand beside it."""
    return _PAUSED if state == "paused" else _arc(max(0, min(100, int(percent))))


@cache
def _arc(percent: int) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 12 12" aria-hidden="true"><circle class="track" cx="6" cy="6" r="4.75"/>'
        '<circle class="left" cx="6" cy="6" r="4.75" pathLength="100" stroke-dasharray="{} 100"/></svg>',
        percent,
    )


@register.simple_tag
def additions(html_lang: str) -> SafeString:
    """What rooms add to every public page, each a function of the page's language that the settings name: the chat does so."""
    return mark_safe("".join(import_string(path)(html_lang) for path in settings.PUBLIC_PAGE_ADDITIONS))


@register.simple_tag
def words() -> str:
    """The texts that scripts of every page show, for `<meta name="words">`; a room adds its own in a second such element."""
    return json.dumps(
        {
            "undo": _("Undo"),
            "close": pgettext("dialog", "Close"),
            "failed": _("The server did not answer. Nothing was lost; try again in a minute."),
            "signed_out": _("You are signed out. What you typed is kept on this device; sign in and it is sent."),
            "sign_in": _("Sign in"),
            "offline": _("Offline. You can go on writing; drafts are kept on this device."),
            "online": _("Online again"),
            "copied": _("Copied"),
        },
        ensure_ascii=False,
    )


@register.simple_tag
def control(bound: BoundField, **attrs: str) -> SafeString:
    """The control of a form field with our classes; Django itself ties hint and errors to it by aria-describedby."""
    widget = bound.field.widget
    css = " ".join(filter(None, (control_class(widget), widget.attrs.get("class", ""), attrs.pop("class", ""))))
    wanted: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attrs.items()}
    if css and shape(widget) == "plain":
        wanted["class"] = css
    return bound.as_widget(attrs=wanted)


@register.filter
def control_shape(bound: BoundField) -> str:
    return shape(bound.field.widget)


@register.filter
def html_lang(code: str) -> str:
    """A language code of ours as HTML writes it: zh-hans -> zh-Hans."""
    return HTML_LANG.get(code, code)


@register.filter
def language_name(code: str) -> str:
    """The language's own name."""
    return dict(settings.LANGUAGES).get(code, code)


def _moment(value: datetime | None, text: str) -> SafeString | str:
    if value is None:
        return ""
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(timespec="seconds"), formats.stamp(value), text)


@register.filter
def near(value: datetime | None) -> SafeString | str:
    """`<time>` as short as it can be understood."""
    return _moment(value, formats.near(value)) if value else ""


@register.filter
def stamp(value: datetime | None) -> SafeString | str:
    return _moment(value, formats.stamp(value)) if value else ""


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    return _moment(value, formats.ago(value)) if value else ""


@register.filter
def at(value: datetime | None) -> SafeString | str:
    """`<time>` with the hour only."""
    return _moment(value, formats.clock_time(value)) if value else ""


@register.filter
def left(value: datetime | None) -> str:
    return formats.left(value) if value else ""


@register.filter
def moment_text(value: datetime | None) -> str:
    return formats.moment(value) if value else ""


@register.filter
def date_text(value: date | None) -> str:
    return formats.date_text(value) if value else ""


@register.filter
def date_table(value: date | None) -> str:
    return formats.date_table(value) if value else ""


@register.filter
def number(value: float | None) -> str:
    return "" if value is None else formats.number(value)


@register.filter
def percent(value: float | None) -> str:
    return "" if value is None else formats.percent(value)


@register.filter
def file_size(value: int | None) -> str:
    return "" if value is None else formats.file_size(value)
