"""The rules of follow-ups."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid

from ..models import Rule


@transaction.atomic
def save_rule(*, rule: Rule | None, by: Actor, **fields: object) -> Rule:
    """Make a rule (`rule` None) or change one. Raises Conflict for a name that is taken, Invalid for steps outside their times."""
    row = rule or Rule()
    for name, value in fields.items():
        setattr(row, name, value)
    if Rule.objects.filter(name=row.name).exclude(pk=row.pk or 0).exists():
        message = _("Another rule has this name.")
        raise Conflict(message, fields={"name": message})
    if row.second_days and not 7 <= row.second_days <= 15:  # noqa: PLR2004
        message = _("Write 0 or 7 to 15.")
        raise Invalid(message, fields={"second_days": message})
    row.save()
    audit.record("followups.save_rule", by=by, subject=f"rule:{row.pk}", detail={"name": row.name, "active": row.is_active})
    return row


@transaction.atomic
def delete_rule(*, rule: Rule, by: Actor) -> None:
    """What was planned by it stays planned."""
    audit.record("followups.delete_rule", by=by, subject=f"rule:{rule.pk}", detail={"name": rule.name})
    rule.delete()
