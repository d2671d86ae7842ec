"""The first event of a calendar part (RFC 5545, 5546), enough to tell an agent what is asked."""

import re

from madoguchi.channels.mail.charsets import decode
from madoguchi.channels.mail.content import Content, clean_text
from madoguchi.channels.mail.mime import Part, transfer_decode
from madoguchi.channels.mail.parsed import Invitation

# Methods of scheduling between people; PUBLISH is a mere file.
_SCHEDULING = frozenset(("REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD"))
_FOLD = re.compile(r"\n[ \t]")
_PROPERTY = re.compile(
    r"^(METHOD|BEGIN|SUMMARY|DTSTART|DTEND|LOCATION|ORGANIZER|UID)((?:;[^:;\"\n]{0,200}(?:\"[^\"\n]{0,200}\")?){0,6}):(.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?$")
_MAX_CALENDAR = 200_000


def read_invitation(content: Content) -> tuple[Invitation | None, bool]:
    """The invitation and whether it is the main content (then the message is of kind calendar)."""
    for part, main in content.calendars:
        invitation = _read(part, content)
        if invitation is not None:
            return invitation, main and invitation.method in _SCHEDULING
    return None, False


def _read(part: Part, content: Content) -> Invitation | None:
    problems = content.tree.problems
    data = transfer_decode(content.tree.raw, part, problems)[:_MAX_CALENDAR]
    text = clean_text(decode(data, part.parameters.get("charset") or "utf-8")[0]) if data else ""
    found: dict[str, str] = {}
    in_event = False
    for name, parameters, value in _PROPERTY.findall(_FOLD.sub("", text)):
        name = name.upper()
        if name == "BEGIN":
            if in_event and value.strip().upper() in ("VEVENT", "VTODO"):
                break
            in_event = in_event or value.strip().upper() in ("VEVENT", "VTODO")
        elif name == "METHOD" or in_event:
            found.setdefault(name, _value(name, parameters, value.strip()))
    method = (part.parameters.get("method") or found.get("METHOD", "")).upper()
    if not found and not method:
        return None
    return Invitation(
        method=method,
        summary=found.get("SUMMARY", ""),
        start=found.get("DTSTART", ""),
        end=found.get("DTEND", ""),
        location=found.get("LOCATION", ""),
        organizer=found.get("ORGANIZER", ""),
        uid=found.get("UID", ""),
    )


def _value(name: str, parameters: str, value: str) -> str:
    if name in ("DTSTART", "DTEND"):
        when = _WHEN.match(value)
        if not when:
            return value[:40]
        year, month, day, hour, minute, utc = when.groups()
        zone = re.search(r"TZID=\"?([^;:\"]{1,80})", parameters, re.IGNORECASE)
        text = f"{year}-{month}-{day}"
        if hour:
            text += f" {hour}:{minute}"
            text += " UTC" if utc else f" ({zone[1]})" if zone else ""
        return text
    if name == "ORGANIZER":
        common = re.search(r"CN=\"?([^;:\"]{1,200})", parameters, re.IGNORECASE)
        address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
        return f"{common[1]} <{address}>" if common else address
    for escape, plain in _ESCAPES.items():
        value = value.replace(escape, plain)
    return value[:1000]


def summarise(invitation: Invitation) -> str:
    """Facts only, one a line, so that it needs no translation."""
    when = invitation.start
    if invitation.end and invitation.end != invitation.start:
        when += f" - {invitation.end}"
    return "\n".join(line for line in (invitation.summary, when, invitation.location, invitation.organizer) if line)
