"""The consultation desk: asking, also anonymously and also when in doubt; answering; who sits at it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, crypto, ratelimit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent

from ..care import desk_member
from ..models import Consultation, ConsultationWord, DeskMember
from .choosing import check_manager

LONGEST = 20_000
AN_HOUR = 300  # of everybody together: a limit per person would have to remember who asks


def _members() -> list[int]:
    return list(DeskMember.objects.filter(agent__is_active=True).values_list("agent_id", flat=True))


@transaction.atomic
def ask_desk(*, text: str, asker: Agent | None) -> tuple[Consultation, str]:
    """Ask the desk; returns the row and, for an anonymous one (`asker` None), the code that leads back to it, shown once.

    Nothing here is audited or logged: who asked must not be found out from a record. Raises Invalid, Conflict without a desk.
    """
    if not text.strip():
        raise Invalid(fields={"text": _("Write something.")})
    members = _members()
    if not members:
        raise Conflict(_("The consultation desk has no members yet. Ask an administrator to name some."))
    ratelimit.hit("consult", limit=AN_HOUR, seconds=3600)
    code = "" if asker else crypto.token(15)
    row = Consultation.objects.create(
        asker=asker, code_digest=crypto.fingerprint(code) if code else "", sealed=crypto.encrypt(text.strip()[:LONGEST]), at=clock.now()
    )
    staff.notify(agent_ids=[pk for pk in members if asker is None or pk != asker.pk], kind="protection_consultation")
    return row, code


@transaction.atomic
def say_more(*, consultation: Consultation, text: str) -> ConsultationWord:
    """Who asked writes again. Raises Invalid, Conflict when it is closed."""
    word = _say(consultation, text, from_desk=False, name="")
    staff.notify(agent_ids=_members(), kind="protection_consultation")
    return word


@transaction.atomic
def answer(*, consultation: Consultation, text: str, member: Agent) -> ConsultationWord:
    """The desk answers. Raises NotAllowed, Invalid, Conflict."""
    if desk_member(member) is None:
        raise NotAllowed
    word = _say(consultation, text, from_desk=True, name=member.name)
    if consultation.asker_id is not None:
        staff.notify(agent_ids=[consultation.asker_id], kind="protection_answer")
    return word


def _say(consultation: Consultation, text: str, *, from_desk: bool, name: str) -> ConsultationWord:
    if not text.strip():
        raise Invalid(fields={"text": _("Write something.")})
    if consultation.closed_at is not None:
        raise Conflict(_("This consultation is closed. Ask again."))
    return ConsultationWord.objects.create(
        consultation=consultation, from_desk=from_desk, name=name, sealed=crypto.encrypt(text.strip()[:LONGEST]), at=clock.now()
    )


@transaction.atomic
def close_consultation(*, consultation: Consultation, member: Agent) -> None:
    if desk_member(member) is None:
        raise NotAllowed
    Consultation.objects.filter(pk=consultation.pk, closed_at=None).update(closed_at=clock.now())


@transaction.atomic
def set_desk(*, agent_ids: Sequence[int], by: Actor) -> None:
    """Who sits at the desk. Whoever joins sees nothing of before, and everybody at the desk is told. Raises NotAllowed."""
    check_manager(by)
    wanted = set(Agent.objects.filter(pk__in=agent_ids, is_active=True).values_list("id", flat=True))
    have = set(DeskMember.objects.values_list("agent_id", flat=True))
    DeskMember.objects.filter(agent_id__in=have - wanted).delete()
    now = clock.now()
    for agent in Agent.objects.filter(pk__in=wanted - have):
        DeskMember.objects.create(agent=agent, since=now)
        staff.notify(agent_ids=sorted(have & wanted), kind="protection_member", by=agent.name)
    if have != wanted:
        audit.record("protection.set_desk", by=by, detail={"joined": sorted(wanted - have), "left": sorted(have - wanted)})
