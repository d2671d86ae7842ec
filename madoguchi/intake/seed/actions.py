"""A large, plausible installation in one go, for measuring. Rows are written past the usual verbs: no events, no jobs, no mail."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Model

from madoguchi.channels.models import Mailbox
from madoguchi.customers import index as customer_index
from madoguchi.customers.models import Customer, Identity
from madoguchi.foundation import clock, search
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.search import Document
from madoguchi.sla.models import ClockFact, Deadline, Policy, Target
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets import index as ticket_index
from madoguchi.tickets import status as moves
from madoguchi.tickets.models import NO_DEADLINE, Delivery, Message, Tag, Ticket
from madoguchi.workplace import actions as workplace
from madoguchi.workplace.models import Brand, Calendar

from .bulk import Loader, moment, reset_sequences
from .words import TAGS, Author, Person

CHUNK = 4000
"""Tickets of one transaction."""
TICKETS_PER_CUSTOMER = 5
PERIOD = timedelta(days=730)
LONG_TICKET_EVERY, LONG_TICKET = 500, 20
"""Every so many tickets one has so many messages."""
STATUSES = (moves.NEW, moves.OPEN, moves.WAITING_CUSTOMER, moves.WAITING_OTHERS, moves.SOLVED, moves.CLOSED)
STATUS_SHARES = (12, 23, 10, 5, 20, 30)
TEAMS = ("Orders", "Repairs", "Billing", "Shop", "Returns", "Business", "Night desk", "Asia", "Europe", "Second line")
AGENTS_PER_TEAM = 4
BUDGETS = {1: 240, 2: 120, 3: 48, 4: 24}
"""Hours to solve a ticket by priority."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Company:
    """Whom the tickets hang on."""

    mailbox: Mailbox
    brand: Brand
    teams: list[Team]
    agents: dict[int, list[Agent]]
    tags: list[Tag]
    policy: Policy


def seed(*, tickets: int, messages: int, number: int, say: Say) -> None:
    """Add so many tickets of so many messages each, with customers, clocks, tags, deliveries and the search index."""
    start = time.monotonic()
    company = _company()
    author = Author(number)
    _prepare_database()
    people = _customers(author, max(20, tickets // TICKETS_PER_CUSTOMER))
    say(f"{len(people):,} customers  {time.monotonic() - start:.0f} s")
    writer = _Writer(company, author, people, tickets, messages)
    with search.bulk_loading(ticket_index.SHELF):
        for done in writer.write():
            say(f"{done:,} tickets  {time.monotonic() - start:.0f} s")
    reset_sequences(Customer, Identity, Ticket, Message, Deadline, ClockFact, Delivery)
    _finish_database()
    say(f"ready  {time.monotonic() - start:.0f} s")


@transaction.atomic
def _company() -> Company:
    if not Brand.objects.filter(is_default=True).exists():
        workplace.set_up(name="Hoshizora", language="en", time_zone="UTC")
    brand = Brand.objects.get(is_default=True)
    mailbox = Mailbox.objects.filter(is_default=True).first() or Mailbox.objects.create(
        name=brand.name, address="support@hoshizora.example", is_default=True, brand=brand, created_at=clock.now()
    )
    teams = [Team.objects.get_or_create(name=name)[0] for name in TEAMS]
    tags = [Tag.objects.get_or_create(name=name)[0] for name in TAGS]
    return Company(mailbox, brand, teams, {team.pk: _agents(team) for team in teams}, tags, _policy())


def _agents(team: Team) -> list[Agent]:
    """They cannot sign in: they have no password."""
    role = staff.ensure_roles()["Agent"]
    agents = []
    for number in range(1, AGENTS_PER_TEAM + 1):
        email = f"{team.name.lower().replace(' ', '-')}{number}@hoshizora.example"
        agent = Agent.objects.filter(email=email).first() or Agent.objects.create_user(email, name=f"{team.name} {number}", role=role)
        agent.teams.add(team)
        agents.append(agent)
    return agents


def _policy() -> Policy:
    calendar = Calendar.objects.filter(always_open=True).first()
    calendar = calendar or workplace.save_calendar(by=SYSTEM, name="Always open", time_zone="UTC", always_open=True)
    policy, created = Policy.objects.get_or_create(name="Round the clock", defaults={"calendar": calendar, "position": 1000})
    if created:
        Target.objects.bulk_create(
            [Target(policy=policy, metric="resolution", priority=priority, minutes=hours * 60) for priority, hours in BUDGETS.items()]
        )
    return policy


def _prepare_database() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -400000")


def _finish_database() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 2000")
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA cache_size = -16000")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("VACUUM ANALYZE")


def _customers(author: Author, count: int) -> list[tuple[int, Person]]:
    first, first_identity = _next_id(Customer), _next_id(Identity)
    people = [(first + at, author.person(first + at)) for at in range(count)]
    customers = Loader(Customer, ("id", "name", "language", "created_at"))
    identities = Loader(Identity, ("id", "customer_id", "kind", "value", "is_primary"))
    at = moment(clock.now() - PERIOD)
    with search.bulk_loading(customer_index.SHELF):
        for start in range(0, count, CHUNK):
            some = people[start : start + CHUNK]
            with transaction.atomic():
                customers.put([(pk, person.name, person.language, at) for pk, person in some])
                identities.put([(first_identity + pk - first, pk, "mail", person.address, True) for pk, person in some])
                search.index_documents(customer_index.SHELF, [Document(pk, head=person.name, who=person.address) for pk, person in some])
    return people


def _next_id(model: type[Model]) -> int:
    return (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


class _Writer:
    """Writes tickets chunk by chunk; the counters are the ids to come."""

    def __init__(self, company: Company, author: Author, people: list[tuple[int, Person]], tickets: int, messages: int) -> None:
        self.company, self.author, self.people, self.wanted, self.messages = company, author, people, tickets, messages
        self.first = self.ticket_id = _next_id(Ticket)
        self.message_id, self.deadline_id, self.delivery_id, self.fact_id = map(_next_id, (Message, Deadline, Delivery, ClockFact))
        self.now = clock.now().replace(microsecond=0)
        self.no_deadline = moment(NO_DEADLINE)
        self.rows: dict[str, list[tuple[Any, ...]]] = {}
        self.documents: list[Document] = []
        common = {"mailbox_id": company.mailbox.pk, "brand_id": company.brand.pk}
        self.loaders = {
            "ticket": Loader(Ticket, (
                "id", "subject", "status", "priority", "kind", "language", "customer_id", "team_id", "assignee_id", "preview",
                "message_count", "last_message_id", "last_inbound_at", "last_outbound_at", "unsolved", "due_at", "due_kind",
                "created_at", "updated_at", "solved_at", "closed_at", *common,
            )),
            "message": Loader(Message, (
                "id", "ticket_id", "direction", "customer_id", "agent_id", "subject", "from_name", "from_address", "to", "text",
                "reply_text", "language", "message_id", "in_reply_to", "references", "sent_at", "created_at",
            )),
            "delivery": Loader(Delivery, ("id", "message_id", "mailbox_id", "state", "send_at", "attempts", "updated_at")),
            "deadline": Loader(Deadline, (
                "id", "ticket_id", "metric", "policy_id", "policy_name", "calendar_version_id", "started_at", "budget", "warn_percent",
                "counted_at", "due_at", "warn_at", "warned_at", "breached_at",
            )),
            "fact": Loader(ClockFact, ("id", "deadline_id", "kind", "at", "budget", "warn_percent", "calendar_version_id")),
            "tag": Loader(Ticket.tags.through, ("ticket_id", "tag_id")),
        }  # fmt: skip

    def write(self) -> Iterator[int]:
        """Writes everything; yields the number of tickets written from time to time."""
        for done in range(0, self.wanted, CHUNK):
            count = min(CHUNK, self.wanted - done)
            self.rows = {name: [] for name in self.loaders}
            self.documents = []
            for _ in range(count):
                self._ticket()
            with transaction.atomic():
                for name, loader in self.loaders.items():
                    loader.put(self.rows[name])
                search.index_documents(ticket_index.SHELF, self.documents)
            if (done + count) % (CHUNK * 25) == 0:
                yield done + count

    def _ticket(self) -> None:
        author = self.author
        pk = self.ticket_id
        self.ticket_id += 1
        customer_id, person = self.people[author.below(len(self.people))]
        created = self.now - PERIOD * (1 - (pk - self.first) / self.wanted) - timedelta(minutes=1)
        status = author.random.choices(STATUSES, STATUS_SHARES)[0]
        priority = author.random.choices((1, 2, 3, 4), (10, 70, 15, 5))[0]
        team = self.company.teams[author.below(len(self.company.teams))] if author.below(10) else None
        agents = self.company.agents[team.pk] if team else []
        agent = agents[author.below(len(agents))] if agents and status != moves.NEW else None
        subject = author.subject(person.language)
        count = LONG_TICKET if pk % LONG_TICKET_EVERY == 0 else self.messages
        said = self._messages(pk, (customer_id, person), subject, created, count=count, agent=agent, new=status == moves.NEW)
        unsolved = status in moves.UNSOLVED
        due, due_kind = self.no_deadline, ""
        if status in (moves.NEW, moves.OPEN):
            due, due_kind = self._deadline(pk, priority, created), "resolution"
        if author.below(3) == 0:
            self.rows["tag"].append((pk, self.company.tags[author.below(len(self.company.tags))].pk))
        last = moment(said.last)
        self.rows["ticket"].append((
            pk, subject, status, priority, "question", person.language, customer_id, team.pk if team else None, agent.pk if agent else None,
            said.preview, count, self.message_id - 1, said.last_in, said.last_out, unsolved, due, due_kind, moment(created), last,
            None if unsolved else last, last if status == moves.CLOSED else None, self.company.mailbox.pk, self.company.brand.pk,
        ))  # fmt: skip

    def _messages(
        self, ticket_id: int, customer: tuple[int, Person], subject: str, created: datetime, *, count: int, agent: Agent | None, new: bool
    ) -> "_Said":
        customer_id, person = customer
        ours, theirs = self.company.mailbox.address, [[person.name, person.address]]
        said = _Said(created, "", None, None)
        previous: list[str] = []
        for place in range(count):
            pk = self.message_id
            self.message_id += 1
            inbound = place % 2 == 0 or new
            at = min(created + timedelta(hours=place * 3), self.now)
            written = moment(at)
            text = self.author.question(person.language) if inbound else self.author.answer(person.language)
            name, address = (person.name, person.address) if inbound else (agent.name if agent else self.company.mailbox.name, ours)
            to = [["", ours]] if inbound else theirs
            message_id = f"<{pk:09d}.seed@{'mail' if inbound else 'hoshizora'}.example>"
            self.rows["message"].append((
                pk, ticket_id, "in" if inbound else "out", customer_id if inbound else None, None if inbound or not agent else agent.pk,
                subject if place == 0 else f"Re: {subject}", name, address, json.dumps(to), text, text, person.language, message_id,
                previous[-1] if previous else "", json.dumps(previous[-10:]), written, written,
            ))  # fmt: skip
            head = subject if place == 0 else f"Re: {subject}"
            self.documents.append(Document(pk, head=head, who="\n".join((name, address, *to[0])), body=text))
            previous.append(message_id)
            if inbound:
                said.last_in = written
            else:
                said.last_out = written
                self.rows["delivery"].append((self.delivery_id, pk, self.company.mailbox.pk, "sent", written, 1, written))
                self.delivery_id += 1
            said.last, said.preview = at, " ".join(text.split())[:200]
        return said

    def _deadline(self, ticket_id: int, priority: int, created: datetime) -> str:
        policy, version = self.company.policy, self.company.policy.calendar.version_id
        budget = BUDGETS[priority] * 3600
        due, warn = created + timedelta(seconds=budget), created + timedelta(seconds=budget * policy.warn_percent // 100)
        started, due_at, warn_at = moment(created), moment(due), moment(warn)
        self.rows["deadline"].append((
            self.deadline_id, ticket_id, "resolution", policy.pk, policy.name, version, started, budget, policy.warn_percent, started,
            due_at, warn_at, warn_at if warn <= self.now else None, due_at if due <= self.now else None,
        ))  # fmt: skip
        self.rows["fact"].append((self.fact_id, self.deadline_id, "started", started, budget, policy.warn_percent, version))
        self.deadline_id += 1
        self.fact_id += 1
        return due_at


@dataclass(slots=True)
class _Said:
    """What a ticket's row repeats of its messages."""

    last: datetime
    preview: str
    last_in: str | None
    last_out: str | None
