"""The company's choices about protection, and the words that it approves."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotAllowed
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .. import profiles, queries
from ..models import Choices, Wording
from ..texts import LANGUAGES, MODEL_TEXTS

FIELDS = ("profile", "shield_from", "machine_sends", "appeal_days", "answer_days", "contact", "compensation", "minutes", "policy_public")
LONGEST_TEXT = 4000
_APPEALABLE = {"restriction", "held", "appeal"}  # these texts hold the link themselves; the others get it added


def check_manager(by: Actor) -> Agent:
    agent = Agent.objects.select_related("role").filter(pk=by.agent_id or 0, is_active=True).first()
    if agent is None or not agent.may(Permission.MANAGE_PROTECTION):
        raise NotAllowed
    return agent


@transaction.atomic
def set_choices(*, by: Actor, **values: Any) -> Choices:
    """Change some of `FIELDS`. What the legal profile does not allow a machine is refused. Raises NotAllowed, Invalid."""
    check_manager(by)
    chosen = queries.choices()
    before = {name: getattr(chosen, name) for name in FIELDS}
    for name, value in values.items():
        if name not in FIELDS:
            raise Invalid
        setattr(chosen, name, value)
    allowed = {step.value for step in profiles.PROFILES[chosen.profile].machine_may}
    if set(chosen.machine_sends) - allowed:
        raise Invalid(fields={"machine_sends": _("The legal profile does not leave this step to a machine.")})
    chosen.save()
    audit.record("protection.set_choices", by=by, detail=audit.changes(before, {name: getattr(chosen, name) for name in FIELDS}))
    return chosen


@transaction.atomic
def approve_wording(*, step: str, texts: Mapping[str, str], by: Actor) -> None:
    """Approve the company's own words for a notice, per language; an empty one brings the shipped text back. Raises NotAllowed,
    Invalid.
    """
    check_manager(by)
    if step not in MODEL_TEXTS or set(texts) - set(LANGUAGES):
        raise Invalid
    wrong: dict[str, object] = {}
    for language, text in texts.items():
        if len(text) > LONGEST_TEXT:
            wrong[language] = _("The text is too long.")
        elif text.strip() and step in _APPEALABLE and "{appeal_link}" not in text:
            wrong[language] = _("Keep {appeal_link} in the notice: the customer must be able to appeal.")
    if wrong:
        raise Invalid(fields=wrong)
    for language, text in texts.items():
        if not text.strip() or text.strip() == MODEL_TEXTS[step][language]:
            Wording.objects.filter(step=step, language=language).delete()
            continue
        Wording.objects.update_or_create(
            step=step, language=language,
            defaults={"text": text.strip(), "approved_by_id": by.agent_id, "approved_at": clock.now()},
        )  # fmt: skip
    audit.record("protection.approve_wording", by=by, detail={"step": step, "languages": sorted(texts)})
