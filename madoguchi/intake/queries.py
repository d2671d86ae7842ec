"""Reads about arrivals, for people."""

from django.utils.translation import gettext as _


def explain_reason(reason: str) -> str:
    """Why an arrival was set aside, in words; `reason` is the envelope's code and, after a colon, details."""
    code, _colon, detail = reason.partition(":")
    words = {
        "too_large": _("The mail is larger than this installation takes"),
        "not_fetched": _("The mail server did not hand the mail over"),
        "no_sender": _("Nobody to answer: the mail names no sender"),
        "no_headers": _("This is not a mail: it has no header lines"),
        "parser_failed": _("The mail is broken in a way that was not understood"),
        "empty": _("There is nothing in the mail"),
        "kills_reader": _("Reading this mail stopped the program every time"),
        "failed": _("Reading this mail failed"),
        "own_mail": _("One of our own mails came back"),
        "hops": _("The mail went round through too many servers"),
        "flood": _("The same sender wrote very often in a short time, like a machine that answers us"),
    }.get(code)
    if words is None:
        return reason
    return f"{words} ({detail.strip()})" if detail.strip() else words
