"""The rows of the list as HTML. Written by hand: fifty rows through a template would cost more than the rest of the page together.

Everything that somebody else wrote goes through `escape`.
"""

from html import escape

from django.utils.safestring import SafeString, mark_safe

from madoguchi.design.templatetags.design import avatar, icon, ring

from .queue import RowView


def drawn_row(row: RowView) -> SafeString:
    lang = escape(row.lang)
    head = f'<li class="rowhead" data-head="{row.group}">{escape(row.head)}</li>' if row.head else ""
    third_lang = f' lang="{lang}"' if row.third_lang else ""
    return mark_safe(
        f'{head}<li class="row-li" data-id="{row.id}" data-group="{row.group}">'
        f'<input class="box pick" type="checkbox" name="ids" value="{row.id}" form="bulk" aria-label="#{row.id}" tabindex="-1">'
        f'<a class="row{" row--unread" if row.unread else ""}" href="/tickets/{row.id}">{avatar(row.name, row.face)}<span class="row-b">'
        f'<span class="row-1"><span class="row-name" lang="{lang}">{escape(row.name)}</span>{_clock(row)}</span>'
        f'<span class="row-2" lang="{lang}">{escape(row.subject)}</span>'
        f'<span class="row-3">{icon(row.icon)}<span class="langtag">{escape(row.lang_tag)}</span>'
        f'<span class="trunc"{third_lang}>{escape(row.third)}</span>{_marks(row)}</span></span></a></li>'
    )


def _clock(row: RowView) -> str:
    if not row.clock:
        return f'<span class="push sla">{escape(row.due)}</span>'
    due = f' data-due="{row.due_iso}"' if row.due_iso else ""
    return f'<span class="push sla sla--{row.clock}"{due}>{ring(row.percent, row.clock)}{escape(row.due)}</span>'


def _marks(row: RowView) -> str:
    """Priority above normal, and whose it is when it is not the reader's."""
    priority = assignee = ""
    if row.priority:
        tone = "danger" if row.hot else "notice"
        priority = f'<span class="{tone} line line--1">{icon("flag")}<span>{escape(row.priority)}</span></span>'
    if row.assignee:
        assignee = f'{avatar(row.assignee, row.assignee_id, "av--s av--round")}<span class="vh">{escape(row.assignee)}</span>'
    return f'<span class="push line line--1">{priority}{assignee}</span>' if priority or assignee else ""
