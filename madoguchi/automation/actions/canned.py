"""Writes of canned replies."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff.models import Team

from ..models import CannedReply
from .checking import checked_name, checked_texts


@transaction.atomic
def save_canned(
    *,
    by: Actor,
    shortcut: str,
    name: str,
    texts: Mapping[str, str],
    owner_id: int | None = None,
    team_id: int | None = None,
    canned_id: int | None = None,
) -> CannedReply:
    """Create or replace a canned reply. Raises Invalid with `fields` (a text's field is `text_<language>`), NotFound."""
    row = CannedReply.objects.select_for_update().filter(pk=canned_id).first() if canned_id else CannedReply()
    if row is None:
        raise NotFound
    row.shortcut = slugify(shortcut, allow_unicode=True)[:40]
    row.name, row.texts = checked_name(name), checked_texts(texts)
    row.owner_id, row.team_id = owner_id, None if owner_id else team_id
    wrong: dict[str, object] = {}
    if not row.shortcut:
        wrong["shortcut"] = _("Write a word without spaces.")
    elif CannedReply.objects.filter(shortcut=row.shortcut, owner=owner_id).exclude(pk=row.pk).exists():
        wrong["shortcut"] = _("Another canned reply has this shortcut.")
    if not row.texts:
        wrong["text_en"] = _("Write the text in at least one language.")
    if row.team_id is not None and not Team.objects.filter(pk=row.team_id).exists():
        wrong["team"] = _("This team does not exist any more. Choose another one.")
    if wrong:
        raise Invalid(fields=wrong)
    row.save()
    detail = {"shortcut": row.shortcut, "name": row.name, "owner": row.owner_id, "team": row.team_id, "languages": sorted(row.texts)}
    audit.record("automation.save_canned", by=by, subject=f"canned_reply:{row.pk}", detail=detail)
    return row


@transaction.atomic
def delete_canned(*, canned_id: int, by: Actor) -> None:
    row = CannedReply.objects.filter(pk=canned_id).first()
    if row is None:
        raise NotFound
    row.delete()
    audit.record("automation.delete_canned", by=by, subject=f"canned_reply:{canned_id}", detail={"shortcut": row.shortcut})
