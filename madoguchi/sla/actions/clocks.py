"""What happens to clocks when something happens to their ticket.

Each verb may be repeated and may come late: facts carry the time at which the thing happened, and a fact that makes no sense
in the state it meets changes nothing (see sla.clockwork).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from madoguchi.tickets import actions as tickets_actions
from madoguchi.tickets import status as statuses
from madoguchi.tickets.models import Message, Ticket

from ..choosing import FIRST_REPLY, NEXT_REPLY, REPLIES, RESOLUTION, PolicyValue
from ..clockwork import FactKind
from ..models import ClockFact, Deadline
from ..queries import Rules, rules, traits_of
from .ledger import new_clock, save_new, settle, tell

REAL_REPLIES = ("", "bot")  # Message.automatic of a person's and of the bot's answers; acknowledgements do not count
NO_TARGET, SOLVED = "no_target", "solved"


def start_clocks(tickets: Sequence[Ticket], *, at: datetime | None = None) -> None:
    """Start the first-reply and resolution clocks of new tickets; inside the caller's transaction.

    Six round trips for any number of tickets (eight when policies ask for customers or tags). `at` defaults to each ticket's
    creation. Sets `due_at` and `due_kind` on the instances too.
    """
    law = rules()
    traits = traits_of(tickets, law.conditions)
    clocks = []
    dues: dict[int, tuple[datetime | None, str]] = {}
    for ticket in tickets:
        policy = law.policy_for(traits[ticket.pk])
        started = _start_missing(ticket, _needed(ticket), policy, law, at or ticket.created_at) if policy else []
        running = [(d.due_at, d.metric) for d, _ in started if d.due_at is not None and d.paused_at is None]
        if running:
            ticket.due_at, ticket.due_kind = dues[ticket.pk] = min(running)
        clocks += started
    if clocks:
        save_new(clocks)
        tickets_actions.set_due_many(dues)


def _needed(ticket: Ticket) -> list[str]:
    """The clocks that should run for a ticket as it is."""
    if not ticket.unsolved or ticket.is_spam:
        return []
    asked, answered = ticket.last_inbound_at, ticket.last_outbound_at
    if asked is not None and answered is None:
        return [FIRST_REPLY, RESOLUTION]
    if asked is not None and answered is not None and asked > answered:
        return [NEXT_REPLY, RESOLUTION]
    return [RESOLUTION]


def _start_missing(
    ticket: Ticket, metrics: Iterable[str], policy: PolicyValue, law: Rules, at: datetime
) -> list[tuple[Deadline, list[ClockFact]]]:
    version = law.calendar_for(policy, ticket)
    started = []
    for metric in metrics:
        budget = policy.budget(metric, ticket.priority)
        if budget is not None and version is not None:
            pause = ticket.status if metric == RESOLUTION and policy.pauses(ticket.status) else ""
            started.append(new_clock(ticket, metric, policy=policy, budget=budget, version=version, at=at, pause=pause))
    return started


def _open(ticket_ids: Sequence[int], *metrics: str) -> list[Deadline]:
    rows = Deadline.objects.select_for_update().filter(ticket_id__in=ticket_ids, is_open=True)
    return list(rows.filter(metric__in=metrics) if metrics else rows)


def _replied_since(ticket_id: int, since: datetime) -> datetime | None:
    """When we first really answered after a time."""
    answers = Message.objects.filter(ticket_id=ticket_id, direction=Message.Direction.OUT, automatic__in=REAL_REPLIES)
    answers = answers.exclude(delivery__state="cancelled")
    return answers.filter(created_at__gte=since).order_by("created_at").values_list("created_at", flat=True).first()


@transaction.atomic
def start_next_reply(*, ticket_id: int, at: datetime) -> None:
    """A customer wrote again at `at`: promise the next reply, unless a reply is already promised."""
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None or ticket.is_spam or ticket.merged_into_id or _open([ticket_id], *REPLIES):
        return
    law = rules()
    policy = law.policy_for(traits_of([ticket], law.conditions)[ticket_id])
    answered = Deadline.objects.filter(ticket_id=ticket_id, metric=FIRST_REPLY).exists() or ticket.last_outbound_at is not None
    started = _start_missing(ticket, [NEXT_REPLY if answered else FIRST_REPLY], policy, law, at) if policy else []
    if not started:
        return
    deadline = started[0][0]
    deadline.save(force_insert=True)
    replied_at = _replied_since(ticket_id, at)
    if replied_at is None:
        settle([ticket_id])
    else:  # we were told of the answer before we were told of the question
        tell([deadline], [ClockFact(deadline=deadline, kind=FactKind.MET, at=replied_at)])


@transaction.atomic
def meet_reply(*, ticket_id: int, written_at: datetime, at: datetime) -> None:
    """We really answered at `at` with a message written at `written_at`: the reply promised before then is given."""
    deadlines = [deadline for deadline in _open([ticket_id], *REPLIES) if deadline.started_at <= written_at]
    tell(deadlines, [ClockFact(deadline=deadline, kind=FactKind.MET, at=at) for deadline in deadlines])


@transaction.atomic
def reopen_reply(*, ticket_id: int, written_at: datetime, at: datetime) -> None:
    """The answer written at `written_at` was taken back before it was sent: its clock goes on."""
    if _open([ticket_id], *REPLIES):
        return
    met = Deadline.objects.select_for_update().filter(ticket_id=ticket_id, metric__in=REPLIES, met_at__isnull=False)
    deadline = met.filter(met_at__gte=written_at.replace(microsecond=0)).order_by("-id").first()
    if deadline is not None and _replied_elsewhere(deadline, written_at) is None:
        tell([deadline], [ClockFact(deadline=deadline, kind=FactKind.REOPENED, at=at, reason="undone")])


def _replied_elsewhere(deadline: Deadline, written_at: datetime) -> datetime | None:
    answers = Message.objects.filter(
        ticket_id=deadline.ticket_id, direction=Message.Direction.OUT, automatic__in=REAL_REPLIES, created_at__gte=deadline.started_at
    ).exclude(created_at=written_at)
    return answers.exclude(delivery__state="cancelled").values_list("created_at", flat=True).first()


@transaction.atomic
def end_needless_replies(*, ticket_id: int, at: datetime) -> None:
    """Messages went into another ticket: if nothing waits for an answer here any more, no reply is due here."""
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None or set(_needed(ticket)) & set(REPLIES):
        return
    deadlines = _open([ticket_id], *REPLIES)
    for deadline in deadlines:
        deadline.closed_reason = "split"
    tell(deadlines, [ClockFact(deadline=deadline, kind=FactKind.CANCELLED, at=at, reason="split") for deadline in deadlines])


@transaction.atomic
def status_changed(*, ticket_id: int, old: str, new: str, at: datetime) -> None:
    """Pause, resume, meet or reopen the resolution clock; solving without an answer ends the reply clocks too."""
    was_done, is_done = old in {statuses.SOLVED, statuses.CLOSED}, new in {statuses.SOLVED, statuses.CLOSED}
    policies = {policy.id: policy for policy in rules().policies}
    changed: list[Deadline] = []
    facts: list[ClockFact] = []

    def add(deadline: Deadline, kind: FactKind, when: datetime = at, reason: str = "") -> None:
        if deadline not in changed:
            changed.append(deadline)
        facts.append(ClockFact(deadline=deadline, kind=kind, at=when, reason=reason))

    for deadline in _open([ticket_id], *REPLIES) if is_done else []:
        replied_at = _replied_since(ticket_id, deadline.started_at)
        if replied_at is not None:  # "answer and solve": the answer's own event may come after this one
            add(deadline, FactKind.MET, replied_at)
        else:
            deadline.closed_reason = SOLVED
            add(deadline, FactKind.CANCELLED, reason=SOLVED)
    resolution = Deadline.objects.select_for_update().filter(ticket_id=ticket_id, metric=RESOLUTION).order_by("-id").first()
    if resolution is not None and (resolution.is_open or resolution.met_at is not None):
        policy = policies.get(resolution.policy_id or 0)
        paused = [policy.pauses(status) if policy else status == statuses.WAITING_CUSTOMER for status in (old, new)]
        if was_done and not is_done:
            add(resolution, FactKind.REOPENED)
        if is_done and not was_done:
            add(resolution, FactKind.MET)
        elif not is_done and paused[1] and (was_done or not paused[0]):
            add(resolution, FactKind.PAUSED, reason=new)
        elif not is_done and paused[0] and not paused[1]:
            add(resolution, FactKind.RESUMED)
    tell(changed, facts)


@transaction.atomic
def retarget(*, ticket_ids: Sequence[int], at: datetime) -> None:
    """Choose policy, budget and calendar of tickets anew, as of `at`; only differences become facts. Time used is kept."""
    tickets = list(Ticket.objects.select_for_update().filter(pk__in=ticket_ids).order_by("pk"))
    law = rules()
    traits = traits_of(tickets, law.conditions)
    known: dict[int, dict[str, Deadline]] = {ticket.pk: {} for ticket in tickets}
    for deadline in Deadline.objects.select_for_update().filter(ticket_id__in=list(known)).order_by("is_open", "id"):
        known[deadline.ticket_id][deadline.metric] = deadline
    changed: list[Deadline] = []
    facts: list[ClockFact] = []
    fresh = []
    for ticket in tickets:
        policy = law.policy_for(traits[ticket.pk])
        mine = known[ticket.pk]
        for deadline in mine.values():
            if deadline.is_open or (deadline.closed_reason == NO_TARGET and deadline.metric in _needed(ticket)):
                told = _retarget_one(deadline, ticket, policy, law, at)
                if told is not None:
                    changed.append(deadline)
                    facts += told
        if policy is not None:
            missing = [metric for metric in _needed(ticket) if _may_start(metric, mine)]
            fresh += _start_missing(ticket, missing, policy, law, at)
    save_new(fresh)
    tell(changed, facts)
    settle({deadline.ticket_id for deadline, _ in fresh} - {deadline.ticket_id for deadline in changed})


def _may_start(metric: str, mine: dict[str, Deadline]) -> bool:
    """A clock that never ran may start late; a first reply is promised once, a next reply again after the last one ended."""
    before = mine.get(metric)
    if before is not None and (before.is_open or before.closed_reason == NO_TARGET):
        return False
    if metric == NEXT_REPLY:
        first = mine.get(FIRST_REPLY)
        return first is None or not first.is_open
    return before is None


def _retarget_one(deadline: Deadline, ticket: Ticket, policy: PolicyValue | None, law: Rules, at: datetime) -> list[ClockFact] | None:
    """The facts that bring a clock under the rules in force; None if it is under them already."""

    def fact(kind: FactKind, **more: object) -> ClockFact:
        return ClockFact(deadline=deadline, kind=kind, at=at, **more)

    budget = policy.budget(deadline.metric, ticket.priority) if policy else None
    version = law.calendar_for(policy, ticket) if policy else None
    if policy is None or budget is None or version is None:
        if not deadline.is_open:
            return None
        deadline.closed_reason = NO_TARGET
        return [fact(FactKind.CANCELLED, reason=NO_TARGET)]
    facts = [] if deadline.is_open else [fact(FactKind.REOPENED)]
    if deadline.calendar_version_id != version:
        facts.append(fact(FactKind.CALENDAR_CHANGED, calendar_version_id=version))
    if (deadline.budget, deadline.warn_percent) != (budget, policy.warn_percent):
        facts.append(fact(FactKind.POLICY_CHANGED, budget=budget, warn_percent=policy.warn_percent))
    pauses = deadline.metric == RESOLUTION and policy.pauses(ticket.status)
    if pauses != deadline.is_paused:
        facts.append(fact(FactKind.PAUSED if pauses else FactKind.RESUMED, reason=ticket.status))
    if not facts and (deadline.policy_id, deadline.policy_name) == (policy.id, policy.name):
        return None
    deadline.policy_id, deadline.policy_name = policy.id, policy.name
    return facts


@transaction.atomic
def withdraw(*, ticket_id: int, at: datetime, reason: str) -> None:
    """The ticket is spam or was merged away: its clocks end without having been met."""
    deadlines = _open([ticket_id])
    for deadline in deadlines:
        deadline.closed_reason = reason
    tell(deadlines, [ClockFact(deadline=deadline, kind=FactKind.CANCELLED, at=at, reason=reason) for deadline in deadlines])


@transaction.atomic
def restore(*, ticket_id: int, at: datetime, reason: str) -> None:
    """The ticket is back: the clocks that were withdrawn for that reason go on."""
    ticket = Ticket.objects.select_for_update().filter(pk=ticket_id).first()
    if ticket is None or not ticket.unsolved:
        return
    deadlines = list(Deadline.objects.select_for_update().filter(ticket_id=ticket_id, is_open=False, closed_reason=reason))
    tell(deadlines, [ClockFact(deadline=deadline, kind=FactKind.REOPENED, at=at, reason=reason) for deadline in deadlines])
    retarget(ticket_ids=[ticket_id], at=at)


@transaction.atomic
def carry_over(*, kept_id: int, merged_id: int, at: datetime) -> None:
    """Two tickets became one: a customer who waits in the merged one keeps waiting in the other, from when they wrote there."""
    waiting = _open([merged_id], *REPLIES)
    withdraw(ticket_id=merged_id, at=at, reason="merged")
    if not waiting:
        return
    since = min(deadline.started_at for deadline in waiting)
    mine = _open([kept_id], *REPLIES)
    if any(deadline.started_at <= since for deadline in mine):
        return
    for deadline in mine:
        deadline.closed_reason = "merged"
    tell(mine, [ClockFact(deadline=deadline, kind=FactKind.CANCELLED, at=at, reason="merged") for deadline in mine])
    start_next_reply(ticket_id=kept_id, at=since)
