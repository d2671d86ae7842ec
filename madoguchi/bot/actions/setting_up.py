"""Switching the assistant on and off, and telling it where to look things up."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, crypto, outgoing
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid

from ..models import Assistant, Connector
from ..selecting import check_query


@transaction.atomic
def save_assistant(*, by: Actor, brand_id: int, is_active: bool, name: str, languages: list[str], hours: str, quiet_days: int) -> Assistant:
    """Raises Invalid."""
    if set(languages) - set(dict(settings.LANGUAGES)) or hours not in Assistant.Hours.values or not 1 <= quiet_days <= 60:  # noqa: PLR2004
        raise Invalid
    values = {
        "is_active": is_active, "name": " ".join(name.split())[:60], "languages": sorted(languages), "hours": hours,
        "quiet_days": quiet_days,
    }  # fmt: skip
    row, _made = Assistant.objects.update_or_create(brand_id=brand_id, defaults=values)
    audit.record("bot.assistant_saved", by=by, subject=f"brand:{brand_id}", detail=values)
    return row


@transaction.atomic
def save_connector(*, by: Actor, operation: str, kind: str, is_active: bool, url: str = "", query: str = "", secret: str = "") -> Connector:
    """`secret` empty keeps the one that is there. Raises Invalid with `fields`."""
    if operation not in Connector.Operation.values or kind not in Connector.Kind.values:
        raise Invalid
    kept = Connector.objects.filter(operation=operation).first()
    same = kept is not None and kept.kind == kind
    if kind == Connector.Kind.REST:
        try:
            outgoing.check_url(url.replace("{order}", "x").replace("{contact}", "x").replace("{product}", "x"))
        except Invalid as error:
            raise Invalid(fields={"url": error.message}) from error
    if kind == Connector.Kind.SQL:
        check_query(query)
        if not secret and not (same and kept is not None and kept.secret):
            raise Invalid(fields={"secret": _("Enter the address of the database.")})
    sealed = crypto.encrypt(secret) if secret else kept.secret if same and kept is not None else ""
    config = {"rest": {"url": url}, "sql": {"query": query}}.get(kind, {})
    row, _made = Connector.objects.update_or_create(
        operation=operation, defaults={"kind": kind, "is_active": is_active, "config": config, "secret": sealed}
    )
    audit.record("bot.connector_saved", by=by, subject=f"connector:{operation}", detail={"kind": kind, "is_active": is_active, **config})
    return row
