"""Shielded messages as HTML, for the conversation."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Label, Severity
from .shield import Shielded

_WIDTHS = ((12, 6), (30, 9))  # characters under the veil -> width of it, roughly, so that it tells little


def label_words(label: str) -> str:
    return str(Label(label).label) if label in Label.values else _("abuse")


def severity_words(severity: int) -> str:
    return str(Severity(severity).label)


def drawn_shield(found: Shielded, *, lang: str, csrf_token: str) -> SafeString:
    """The folded message: what is asked first, then the text with veils, then the one button that shows the original."""
    count = sum(1 for piece in found.pieces if piece.label)
    parts = [
        {"text": piece.text} if not piece.label else {
            "width": next((width for most, width in _WIDTHS if piece.size <= most), 12),
            "says": _("Masked: {what}").format(what=label_words(piece.label)),
        }
        for piece in found.pieces
    ]  # fmt: skip
    context = {
        "message_id": found.message_id, "severity": found.manner.severity, "severity_words": severity_words(found.manner.severity),
        "unread": found.manner.unread and not found.manner.severity,
        "asked": found.asked, "parts": [] if found.whole else parts, "lang": lang,
        "csrf_token": csrf_token, "places": ngettext("Masked text ({n} place)", "Masked text ({n} places)", count).format(n=count),
    }  # fmt: skip
    return render_to_string("protection/_shield.html", context)
