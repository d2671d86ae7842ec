"""`{% load desk %}`: what the desk's templates need beyond the looks."""

import json
from collections.abc import Iterable
from html import escape

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.console.context import NavItem
from madoguchi.console.messages import drawn_message
from madoguchi.console.rows import drawn_row
from madoguchi.console.timeline import MessageView
from madoguchi.design.templatetags.design import avatar, icon

register = template.Library()
register.simple_tag(avatar, name="face")
register.simple_tag(drawn_row, name="draw_row")


@register.simple_tag(takes_context=True)
def draw_message(context: Context, message: MessageView) -> SafeString:
    return drawn_message(message, may_reply=context["may"]["reply"], csrf_token=context["csrf_token"])


@register.simple_tag
def draw_nav(items: Iterable[NavItem], current: str) -> SafeString:
    """The views of the side bar; `current` is the key of the open one."""
    drawn = []
    for item in items:
        here = ' aria-current="page"' if item.key == current else ""
        hot = " danger" if item.hot else ""
        drawn.append(
            f'<li><a class="nav-i" href="{escape(item.url)}" data-view="{escape(item.key)}"{here}>{icon(item.icon)}'
            f'<span class="trunc">{escape(str(item.label))}</span><span class="count{hot}">{item.count}</span></a></li>'
        )
    return mark_safe("".join(drawn))


@register.filter
def holds(items: Iterable[NavItem], key: str) -> bool:
    """Whether a list of the side bar has this view."""
    return any(item.key == key for item in items)


@register.simple_tag
def desk_words() -> str:
    """Texts that the desk's scripts show."""
    return json.dumps(
        {
            "selected_one": ngettext("{n} selected", "{n} selected", 1),
            "selected": ngettext("{n} selected", "{n} selected", 2),
            "new_one": ngettext("{n} new ticket", "{n} new tickets", 1),
            "new": ngettext("{n} new ticket", "{n} new tickets", 2),
            "draft_saved": _("Draft saved {time}"),
            "draft_local": _("Kept on this device; the server gets it when the line is back"),
            "draft_restored": _("Another device had a newer draft. Both texts stand here now, yours below."),
            "remove_file": _("Remove {name}"),
            "no_canned": _("No canned reply matches"),
            "no_match": _("Nothing found"),
            "bold": _("bold text"),
            "link": _("text"),
            "take": _("Take over"),
            "macros": _("Macros"),
            "go_to": _("Go to"),
            "tickets": _("Tickets"),
            "search_for": _("Search for “{q}”"),
        },
        ensure_ascii=False,
    )
