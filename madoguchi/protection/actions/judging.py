"""What people say about a message or a matter: this is harassment, this is not; this is protected."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.tickets.models import Message

from .. import ladder
from ..events import Judged
from ..models import Judgement, Label, ProtectedMark, Severity
from ..reading import machine_said, manner_of
from .ending import check_decider
from .receiving import sound_alarm

LONGEST_REASON = 2000


@transaction.atomic
def judge(
    *, message_id: int, severity: int, by: Actor, labels: Sequence[str] = (), spans: Sequence[tuple[int, int, str]] = (), reason: str = ""
) -> Judgement:
    """Say what a message is; it counts before the machine's reading from now on, and both are kept. Raises Invalid."""
    if severity not in Severity.values or set(labels) - set(Label.values):
        raise Invalid
    if severity > 0 and not labels:
        raise Invalid(fields={"labels": _("Choose what was done.")})
    message = Message.objects.select_related("ticket").get(pk=message_id)
    if message.direction != Message.Direction.IN:
        raise Invalid(_("Only a message from outside can be judged."))
    before = manner_of(message_id)
    found = Judgement.objects.create(
        message=message, severity=severity, labels=list(labels), reason=reason.strip()[:LONGEST_REASON],
        spans=[list(span) for span in spans] or ([list(span) for span in before.spans] if severity else []),
        machine_severity=machine_said(message_id),
        machine_labels=list(before.machine_labels),
        by_kind=by.kind, by_id=by.id, by_name=by.name, at=clock.now(),
    )  # fmt: skip
    audit.record("protection.judge", by=by, subject=f"message:{message_id}", detail={"severity": severity, "labels": list(labels)})
    events.emit(Judged(message.ticket_id, message.ticket.team_id, message_id, severity), by=by)
    if severity >= ladder.GRAVE:
        sound_alarm(message)
    return found


@transaction.atomic
def protect(*, ticket_id: int, kind: str, by: Actor, reason: str = "") -> ProtectedMark:
    """Mark a matter as a legitimate complaint or a request for accommodation: no step may be taken in it. A second mark is the first."""
    if kind not in ProtectedMark.Kind.values:
        raise Invalid
    try:
        with transaction.atomic():
            mark = ProtectedMark.objects.create(ticket_id=ticket_id, kind=kind, reason=reason.strip(), by_name=by.name, at=clock.now())
    except IntegrityError:
        return ProtectedMark.objects.get(ticket=ticket_id, removed_at=None)
    audit.record("protection.protect", by=by, subject=f"ticket:{ticket_id}", detail={"kind": kind, "reason": mark.reason})
    return mark


@transaction.atomic
def unprotect(*, ticket_id: int, reason: str, by: Actor) -> None:
    """Take the protection away, which only somebody who decides may, with a reason. Raises NotAllowed, Invalid, Conflict."""
    check_decider(by)
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why.")})
    changed = ProtectedMark.objects.filter(ticket=ticket_id, removed_at=None).update(
        removed_at=clock.now(), removed_by=by.name, removal_reason=reason.strip()
    )
    if not changed:
        raise Conflict
    audit.record("protection.unprotect", by=by, subject=f"ticket:{ticket_id}", detail={"reason": reason.strip()})
