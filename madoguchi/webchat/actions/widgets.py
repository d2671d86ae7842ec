"""A brand's widget: where it may stand, what it asks, the secret that signs identities."""

import re
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, crypto
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid
from madoguchi.workplace.models import Brand

from ..models import Widget

FIELDS = ("is_active", "origins", "colour", "ask_consent", "privacy_url", "patience", "mail_after")
MOST_ORIGINS = 50
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PORTS = {"https": 443, "http": 80}


@transaction.atomic
def ensure_widget(*, brand: Brand) -> Widget:
    """The brand's widget, made switched off when it has none."""
    found = Widget.objects.filter(brand=brand).first()
    if found is not None:
        return found
    key = slugify(brand.name)[:30] or "brand"
    if Widget.objects.filter(key=key).exists():
        key = f"{key}-{brand.pk}"
    return Widget.objects.create(brand=brand, key=key, secret=crypto.encrypt(crypto.token()))


@transaction.atomic
def save_widget(*, widget: Widget, by: Actor, **fields: object) -> Widget:
    """Change what FIELDS names. Raises Invalid with `fields`."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(unknown)
    if "origins" in fields:
        fields["origins"] = _origins(fields["origins"])
    if fields.get("colour") and not _COLOUR.fullmatch(str(fields["colour"])):
        raise Invalid(fields={"colour": _("Write a colour as #RRGGBB.")})
    if fields.get("privacy_url") and urlsplit(str(fields["privacy_url"])).scheme not in {"http", "https"}:
        raise Invalid(fields={"privacy_url": _("Write a web address that begins with https://.")})
    before = {name: getattr(widget, name) for name in FIELDS}
    for name, value in fields.items():
        setattr(widget, name, value)
    widget.save(update_fields=[*fields])
    changes = audit.changes(before, {name: getattr(widget, name) for name in FIELDS})
    if changes:
        audit.record("webchat.change_widget", by=by, subject=f"brand:{widget.brand_id}", detail=changes)
    return widget


@transaction.atomic
def rotate_secret(*, widget: Widget, by: Actor) -> None:
    """A new secret: what the old one signed is not believed any more."""
    widget.secret = crypto.encrypt(crypto.token())
    widget.save(update_fields=["secret"])
    audit.record("webchat.rotate_secret", by=by, subject=f"brand:{widget.brand_id}")


def _origins(given: object) -> list[str]:
    """Origins in the form in which browsers send them (RFC 6454): scheme, host, port unless it is the usual one."""
    found = []
    for line in given if isinstance(given, list) else []:
        url = urlsplit(str(line).strip())
        try:
            port = url.port
        except ValueError:
            port = -1
        if url.scheme not in _PORTS or not url.hostname or port == -1 or url.path not in {"", "/"} or url.query or "*" in url.netloc:
            text = _("“{text}” is not the origin of a web site. Write it like https://www.example.com.").format(text=str(line)[:80])
            raise Invalid(fields={"origins": text})
        found.append(f"{url.scheme}://{url.hostname}" + (f":{port}" if port and port != _PORTS[url.scheme] else ""))
    if len(found) > MOST_ORIGINS:
        raise Invalid(fields={"origins": _("At most {n} origins.").format(n=MOST_ORIGINS)})
    return list(dict.fromkeys(found))
