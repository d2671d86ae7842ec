"""The engine: which triggers fire for an event, and the guards that keep them from running in circles.

A change that a trigger makes carries the actor `trigger:<id> <name>` with the run's id, so the event it causes leads back to
the run. A trigger does not fire for what it caused itself, however far back; a chain has at most MAX_CHAIN triggers; and one
ticket sees at most MAX_AN_HOUR of them in an hour. Each firing is its own savepoint with a row in the log that says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from madoguchi.foundation import clock, ratelimit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import MadoguchiError
from madoguchi.tickets.conditions import Verdict
from madoguchi.tickets.models import BY_MAIL, Message, Status, Ticket

from .. import queries
from ..models import Do, Trigger, TriggerRun
from .doing import Doer, carry_out

MAX_CHAIN = 3
MAX_AN_HOUR = 20
MAILS_PER_ADDRESS_A_DAY = 10
BOT, PREFIX = "bot", "trigger:"


def actor_of(run: TriggerRun) -> Actor:
    return Actor(BOT, run.pk, f"{PREFIX}{run.trigger_id} {run.trigger.name}")


def run_behind(kind: str, pk: int | None, name: str) -> TriggerRun | None:
    """The run whose change an event of this actor tells, None for everybody else's."""
    if kind != BOT or pk is None or not name.startswith(PREFIX):
        return None
    return TriggerRun.objects.filter(pk=pk).first()


def fire_for_event(*, ticket_id: int, whens: Iterable[str], cause: str, parent: TriggerRun | None = None) -> int:
    """Put the ticket to the active triggers of these events, in order; returns how many fired."""
    triggers = list(Trigger.objects.filter(is_active=True, kind=Trigger.Kind.EVENT, event__in=list(whens)))
    chain = _chain(parent) if triggers else []
    fired = 0
    for trigger in triggers:
        if trigger.pk in chain:
            continue
        ran = try_trigger(trigger, ticket_id=ticket_id, cause=cause, parent=parent, depth=len(chain))
        fired += ran
        if ran and trigger.stop:
            break
    return fired


def _chain(run: TriggerRun | None) -> list[int]:
    """The triggers that led here, the last one first."""
    chain: list[int] = []
    while run is not None and len(chain) <= MAX_CHAIN:
        chain.append(run.trigger_id)
        run = run.parent
    return chain


@transaction.atomic
def try_trigger(trigger: Trigger, *, ticket_id: int, cause: str, parent: TriggerRun | None = None, depth: int = 0) -> bool:
    """Fire the trigger for the ticket if its conditions are met, once for each cause; whether it fired."""
    found = Ticket.objects.select_for_update(of=("self",)).select_related("customer", "mailbox", "team", "assignee")
    ticket = found.filter(pk=ticket_id, is_spam=False, merged_into=None).first()
    if ticket is None:
        return False
    verdicts = queries.verdicts_of(ticket, trigger.conditions)
    if not all(verdict.met for verdict in verdicts):
        return False
    refused = _refusal(ticket, depth)
    if refused and _refused_lately(trigger, ticket):
        return False  # one line in the log an hour says it
    run, is_new = TriggerRun.objects.get_or_create(
        trigger=trigger, ticket=ticket, cause=cause,
        defaults={"at": clock.now(), "fired": not refused, "parent": parent, "depth": depth},
    )  # fmt: skip
    if not is_new:
        return False
    actions = [] if refused else [_outcome(action, run, ticket) for action in trigger.actions]
    run.explanation = _explanation(verdicts, actions, refused)
    run.mailed = any(action["do"] == Do.REPLY and action.get("done") for action in actions)
    run.save(update_fields=["explanation", "mailed"])
    return run.fired


def _explanation(verdicts: Sequence[Verdict], actions: list[dict[str, Any]], refused: str) -> dict[str, Any]:
    told = {"conditions": [asdict(verdict) for verdict in verdicts], "actions": actions}
    return told | ({"refused": refused} if refused else {})


def _refusal(ticket: Ticket, depth: int) -> str:
    """Why a trigger that would fire may not: chain | rate | "" (it may)."""
    if depth >= MAX_CHAIN:
        return "chain"
    lately = TriggerRun.objects.filter(ticket=ticket, fired=True, at__gte=clock.now() - timedelta(hours=1))
    return "rate" if lately.count() >= MAX_AN_HOUR else ""


def _refused_lately(trigger: Trigger, ticket: Ticket) -> bool:
    hour = clock.now() - timedelta(hours=1)
    return TriggerRun.objects.filter(trigger=trigger, ticket=ticket, fired=False, at__gte=hour).exists()


def _outcome(action: dict[str, Any], run: TriggerRun, ticket: Ticket) -> dict[str, Any]:
    """Carry one action out in a savepoint of its own; what cannot be done is told and keeps nothing else from being done."""
    told = {"do": action["do"], "value": {} if action["do"] == Do.REPLY else action["value"]}
    if action["do"] == Do.REPLY and (why := mail_refusal(run.trigger, ticket)):
        return told | {"refused": why}
    doer = Doer(actor_of(run), title=run.trigger.name, key=f"trigger:{run.pk}")
    try:
        with transaction.atomic():
            if action["do"] == Do.REPLY:
                ratelimit.hit(f"trigger-mail:{_address(ticket)}", limit=MAILS_PER_ADDRESS_A_DAY, seconds=86400)
            carry_out(action, ticket_id=ticket.pk, doer=doer)
    except MadoguchiError as error:
        return told | {"error": str(error.message)[:300]}
    except ValidationError as error:
        return told | {"error": "; ".join(error.messages)[:300]}
    return told | {"done": True}


def mail_refusal(trigger: Trigger, ticket: Ticket) -> str:
    """Why no automatic mail may go: no_mail | closed | automatic (a machine wrote, or the loop guard said no) | mailed | ""."""
    if ticket.channel not in BY_MAIL or ticket.mailbox is None or not ticket.mailbox.is_active:
        return "no_mail"
    if ticket.status == Status.CLOSED:
        return "closed"
    last = _last_received(ticket)
    if last is not None and (last.automatic or not last.may_auto_answer):
        return "automatic"
    return "mailed" if TriggerRun.objects.filter(trigger=trigger, ticket=ticket, mailed=True).exists() else ""


def _last_received(ticket: Ticket) -> Message | None:
    return Message.objects.filter(ticket=ticket, direction=Message.Direction.IN).order_by("-id").first()


def _address(ticket: Ticket) -> str:
    last = _last_received(ticket)
    return last.from_address.lower() if last is not None else f"customer:{ticket.customer_id}"
