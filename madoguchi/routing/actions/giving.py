"""Giving tickets to people, and keeping those that nobody can take until somebody can."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_noop

from madoguchi.foundation import clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.protection import queries as protection
from madoguchi.sla.queries import supervisors
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Team
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Ticket

from ..events import NobodyCanTake, QueueAlarmed
from ..matching import Choice, LanguageRule, Method, Need, Refusal, choose
from ..models import Assignment, RoutingRule, Waiting
from ..queries import alarm_at, anybody_available, people_of, rule_for

ROUTER = Actor("system", None, gettext_noop("Routing"))
RETRY_BATCH = 200
ALARM_BATCH = 100


@transaction.atomic
def route(*, ticket_id: int, keep_team: bool = False) -> bool:
    """Give the ticket to the team and the person that the first fitting rule finds; True if a person got it.

    Nothing happens to a ticket that somebody has, that is done, or that no rule is for; somebody who left the company has it no
    longer. `keep_team`: a person chose the team, so the rule may only choose within it. Safe to repeat.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("team", "assignee").filter(pk=ticket_id).first()
    if ticket is None or not ticket.unsolved or (ticket.assignee is not None and ticket.assignee.is_active):
        Waiting.objects.filter(ticket_id=ticket_id).delete()
        return False
    if ticket.assignee is not None:
        tickets.assign(ticket_id=ticket.pk, assignee=None, by=ROUTER)
    contact = protection.contact_of(ticket.customer_id)
    if contact is not None:
        Waiting.objects.filter(ticket_id=ticket_id).delete()
        tickets.assign(ticket_id=ticket.pk, assignee=contact, by=ROUTER)
        return True
    rule = rule_for(ticket)
    if rule is None:
        Waiting.objects.filter(ticket_id=ticket_id).delete()
        return False
    team = ticket.team if keep_team or rule.team is None else rule.team
    if rule.method == RoutingRule.Method.MANUAL:
        _give_to_team(ticket, rule, team)
        return False
    now = clock.now()
    people = people_of(team, now, lock=True)
    if protection.hurts(ticket.pk):
        strains = protection.strains([person.id for person in people], now=now)
        people = {replace(person, strain=strains.get(person.id, 0)): agent for person, agent in people.items()}
        choice = choose(people, replace(_need(rule, ticket), hurts=True))
    else:
        choice = choose(people, _need(rule, ticket))
    if choice.person is None:
        if team != ticket.team:
            tickets.assign(ticket_id=ticket.pk, by=ROUTER, assignee=None, team=team)
        _wait(ticket, rule, team, choice)
        return False
    agent = people[choice.person]
    reason = _reason(rule, ticket, choice)
    Assignment.objects.create(
        ticket=ticket, agent=agent, team=team, rule=rule, rule_name=rule.name, method=rule.method, reason=reason, at=now
    )
    Waiting.objects.filter(ticket=ticket).delete()
    tickets.assign(ticket_id=ticket.pk, by=ROUTER, assignee=agent, team=team, reason=rule.name)
    return True


def _give_to_team(ticket: Ticket, rule: RoutingRule, team: Team | None) -> None:
    Waiting.objects.filter(ticket=ticket).delete()
    if team is None or team == ticket.team:
        return
    Assignment.objects.create(ticket=ticket, team=team, rule=rule, rule_name=rule.name, method=rule.method, at=clock.now())
    tickets.assign(ticket_id=ticket.pk, by=ROUTER, assignee=None, team=team)


def _need(rule: RoutingRule, ticket: Ticket) -> Need:
    return Need(
        method=Method(rule.method), skills=frozenset(skill.pk for skill in rule.skills.all()), language=ticket.language,
        language_rule=LanguageRule(rule.language_rule),
    )  # fmt: skip


def _reason(rule: RoutingRule, ticket: Ticket, choice: Choice) -> dict[str, object]:
    person = choice.person
    if person is None:
        return {}
    return {
        "able": choice.able, "load": person.load, "capacity": person.capacity, "speaks": choice.speaks, "language": ticket.language,
        "skills": [skill.name for skill in rule.skills.all()],
        "waited_since": person.last_given_at.isoformat() if person.last_given_at else "",
    }  # fmt: skip


def _wait(ticket: Ticket, rule: RoutingRule, team: Team | None, choice: Choice) -> None:
    """Keep the ticket in the queue. Its wait and its alarm go on from when it first came, whatever the reason is now."""
    if choice.nobody_ever:
        reason = Waiting.Reason.NOBODY_ABLE
    elif choice.refused.get(Refusal.FULL):
        reason = Waiting.Reason.ALL_FULL
    else:
        reason = Waiting.Reason.NOBODY_THERE
    now = clock.now()
    kept = Waiting.objects.filter(ticket=ticket).first()
    since = kept.since if kept else now
    Waiting.objects.update_or_create(
        ticket=ticket,
        defaults={
            "rule": rule, "reason": reason, "since": since, "alarm_at": alarm_at(rule, team, since),
            "refused": {refusal.value: count for refusal, count in choice.refused.items()},
        },
    )  # fmt: skip
    if kept is None:
        events.emit(NobodyCanTake(ticket.pk, team.pk if team else None, reason), by=ROUTER)


def retry_waiting() -> int:
    """Try the waiting tickets again, longest waiting first; returns how many found somebody.

    A team in which nobody is available is passed over, and so are tickets like one that just found nobody, so that a long
    queue at night costs two statements.
    """
    rows = list(
        Waiting.objects.order_by("since", "id").values_list(
            "ticket_id", "rule_id", "ticket__team_id", "ticket__language", "ticket__unsolved", "ticket__assignee_id"
        )[:RETRY_BATCH]
    )
    if not rows:
        return 0
    present = anybody_available({team for _, _, team, _, _, _ in rows})
    hopeless: set[tuple[int, int | None, str]] = set()
    given = 0
    for ticket_id, rule_id, team_id, language, unsolved, assignee_id in rows:
        like = (rule_id, team_id, language)
        settled = not unsolved or assignee_id is not None
        if not settled and (team_id not in present or like in hopeless):
            continue
        if route(ticket_id=ticket_id, keep_team=True):
            given += 1
        else:
            hopeless.add(like)
    return given


def sound_alarms() -> int:
    """Tell the team lead and the supervisors about tickets that have waited too long, each once; returns how many."""
    sounded = 0
    while True:
        found = _sound_batch()
        sounded += found
        if found < ALARM_BATCH:
            return sounded


@transaction.atomic
def _sound_batch() -> int:
    now = clock.now()
    late = Waiting.objects.select_for_update(skip_locked=True, of=("self",)).filter(alarmed_at=None, alarm_at__lte=now)
    rows = list(late.select_related("ticket", "ticket__team").order_by("alarm_at")[:ALARM_BATCH])
    for row in rows:
        ticket, team = row.ticket, row.ticket.team
        row.alarmed_at = now
        if ticket.assignee_id is not None or not ticket.unsolved:
            continue
        told = [*([team.lead_id] if team and team.lead_id else []), *supervisors()]
        staff.notify(
            agent_ids=told, kind="queue_alarm", ticket_id=ticket.pk, key=f"queue:{ticket.pk}:{int(row.since.timestamp())}",
            subject=ticket.subject, reason=row.reason, since=row.since.isoformat(),
        )  # fmt: skip
        events.emit(QueueAlarmed(ticket.pk, ticket.team_id, row.reason), by=ROUTER)
    Waiting.objects.bulk_update(rows, ["alarmed_at"])
    return len(rows)


def forget(*, ticket_id: int) -> None:
    """Somebody has the ticket, or nobody needs to: it waits no longer."""
    Waiting.objects.filter(ticket_id=ticket_id).delete()
