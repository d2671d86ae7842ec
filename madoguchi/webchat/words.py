"""The widget's words and looks, as it fetches them: every text in the visitor's language from the catalogues."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.design.context import html_lang
from madoguchi.workplace import queries as workplace

from . import queries
from .actions.saying import LONGEST_TEXT, MOST_FILES
from .models import Widget


def config_shape(widget: Widget) -> dict[str, Any]:
    """All that the widget needs before the visitor writes."""
    hours = queries.hours_of(widget)
    company = workplace.workplace()
    with formats.spoken_to(get_language() or "en", company.time_zone if company else ""):
        opens = formats.near(hours.opens_at) if hours.opens_at else ""
        words = widget_words() | {
            "title": widget.brand.name,
            "closed": _("We are closed until {time}. Write anyway: we answer by mail.").format(time=opens) if opens
            else _("We are closed at the moment. Write anyway: we answer by mail."),
        }  # fmt: skip
    return {
        "lang": html_lang(), "language": get_language() or "en", "languages": settings.LANGUAGES, "words": words, "colour": widget.colour,
        "open": hours.open, "staffed": hours.staffed, "consent": widget.ask_consent, "privacy": widget.privacy_url,
        "patience": widget.patience * 60, "longest": LONGEST_TEXT, "files": MOST_FILES, "bytes": settings.CHAT_FILE_LIMIT,
    }  # fmt: skip


def widget_words() -> dict[str, str]:
    """By the names that the script uses; {n}, {name} and the like are filled in there."""
    return {
        "open": _("Open the chat"), "close": _("Close the chat"), "log": _("Messages"), "language": _("Language"),
        "message": _("Message"), "placeholder": _("Write a message"), "send": _("Send"), "attach": _("Attach a file"),
        "hello": _("Hello! What can we do for you?"), "online": _("We are here for you"),
        "absent": _("Nobody is at the desk at this moment. Write to us: we answer as soon as we can."),
        "you": pgettext("chat", "You"), "assistant": pgettext("sender", "Assistant"),
        "is_bot": _("You are talking to an automatic assistant. You can ask for a person at any time."),
        "sending": _("Sending"), "sent": pgettext("message", "Sent"), "read": pgettext("message", "Read"),
        "unsent": _("Not sent"), "again": _("Try again"),
        "typing": _("Somebody is writing …"), "new": _("New message"),
        "waiting": _("You are waiting for a person"), "place": _("You are number {n} in the queue"), "next": _("You are next"),
        "minutes": _("About {n} minutes"), "minute": ngettext("About {n} minute", "About {n} minutes", 1).replace("{n}", "1"),
        "with": _("You are talking to {name}"), "offline": _("No connection. Your messages are sent as soon as it is back."),
        "patience": _("It is taking longer than we would like. Shall we answer by mail or call you back?"),
        "by_mail": _("Answer by mail"), "by_call": _("Call me back"), "keep_waiting": _("Keep waiting"),
        "your_name": _("Your name"), "your_mail": _("Your email address"), "your_phone": _("Your phone number"), "optional": _("optional"),
        "mail_kept": _("Thank you. We answer to {value}."), "call_kept": _("Thank you. We call you back."),
        "end": _("End the chat"), "ended": _("The chat has ended."), "anew": _("Start a new chat"),
        "rate": _("How was this chat?"), "stars": _("{n} of 5"), "comment": _("What could we do better?"),
        "rated": _("Thank you for telling us."),
        "transcript": _("Send me the transcript"), "transcript_sent": _("The transcript is on its way to {value}."),
        "consent": _("I have read the privacy notice and agree that my messages are stored."), "privacy": _("Privacy notice"),
        "too_large": _("This file is too large: at most {size} MB."), "download": _("Download {name}"),
        "failed": _("That did not work. Try again in a minute."), "cancel": _("Cancel"), "more": pgettext("actions", "More"),
        "unread": _("{n} new messages"),
    }  # fmt: skip
