"""The company's own data for flows: from its REST service, its database, or the demo company's shop.

What comes back is bounded and flat: field to short text. Nothing of an order is given out unless its contact fits.
"""

import hmac
import json
import re
import unicodedata
from typing import Any
from urllib.parse import quote

from django.utils.translation import override

from madoguchi.design import formats
from madoguchi.foundation import clock, crypto, outgoing
from madoguchi.foundation.errors import Unavailable, Upstream
from madoguchi.tickets.models import Ticket
from madoguchi.workplace import queries as workplace
from madoguchi.workplace.telling import opening_hours

from . import demo_shop, selecting
from .models import Connector

SECONDS = 8.0
MOST_VALUE = 300
FIELDS = {"order": ("status", "detail"), "product": ("name", "availability", "detail"), "hours": ("hours", "zone", "now")}


def look_up(operation: str, slots: dict[str, str], *, ticket: Ticket, language: str) -> dict[str, str] | None:
    """The operation's FIELDS; None when nothing fits what was said. Raises Upstream, Unavailable, Invalid."""
    if operation == "hours":
        return _hours(ticket, language)
    connector = Connector.objects.filter(operation=operation, is_active=True).first()
    if connector is None:
        raise Unavailable
    if connector.kind == Connector.Kind.DEMO:
        found = demo_shop.order(slots["order"]) if operation == "order" else demo_shop.product(slots["product"], language)
    elif connector.kind == Connector.Kind.REST:
        found = _rest(connector, slots)
    else:
        found = selecting.first_row(crypto.decrypt(connector.secret), connector.config["query"], slots)
    if found is None or (operation == "order" and not _is_theirs(found, slots.get("contact", ""))):
        return None
    return {name: " ".join(str(found.get(name) or "").split())[:MOST_VALUE] for name in FIELDS[operation]}


def _is_theirs(found: dict[str, Any], contact: str) -> bool:
    """The order's own mail address or telephone number was named. An order that tells neither is nobody's."""
    told = _folded(contact)
    known = [_folded(str(found.get(name) or "")) for name in ("mail", "phone")]
    return any(bool(one) and hmac.compare_digest(one.encode(), told.encode()) for one in known)


def _folded(contact: str) -> str:
    plain = unicodedata.normalize("NFKC", contact).strip().casefold()
    return plain if "@" in plain else re.sub(r"\D", "", plain)


def _rest(connector: Connector, slots: dict[str, str]) -> dict[str, Any] | None:
    """404 is "no such thing"; else one JSON object."""
    url = connector.config["url"]
    for name in selecting.KNOWN:
        url = url.replace("{" + name + "}", quote(slots.get(name, ""), safe=""))
    headers = {"Accept": "application/json"}
    if connector.secret:
        headers["Authorization"] = f"Bearer {crypto.decrypt(connector.secret)}"
    answer = outgoing.request("GET", url, timeout=SECONDS, headers=headers)
    if answer.status == 404:  # noqa: PLR2004
        return None
    try:
        value = json.loads(answer.body) if answer.status == 200 else None  # noqa: PLR2004
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Upstream(permanent=False)
    return value


def _hours(ticket: Ticket, language: str) -> dict[str, str] | None:
    version = workplace.current_versions().choose(calendar_id=None, brand_id=ticket.brand_id)
    if version is None:
        return None
    calendar = workplace.hours(version)
    with override(formats.language_of(language)):
        return {"hours": opening_hours(calendar), "zone": calendar.zone, "now": "open" if calendar.is_open(clock.now()) else "closed"}
