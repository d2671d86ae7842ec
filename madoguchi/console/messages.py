"""One message of the conversation as HTML. Written by hand like the rows of the list: a hundred messages stand on a page, and each would
cost a template half a millisecond. What is rare (files, a delivery that needs a hand) is left to templates.

Everything that somebody else wrote goes through `escape`; `body` is safe already (`timeline`).
"""

from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.design.templatetags.design import avatar, icon
from madoguchi.protection.drawing import drawn_shield

from .timeline import DeliveryView, MessageView

_LOOKS = {"note": "msg--note", "out": "msg--mail msg--out"}
_TONE_ICONS = {"danger": "warn", "notice": "clock"}


def drawn_message(message: MessageView, *, may_reply: bool, csrf_token: str) -> SafeString:
    """The whole `<article>`. `csrf_token` goes into the forms of a delivery that can still be changed."""
    failed = message.delivery is not None and message.delivery.tone == "danger"
    round_face = "" if message.kind == "in" else "av--round"
    return mark_safe(
        f'<article class="msg {_LOOKS.get(message.kind, "msg--mail")}" id="m-{message.id}" aria-label="{escape(message.who)}"'
        f"{' data-failed' if failed else ''}>{avatar(message.who, message.face, round_face)}<div>{_head(message)}"
        f'<div class="msg-b" lang="{escape(message.lang)}">{_shield(message, csrf_token)}{message.body}{_folds(message)}'
        f"{_files(message)}</div>{_foot(message, may_reply=may_reply, csrf_token=csrf_token)}</div></article>"
    )


def _shield(message: MessageView, csrf_token: str) -> str:
    return drawn_shield(message.shield, lang=message.lang, csrf_token=csrf_token) if message.shield else ""


def _head(message: MessageView) -> str:
    label = f'<span class="chip">{escape(message.label)}</span>' if message.label else ""
    more = escape(_("More about the message of {who}").format(who=message.who))
    people = escape(message.recipients)
    to = f'<p class="to-line trunc" title="{people}">{people}</p>' if people else ""
    return (
        f'<div class="msg-h"><span class="who" lang="{escape(message.lang)}">{escape(message.who)}</span>'
        f'<span class="meta trunc">{icon(message.icon)}<span class="trunc">{escape(message.via)}</span></span>{label}{_auth(message)}'
        f'<time datetime="{message.at.isoformat(timespec="seconds")}" title="{escape(formats.stamp(message.at))}">'
        f"{formats.clock_time(message.at)}</time>"
        f'<details class="pop pop--end" data-lazy="/messages/{message.id}/menu">'
        f'<summary class="btn btn--quiet btn--icon btn--s" aria-label="{more}">{icon("more")}</summary>'
        f'<div class="menu" data-lazy-here></div></details></div>{to}'
    )


def _auth(message: MessageView) -> str:
    if message.auth is None:
        return ""
    tone, words, details = message.auth
    shield = icon("shield-ok" if tone == "ok" else "shield")
    return f'<span class="chip chip--{tone} auth" title="{escape(details)}">{shield}<span class="wide">{escape(words)}</span></span>'


def _folds(message: MessageView) -> str:
    """What is there but folded away, and the word that something is missing."""
    parts = []
    if message.rest:
        parts.append(f'<p class="xs ink-3">{escape(_("The message is longer; the original has all of it."))}</p>')
    for name, text in ((_("Signature"), message.signature), (_("Quoted text"), message.quoted)):
        if text:
            parts.append(f'<details class="fold"><summary>{escape(name)}</summary><div class="plain">{escape(text)}</div></details>')
    return "".join(parts)


def _files(message: MessageView) -> str:
    return render_to_string("console/_message_files.html", {"files": message.files}) if message.files else ""


def _foot(message: MessageView, *, may_reply: bool, csrf_token: str) -> str:
    sent = message.delivery
    if not (message.redacted or message.problems or sent):
        return ""
    parts = []
    if message.redacted:
        parts.append(f'<span class="chip">{icon("eye-off")}{escape(_("Parts are redacted"))}</span>')
    if message.problems:
        why = escape(", ".join(message.problems))
        parts.append(f'<span class="chip chip--notice" title="{why}">{icon("warn")}{escape(_("Could not be read completely"))}</span>')
    if sent is not None:
        parts.append(_delivery(sent))
        if may_reply and (sent.can_retry or sent.can_trust or sent.can_send_now or sent.can_cancel):
            context = {"id": message.id, "d": sent, "csrf_token": csrf_token}
            parts.append(render_to_string("console/_message_delivery.html", context))
    return f'<div class="msg-f">{"".join(parts)}</div>'


def _delivery(sent: DeliveryView) -> str:
    mark = icon(_TONE_ICONS.get(sent.tone, "check"), "i--12")
    detail = f'<span class="ink-2">{escape(sent.detail)}</span>' if sent.detail else ""
    return f'<span class="{sent.tone} line line--1">{mark}{escape(sent.label)}</span>{detail}'
