"""Writes about mailboxes: their settings, secrets (kept encrypted, never shown again), DKIM keys."""

import re
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, crypto
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid

from ..models import Mailbox

SECRETS = ("imap_secret", "smtp_secret", "oauth_client_secret")
PLAIN = (
    "name", "address", "aliases", "plus_addresses", "brand", "team", "language", "is_active", "is_default", "acknowledge", "incoming",
    "auth", "imap_host", "imap_port", "imap_security", "imap_user", "imap_folder", "imap_move_to", "smtp_host", "smtp_port",
    "smtp_security", "smtp_user", "oauth_client_id", "oauth_tenant", "trusted_authserv",
)  # fmt: skip
READ_ANEW = ("imap_host", "imap_port", "imap_user", "imap_folder")
DKIM_BITS = 2048
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


@transaction.atomic
def save_mailbox(*, mailbox: Mailbox | None, by: Actor, secrets: dict[str, str] | None = None, **fields: Any) -> Mailbox:
    """Make a mailbox (`mailbox` None) or change the given fields of one.

    `secrets`: imap_secret, smtp_secret, oauth_client_secret in plain text; an empty one stays as it is.
    The first mailbox becomes the default one. Raises Invalid or Conflict with `fields`.
    """
    unknown = set(fields) - set(PLAIN) | set(secrets or {}) - set(SECRETS)
    if unknown:
        raise TypeError(unknown)
    verb = "change" if mailbox else "create"
    mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk) if mailbox else Mailbox(created_at=clock.now())
    before = _content(mailbox)
    _clean(fields, mailbox)
    if any(name in fields and fields[name] != getattr(mailbox, name) for name in READ_ANEW):
        mailbox.imap_uidvalidity, mailbox.imap_last_uid, mailbox.imap_error = None, 0, ""  # another account or folder: begin anew
    for name, value in fields.items():
        setattr(mailbox, name, value)
    changed_secrets = [name for name, value in (secrets or {}).items() if value]
    for name in changed_secrets:
        setattr(mailbox, name, crypto.encrypt((secrets or {})[name]))
    if not Mailbox.objects.exclude(pk=mailbox.pk or 0).filter(is_default=True).exists():
        mailbox.is_default = True
    try:
        with transaction.atomic():
            mailbox.save()
    except IntegrityError as error:
        message = _("Another mailbox has this address")
        raise Conflict(message, fields={"address": message}) from error
    if mailbox.is_default:
        Mailbox.objects.exclude(pk=mailbox.pk).filter(is_default=True).update(is_default=False)
    changes = audit.changes(before, _content(mailbox)) | {name: ["…", "…"] for name in changed_secrets}
    if changes:
        audit.record(f"mailbox.{verb}", by=by, subject=f"mailbox:{mailbox.pk}", detail=changes)
    return mailbox


def _clean(fields: dict[str, Any], mailbox: Mailbox) -> None:
    wrong: dict[str, object] = {}
    if "address" in fields:
        fields["address"] = fields["address"].strip().lower()
    aliases = [str(alias).strip().lower() for alias in fields.get("aliases", mailbox.aliases) if str(alias).strip()]
    if any(not _ADDRESS.fullmatch(alias) for alias in aliases):
        wrong["aliases"] = _("Write one mail address a line")
    taken = {row.address.lower() for row in Mailbox.objects.exclude(pk=mailbox.pk or 0)}
    taken |= {str(alias).lower() for row in Mailbox.objects.exclude(pk=mailbox.pk or 0) for alias in row.aliases}
    clash = sorted(taken & {*aliases, fields.get("address", mailbox.address)})
    if clash:
        field = "address" if clash[0] == fields.get("address") else "aliases"
        wrong[field] = _("%(address)s belongs to another mailbox") % {"address": clash[0]}
    if fields.get("incoming", mailbox.incoming) == Mailbox.Incoming.IMAP and not fields.get("imap_host", mailbox.imap_host):
        wrong["imap_host"] = _("Write the name of the IMAP server")
    for name in ("imap_port", "smtp_port"):
        if not 1 <= int(fields.get(name, getattr(mailbox, name))) <= 65535:  # noqa: PLR2004  TCP
            wrong[name] = _("A port lies between 1 and 65535")
    if wrong:
        raise Invalid(fields=wrong)
    if "aliases" in fields:
        fields["aliases"] = list(dict.fromkeys(aliases))


def _content(mailbox: Mailbox) -> dict[str, object]:
    return {name: str(value) if (value := getattr(mailbox, name)) is not None and name in {"brand", "team"} else value for name in PLAIN}


@transaction.atomic
def keep_grant(*, mailbox: Mailbox, refresh_token: str, by: Actor) -> None:
    """Keep what the mailbox's owner allowed at Google or Microsoft."""
    Mailbox.objects.filter(pk=mailbox.pk).update(oauth_refresh_secret=crypto.encrypt(refresh_token), imap_error="")
    audit.record("mailbox.connect", by=by, subject=f"mailbox:{mailbox.pk}", detail={"provider": mailbox.auth})


@transaction.atomic
def make_dkim_key(*, mailbox: Mailbox, by: Actor) -> Mailbox:
    """A new signing key with a new selector, so that the old record can stay in DNS until old mails are read."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=DKIM_BITS)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    mailbox.dkim_selector = f"madoguchi{clock.now():%Y%m%d%H%M%S}"
    mailbox.dkim_key = crypto.encrypt(pem.decode())
    mailbox.save(update_fields=["dkim_selector", "dkim_key"])
    audit.record("mailbox.make_dkim_key", by=by, subject=f"mailbox:{mailbox.pk}", detail={"selector": mailbox.dkim_selector})
    return mailbox


@transaction.atomic
def remove_dkim_key(*, mailbox: Mailbox, by: Actor) -> None:
    audit.record("mailbox.remove_dkim_key", by=by, subject=f"mailbox:{mailbox.pk}", detail={"selector": mailbox.dkim_selector})
    Mailbox.objects.filter(pk=mailbox.pk).update(dkim_selector="", dkim_key="")


@transaction.atomic
def delete_mailbox(*, mailbox: Mailbox, by: Actor) -> None:
    """Remove a mailbox; its tickets and raw mails stay. Raises Conflict for the default one while others exist."""
    if mailbox.is_default and Mailbox.objects.exclude(pk=mailbox.pk).exists():
        raise Conflict(_("This is the default mailbox. Make another one the default first"))
    audit.record("mailbox.delete", by=by, subject=f"mailbox:{mailbox.pk}", detail={"address": mailbox.address})
    mailbox.delete()
