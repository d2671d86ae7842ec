"""The composer: whom a reply goes to, in which language, what was typed before, and reading what is sent."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import getaddresses
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from madoguchi.customers.models import Identity
from madoguchi.foundation import clock
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Attachment, Draft, Message
from madoguchi.tickets.reading import TicketPage

MOST_RECIPIENTS = 50
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_MENTIONED = re.compile(r"(?<![\w@])@([^\s@][^\n@]{0,80})")


@dataclass(frozen=True)
class UploadView:
    id: int
    name: str
    size: int


@dataclass
class Composer:
    """`to`, `cc`, `bcc` as people edit them: "Name <address>, ..."; `reply` and `note` are drafts as kept on the server."""

    to: str
    cc: str = ""
    bcc: str = ""
    language: str = ""
    seen: int = 0
    reply: str = ""
    note: str = ""
    reply_version: int = 0
    note_version: int = 0
    saved_at: datetime | None = None
    kind: str = "reply"
    files: list[UploadView] = field(default_factory=list)
    can_mail: bool = True
    chat: bool = False  # the reply is read in a chat: no recipients, no later


def written(people: Iterable[Iterable[object]]) -> str:
    """Pairs of name and address as one line."""
    return ", ".join(f"{name} <{address}>" if name else str(address) for name, address in people)


def composer(page: TicketPage, agent: Agent, identities: list[Identity]) -> Composer:
    """What the composer begins with: the draft if there is one, else the people of the last message of the customer."""
    ticket = page.ticket
    last = next((m for m in reversed(page.messages) if m.direction == Message.Direction.IN), None)
    to = (last.reply_to or [[last.from_name, last.from_address]]) if last and last.from_address else []
    if not to:
        to = [[ticket.customer.name, one.value] for one in identities if one.kind == "mail"][:1]
    cc = [[one.name, one.address] for one in page.participants if one.role == "cc"]
    language = (last.language if last else "") or ticket.language or ticket.customer.language
    made = Composer(
        written(to), written(cc), language=language, seen=page.last_message_id,
        can_mail=ticket.channel != "phone", chat=ticket.channel == "chat" and (last is None or last.channel == "chat"),
    )  # fmt: skip
    _restore(made, page.drafts)
    if made.files or any(draft.fields.get("attachment_ids") for draft in page.drafts.values()):
        ids = [number for draft in page.drafts.values() for number in draft.fields.get("attachment_ids", [])]
        held = Attachment.objects.filter(pk__in=ids, message=None, ticket=ticket, uploaded_by=agent).values_list("id", "name", "size")
        made.files = [UploadView(*row) for row in held]
    return made


def _restore(made: Composer, drafts: dict[str, Draft]) -> None:
    for kind, draft in drafts.items():
        setattr(made, kind, draft.body)
        setattr(made, f"{kind}_version", draft.version)
        made.saved_at = max(filter(None, (made.saved_at, draft.updated_at)))
        if kind == "reply":
            for name in ("to", "cc", "bcc", "language"):
                if draft.fields.get(name):
                    setattr(made, name, draft.fields[name])
    if set(drafts) == {"note"}:
        made.kind = "note"


def people(text: str) -> list[list[str]]:
    """Pairs from `Name <address>; address`. Raises Invalid with the part that is no address."""
    line = text.replace(";", ",").replace("、", ",").replace("，", ",").replace("＠", "@").strip(" ,\r\n\t")
    if not line:
        return []
    found = [[" ".join(name.split())[:200], address.strip() or line] for name, address in getaddresses([line])]
    for name, address in found:
        if not _ADDRESS.fullmatch(address) or len(address) > 320:  # noqa: PLR2004  RFC 5321
            raise Invalid(_("“{text}” is not an email address. Correct it or remove it.").format(text=(address or name)[:80]))
    if len(found) > MOST_RECIPIENTS:
        raise Invalid(_("Too many recipients: at most {n}.").format(n=MOST_RECIPIENTS))
    return found


def send_at(form: QueryDict) -> datetime | None:
    """The moment chosen for later, in the agent's zone; None for now. Raises Invalid for one that has passed."""
    raw = form.get("send_at", "")
    if not raw:
        return None
    try:
        moment = parse_datetime(raw)
    except ValueError:
        moment = None
    if moment is None:
        raise Invalid(_("Choose a day and a time."))
    moment = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    if moment <= clock.now():
        raise Invalid(_("This time has passed. Choose a later one, or send now."))
    return moment


def mentioned(text: str) -> list[Agent]:
    """Active agents whose name or first name follows an @ in the text."""
    tails = [match.group(1).lower() for match in _MENTIONED.finditer(text)]
    if not tails:
        return []
    found = []
    for agent in Agent.objects.filter(is_active=True):
        names = {agent.name.lower(), agent.name.split(" ")[0].lower() if agent.name else "", agent.email.lower().split("@")[0]} - {""}
        if any(tail.startswith(name) and not tail[len(name) : len(name) + 1].isalpha() for tail in tails for name in names):
            found.append(agent)
    return found


def draft_fields(form: QueryDict) -> dict[str, Any]:
    """What a draft keeps besides its text."""
    try:
        given = json.loads(form.get("fields", "{}"))
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    kept: dict[str, Any] = {name: str(given[name])[:5000] for name in ("to", "cc", "bcc", "language") if given.get(name)}
    files = given.get("attachment_ids")
    if isinstance(files, list):
        kept["attachment_ids"] = [number for number in files if isinstance(number, int)][:50]
    return kept
