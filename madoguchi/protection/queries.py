"""Reads of protection: how things stand with a customer, what is in force, how a message is received."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Case, Q, QuerySet, When

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Message, Ticket
from madoguchi.tickets.queries import ticket_for, visible_condition
from madoguchi.workplace import queries as workplace

from . import ladder, profiles
from .models import Appeal, Choices, Held, HelpRequest, Look, Measure, ProtectedMark, Wording
from .reading import manner_of, manners_of, marked
from .rights import touches_rights
from .texts import MODEL_TEXTS

COUNTS_FOR = timedelta(days=365)  # a warning older than a year no longer makes the next one heavier
WEIGHTS = {0: 0, 1: 1, 2: 3, 3: 6}  # by severity of what was read
STRAIN_STEP, STRAINED = 6, 3
LOOKED_BACK = 50  # messages of the ticket


def choices() -> Choices:
    """The company's choices; the shipped ones until it makes any."""
    return Choices.objects.filter(pk=1).first() or Choices(pk=1)


def profile_of(chosen: Choices) -> profiles.Profile:
    return profiles.PROFILES[chosen.profile]


def machine_may(chosen: Choices) -> frozenset[ladder.Step]:
    """The steps whose notice a machine may send: allowed by the law's profile and turned on by the company."""
    return frozenset(step for step in profile_of(chosen).machine_may if step.value in chosen.machine_sends)


def deciders() -> list[int]:
    """Ids of the active agents who may decide about restrictions, and are told of grave danger."""
    active = Agent.objects.filter(is_active=True).select_related("role").order_by("id")
    return [agent.pk for agent in active if agent.may(Permission.PROTECTION_DECIDE)]


def doer_of(agent: Agent) -> ladder.Doer | None:
    """What the agent's role makes them on the ladder; None: they may take no step."""
    if agent.may(Permission.PROTECTION_DECIDE):
        return ladder.Doer.DECIDER
    return ladder.Doer.AGENT if agent.may(Permission.PROTECTION_WARN) else None


def _of_customer(customer_id: int) -> QuerySet[Measure]:
    """Also what happened with a customer who has been merged into this one."""
    return Measure.objects.filter(Q(customer=customer_id) | Q(customer__merged_into=customer_id))


def measures_of(customer_id: int) -> QuerySet[Measure]:
    """Every step ever taken towards the customer, newest first. For those who may see the ticket it is asked for."""
    return _of_customer(customer_id).select_related("contact").prefetch_related("evidence").order_by("-id")


def measures_visible_to(agent: Agent) -> QuerySet[Measure]:
    """Steps in tickets that the agent may see, newest first."""
    condition = visible_condition(agent, "ticket__")
    rows = Measure.objects.select_related("customer", "ticket", "contact").order_by("-id")
    return rows if condition is None else rows.filter(condition)


def measure_for(agent: Agent, measure_id: int) -> Measure:
    """The step if the agent may see its ticket. Raises NotFound."""
    measure = measures_visible_to(agent).filter(pk=measure_id).first()
    if measure is None:
        raise NotFound
    return measure


def protected_mark(ticket_id: int) -> ProtectedMark | None:
    return ProtectedMark.objects.filter(ticket=ticket_id, removed_at=None).first()


def standing_of(ticket: Ticket) -> ladder.Standing:
    """How things stand with the ticket's customer: the worst that came in since the last step, and the steps that count."""
    counting = _of_customer(ticket.customer_id).filter(created_at__gt=clock.now() - COUNTS_FOR).exclude(end_reason__startswith="lifted:")
    taken = list(counting.order_by("id").values_list("step", "created_at"))
    last = max((at for step, at in taken if step != Measure.Step.SECOND_PERSON), default=None)
    theirs = Message.objects.filter(ticket=ticket, direction=Message.Direction.IN).order_by("-id")
    ids = list((theirs.filter(created_at__gt=last) if last else theirs).values_list("id", flat=True)[:LOOKED_BACK])
    severity = max((manner.severity for manner in manners_of(ids).values()), default=0)
    return ladder.Standing(severity, tuple(ladder.Step(step) for step, _ in taken), protected_mark(ticket.pk) is not None)


def in_force(customer_id: int, *, at: datetime | None = None) -> list[Measure]:
    """The restrictions on a customer at a moment, the latest first."""
    at = at or clock.now()
    rows = _of_customer(customer_id).filter(step=Measure.Step.RESTRICTION, ended_at=None, starts_at__lte=at, ends_at__gt=at)
    return list(rows.select_related("contact").order_by("-id"))


def reception_of(message: Message) -> ladder.Reception:
    """How a message from outside is received under the restrictions on its sender; one statement for a customer who has none."""
    if message.direction != Message.Direction.IN or message.customer_id is None:
        return ladder.Reception()
    restrictions = [ladder.Restriction(row.pk, ladder.Kind(row.kind), row.channel, row.contact_id) for row in in_force(message.customer_id)]
    if not restrictions:
        return ladder.Reception()
    statutory = touches_rights(f"{message.subject}\n{message.text}")
    return ladder.receive(restrictions, channel=message.channel, office_open=_office_open(message), statutory=statutory)


def _office_open(message: Message) -> bool:
    version = workplace.current_versions().choose(calendar_id=None, brand_id=message.ticket.brand_id)
    return version is None or workplace.hours(version).is_open(message.created_at)


def is_held(message_id: int) -> bool:
    """Whether the message ran into a restriction, so that nobody is asked to answer it at once and no machine greets it."""
    message = Message.objects.select_related("ticket").filter(pk=message_id).first()
    return message is not None and reception_of(message).held_by is not None


def contact_of(customer_id: int) -> Agent | None:
    """The one person who deals with a restricted customer, if one was named and is still here."""
    for row in in_force(customer_id):
        if row.contact is not None and row.contact.is_active:
            return row.contact
    return None


def to_review(*, now: datetime) -> QuerySet[Measure]:
    """Steps whose review is due."""
    return Measure.objects.select_related("ticket").filter(reviewed_at=None, ended_at=None, review_at__lte=now)


def wording_of(step: str, language: str) -> tuple[str, Wording | None]:
    """The notice's text in a language: the company's own, else the shipped one (and then no row)."""
    own = Wording.objects.select_related("approved_by").filter(step=step, language=language).first()
    return (own.text, own) if own else (MODEL_TEXTS[step][language], None)


def evidence_for(agent: Agent, ticket_id: int, message_ids: Iterable[int]) -> list[Message]:
    """The customer's messages of this ticket among the ids; others are left out. Raises NotFound for a ticket that is hidden."""
    ticket = ticket_for(agent, ticket_id)
    theirs = Message.objects.filter(ticket=ticket, direction=Message.Direction.IN, pk__in=list(message_ids))
    return list(theirs.select_related("envelope").order_by("id"))


def severity_of(message_id: int) -> int:
    return manner_of(message_id).severity


def may_appeal(measure: Measure, chosen: Choices) -> bool:
    """Within the time for it, and as long as a restriction lasts."""
    last = measure.created_at + timedelta(days=chosen.appeal_days)
    if measure.ended_at is None and measure.ends_at is not None:
        last = max(last, measure.ends_at)
    return clock.now() <= last


def appeals_visible_to(agent: Agent) -> QuerySet[Appeal]:
    """Open first, then by the day of the answer that was promised."""
    condition = visible_condition(agent, "measure__ticket__")
    first_open = Case(When(state=Appeal.State.OPEN, then=0), default=1)
    rows = Appeal.objects.select_related("measure__customer", "measure__ticket").order_by(first_open, "answer_by")
    return rows if condition is None else rows.filter(condition)


def open_help(ticket_id: int) -> list[HelpRequest]:
    return list(HelpRequest.objects.select_related("agent").filter(ticket=ticket_id, answered_at=None))


def waiting_help_visible_to(agent: Agent) -> QuerySet[HelpRequest]:
    """Colleagues who wait for somebody, longest first."""
    condition = visible_condition(agent, "ticket__")
    rows = HelpRequest.objects.select_related("agent", "ticket").filter(answered_at=None).order_by("at")
    return rows if condition is None else rows.filter(condition)


def hurts(ticket_id: int) -> bool:
    """Whether the ticket holds harassment."""
    theirs = Message.objects.filter(ticket=ticket_id, direction=Message.Direction.IN)
    return any(manner.severity >= ladder.HARASSMENT for _message, manner in marked(theirs))


def strains(agent_ids: Iterable[int], *, now: datetime) -> dict[int, int]:
    """How much abuse each agent read in the last week, from 0 (little) to STRAINED: for routing alone, in steps that tell no details."""
    rows = Look.objects.filter(agent__in=list(agent_ids), at__gt=now - timedelta(days=7)).values_list("agent_id", "message_id", "severity")
    weights: dict[int, int] = {}
    for agent, _message, severity in set(rows):
        weights[agent] = weights.get(agent, 0) + WEIGHTS[severity]
    return {agent: min(STRAINED, weight // STRAIN_STEP) for agent, weight in weights.items()}


def told_lately(measure_id: int, *, since: datetime) -> bool:
    return Held.objects.filter(measure=measure_id, told=True, at__gt=since).exists()


def appeal_token(measure_id: int) -> str:
    """What stands in the customer's link; it cannot be guessed and needs no account."""
    return f"{measure_id}-{crypto.sign(str(measure_id), purpose='protection-appeal', length=32)}"


def measure_of_token(token: str) -> Measure:
    """The step behind a customer's link. Raises NotFound for any other."""
    number = token.split("-", 1)[0]
    if not number.isdecimal() or len(number) > 18 or not crypto.same(token, appeal_token(int(number))):  # noqa: PLR2004
        raise NotFound
    measure = Measure.objects.select_related("customer", "ticket").filter(pk=int(number)).first()
    if measure is None:
        raise NotFound
    return measure
