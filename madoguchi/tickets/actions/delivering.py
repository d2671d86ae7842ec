"""Deliveries: every move of their state. Each is one conditional UPDATE, so of two who try, one succeeds and the other does nothing."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.channels.mail.problems import SendProblem, explain
from madoguchi.channels.mail.send import Receipt
from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import SYSTEM, Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.staff import actions as staff

from ..events import DeliveryChanged
from ..models import Attachment, Change, Delivery, Draft, Message, Ticket
from .changing import lock, record_change, refresh_unsolved

State = Delivery.State
NOT_YET = Delivery.NOT_YET
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 60, 180, 360, 720, 1440))
MAX_ATTEMPTS = len(BACK_OFF) + 1


def claim(*, delivery_id: int, attempt: str) -> Delivery | None:
    """Take a due delivery for one attempt, named by its journal; None when somebody else has it or it is no longer due."""
    now = clock.now()
    taken = Delivery.objects.filter(pk=delivery_id, state__in=NOT_YET, send_at__lte=now).update(
        state=State.SENDING, attempt=attempt, updated_at=now
    )
    return _with_all(delivery_id) if taken else None


def _with_all(delivery_id: int) -> Delivery:
    return Delivery.objects.select_related(
        "mailbox", "message__agent", "message__ticket__brand", "message__ticket__customer", "message__ticket__mailbox"
    ).get(pk=delivery_id)


def unclaim(*, delivery: Delivery) -> bool:
    """The attempt ended before the server was given the message: it is due again at once."""
    return _move(delivery, State.WAITING, attempt="") > 0


@transaction.atomic
def record_receipt(*, delivery: Delivery, receipt: Receipt) -> None:
    """The server took it, for all or some recipients. Those who may take it later are tried again."""
    taken = [*delivery.taken, *receipt.accepted]
    refused = {address: reply for address, reply in {**delivery.refused, **receipt.refused}.items() if address not in taken}
    later = [address for address, (code, _text) in refused.items() if code < 500]  # noqa: PLR2004
    last = "; ".join(f"{address}: {code} {text}" for address, (code, text) in refused.items())
    confirmed = delivery.confirmed and receipt.confirmed
    changes: dict = {
        "taken": taken, "refused": refused, "answer": receipt.answer, "confirmed": confirmed, "attempts": delivery.attempts + 1,
        "problem": ("recipients" if refused else "") if confirmed else "unconfirmed", "last_error": last,
    }  # fmt: skip
    state = State.RETRY if later and delivery.attempts + 1 < MAX_ATTEMPTS else State.SENT
    if state == State.RETRY:
        changes["send_at"] = clock.now() + BACK_OFF[delivery.attempts]
    if not _move(delivery, state, **changes):
        return
    Message.objects.filter(pk=delivery.message_id, sent_at=None).update(sent_at=clock.now())
    _announce(delivery, state, by=SYSTEM)
    if not receipt.confirmed:
        _tell(delivery, "unconfirmed", "")
    elif refused and state == State.SENT:
        _tell(delivery, "recipients", last)


@transaction.atomic
def record_problem(*, delivery: Delivery, problem: SendProblem) -> None:
    """The server did not take it: later again, or failed for good and visible, with a notice to the author."""
    attempts = delivery.attempts + 1
    failed = problem.permanent or attempts >= MAX_ATTEMPTS
    refused = {**delivery.refused, **problem.refused}
    state = State.FAILED if failed else State.RETRY
    if failed and delivery.taken:
        state = State.SENT  # the others have it: sent, with refused recipients shown
    send_at = delivery.send_at if failed else clock.now() + BACK_OFF[attempts - 1]
    moved = _move(
        delivery, state, attempts=attempts, attempt="", refused=refused, problem=problem.problem, last_error=problem.detail, send_at=send_at
    )
    if moved:
        _announce(delivery, state, by=SYSTEM)
        if failed:
            _tell(delivery, problem.problem, problem.detail)


@transaction.atomic
def cancel(*, message_id: int, by: Actor) -> Message:
    """Take back what has not gone out. The writer gets the text back as a draft, and the ticket its earlier status."""
    delivery = _delivery_of(message_id)
    ticket = lock(delivery.message.ticket_id)
    before = delivery.state
    cancelled = Delivery.objects.filter(pk=delivery.pk, state__in=[*NOT_YET, State.FAILED]).update(
        state=State.CANCELLED, updated_at=clock.now()
    )
    if not cancelled:
        raise Conflict(_("It is too late: the message has gone out or is being sent."))
    message = delivery.message
    if before != State.FAILED:
        _give_back_draft(message, by=by)
        _put_back_status(ticket, message, by=by)
    _refresh_last(ticket)
    _announce(delivery, State.CANCELLED, by=by)
    return message


@transaction.atomic
def send_now(*, message_id: int, by: Actor) -> None:
    """Send at once what is held, scheduled or waiting for its next attempt."""
    _again(message_id, NOT_YET, by=by)


@transaction.atomic
def retry(*, message_id: int, by: Actor) -> None:
    """Send again what failed, came back, or was never confirmed; attempts are counted afresh."""
    delivery = _delivery_of(message_id)
    if delivery.state == State.SENT and (not delivery.confirmed or delivery.refused):
        _again(message_id, (State.SENT,), by=by)
    else:
        _again(message_id, (State.FAILED, State.BOUNCED, State.RETRY), by=by)


@transaction.atomic
def trust(*, message_id: int, by: Actor) -> None:
    """A person knows that an unconfirmed message has arrived: it counts as sent, without a question mark."""
    delivery = _delivery_of(message_id)
    unclear = Delivery.objects.filter(pk=delivery.pk, state=State.SENT, confirmed=False)
    if not unclear.update(confirmed=True, problem="recipients" if delivery.refused else "", updated_at=clock.now()):
        raise Conflict(_("The delivery has changed in the meantime. Reload the ticket."))
    _announce(delivery, State.SENT, by=by)


@transaction.atomic
def reschedule(*, message_id: int, send_at: datetime, by: Actor) -> None:
    """Give a held message another time to go out."""
    if send_at <= clock.now():
        raise Invalid(_("Choose a time in the future."))
    delivery = _delivery_of(message_id)
    if not Delivery.objects.filter(pk=delivery.pk, state=State.HELD).update(send_at=send_at, updated_at=clock.now()):
        raise Conflict(_("It is too late: the message has gone out or is being sent."))
    _announce(delivery, State.HELD, by=by)


@transaction.atomic
def record_bounce(*, message_id: int, detail: str, permanent: bool = True) -> bool:
    """A report says that our message did not arrive (RFC 3464); the reply is marked in its ticket. False when it was marked before."""
    delivery = Delivery.objects.select_related("message__ticket").filter(message=message_id).first()
    if delivery is None or not permanent:
        return False
    moved = Delivery.objects.filter(pk=delivery.pk, state__in=[State.SENT, State.DELIVERED, State.RETRY]).update(
        state=State.BOUNCED, problem="recipients", last_error=detail[:2000], updated_at=clock.now()
    )
    if moved:
        _announce(delivery, State.BOUNCED, by=SYSTEM)
        _tell(delivery, "recipients", detail)
    return bool(moved)


def _again(message_id: int, states: tuple[str, ...], *, by: Actor) -> None:
    delivery = _delivery_of(message_id)
    now = clock.now()
    changes: dict = {"state": State.WAITING, "send_at": now, "updated_at": now, "attempts": 0, "attempt": ""}
    if delivery.state == State.SENT and not delivery.confirmed:
        changes |= {"taken": [], "confirmed": True, "problem": ""}
    if delivery.state in {State.SENT, State.BOUNCED, State.FAILED}:
        changes["refused"] = {}
    if delivery.state == State.BOUNCED:
        changes["taken"] = []
    if not Delivery.objects.filter(pk=delivery.pk, state=delivery.state, state__in=states).update(**changes):
        raise Conflict(_("The delivery has changed in the meantime. Reload the ticket."))
    _announce(delivery, State.WAITING, by=by)


def _move(delivery: Delivery, state: str, **changes: object) -> int:
    """Leave `sending`, if this attempt still holds it."""
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempt=delivery.attempt).update(
        state=state, updated_at=clock.now(), **changes
    )


def _delivery_of(message_id: int) -> Delivery:
    delivery = Delivery.objects.select_related("message__ticket").filter(message=message_id).first()
    if delivery is None:
        raise NotFound
    return delivery


def _announce(delivery: Delivery, state: str, *, by: Actor) -> None:
    ticket = delivery.message.ticket
    events.emit(DeliveryChanged(ticket.pk, ticket.team_id, delivery.message_id, str(state)), by=by)


def _tell(delivery: Delivery, problem: str, detail: str) -> None:
    """A notice to the writer, or to whoever has the ticket when a machine wrote it."""
    ticket = delivery.message.ticket
    person = delivery.message.agent_id or ticket.assignee_id
    if person:
        staff.notify(
            agent_ids=[person], kind="delivery_failed", ticket_id=ticket.pk, key=f"delivery:{delivery.pk}:{delivery.attempt}",
            subject=ticket.subject, problem=problem, detail=detail[:300],
        )  # fmt: skip


def reason(delivery: Delivery) -> str:
    """Why the delivery stands as it does, in the reader's language; empty when all is well."""
    return explain(delivery.problem, delivery.last_error) if delivery.problem else ""


def _give_back_draft(message: Message, *, by: Actor) -> None:
    if message.automatic or not message.agent_id or message.agent_id != by.agent_id:
        return
    files = list(Attachment.objects.filter(message=message).values_list("pk", flat=True))
    Attachment.objects.filter(pk__in=files).update(message=None)
    fields = {"to": message.to, "cc": message.cc, "bcc": message.bcc, "files": files}
    Draft.objects.get_or_create(
        ticket_id=message.ticket_id, agent_id=message.agent_id, kind="reply",
        defaults={"body": message.text, "fields": fields, "updated_at": clock.now()},
    )  # fmt: skip


def _put_back_status(ticket: Ticket, message: Message, *, by: Actor) -> None:
    """Undo the status that the reply set, if nothing changed it since."""
    since = list(Change.objects.filter(ticket=ticket, field="status", at__gte=message.created_at).order_by("id")[:2])
    if len(since) != 1 or since[0].actor_id != message.agent_id:
        return
    old, ticket.status = ticket.status, str(since[0].old)
    ticket.solved_at = None
    refresh_unsolved(ticket)
    ticket.save(update_fields=["status", "solved_at", "unsolved"])
    record_change(ticket, by=by, field="status", old=old, new=ticket.status)


def _refresh_last(ticket: Ticket) -> None:
    """The list's columns again without the message that was taken back."""
    from .writing import preview_of  # noqa: PLC0415  writing and delivering know each other

    said = Message.objects.filter(ticket=ticket, automatic="").exclude(direction=Message.Direction.NOTE)
    said = said.exclude(delivery__state=State.CANCELLED)
    last = said.order_by("-id").first()
    ours = said.filter(direction=Message.Direction.OUT).order_by("-id").first()
    ticket.preview = preview_of(last.reply_text or last.text) if last else ""
    ticket.last_outbound_at = ours.created_at if ours else None
    ticket.updated_at = clock.now()
    ticket.save(update_fields=["preview", "last_outbound_at", "updated_at"])
