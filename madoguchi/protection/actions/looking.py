"""An agent chooses to see an original, or how early the shield comes."""

from django.db import transaction

from madoguchi.foundation import clock
from madoguchi.foundation.errors import Invalid
from madoguchi.staff.models import Agent

from ..models import Look, Preference, Severity
from ..reading import manner_of


@transaction.atomic
def look(*, message_id: int, agent: Agent) -> Look:
    """Note that the agent sees the original. It goes into no log that others read: it is for the agent's own care."""
    return Look.objects.create(message_id=message_id, agent=agent, severity=manner_of(message_id).severity, at=clock.now())


@transaction.atomic
def prefer(*, agent: Agent, shield_from: int | None) -> None:
    """The agent's own threshold; None goes back to the company's."""
    if shield_from is None:
        Preference.objects.filter(agent=agent).delete()
        return
    if shield_from not in Severity.values or shield_from < Severity.RUDE:
        raise Invalid
    Preference.objects.update_or_create(agent=agent, defaults={"shield_from": shield_from})
