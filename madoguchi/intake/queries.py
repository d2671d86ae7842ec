"""Reads about arrivals, for people."""

from django.utils.translation import gettext as _

from madoguchi.channels.mail.forwards import Original, forwarded_original, written_original
from madoguchi.channels.mail.parse import parse
from madoguchi.channels.queries import base_address, own_addresses
from madoguchi.tickets.models import Message

LOOKED_AT = 20_000  # characters of a message in which a forwarded mail is sought


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


def forwarded_in(message: Message) -> Original | None:
    """The mail of somebody else that was forwarded to us in this message; None when there is none, or when it is one of ours.

    The raw mail is read only where a mail is attached.
    """
    if message.direction != Message.Direction.IN or message.envelope_id is None or message.automatic:
        return None
    if any(file.content_type == "message/rfc822" for file in message.attachments.all()) and message.envelope is not None:
        raw = bytes(message.envelope.raw)
        found = forwarded_original(parse(raw), raw)
    else:
        found = written_original(message.subject, message.text[:LOOKED_AT])
    if found is None or found.address.lower() == message.from_address.lower():
        return None
    return None if base_address(found.address) in own_addresses() else found


def ticket_of_forwarded(message: Message, original: Original) -> int | None:
    """The ticket that was already opened for the forwarded mail of this message."""
    there = Message.objects.filter(envelope=message.envelope, from_address=original.address).exclude(pk=message.pk)
    return there.values_list("ticket_id", flat=True).first()
