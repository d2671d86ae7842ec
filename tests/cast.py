"""The people of every test: two agents of different teams, a supervisor, an administrator, an observer, and customers."""

from dataclasses import dataclass

from madoguchi.channels.models import Mailbox
from madoguchi.customers.models import Customer, Identity
from madoguchi.foundation import clock
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, Team
from madoguchi.tickets import index
from madoguchi.tickets.models import Message, Ticket
from madoguchi.workplace import actions as workplace
from madoguchi.workplace.models import Brand

PASSWORD = "a long enough password"


@dataclass
class Cast:
    mailbox: Mailbox
    orders: Team
    repairs: Team
    admin: Agent
    supervisor: Agent
    hana: Agent  # agent of the team Orders
    kenji: Agent  # agent of the team Repairs
    observer: Agent  # may look, in Orders
    chinatsu: Customer  # a calm customer, Japanese
    ruth: Customer  # a calm customer, English

    def ticket(
        self, *, customer: Customer | None = None, subject: str = "Where is my order?", text: str = "It is late.", **fields: object
    ) -> Ticket:
        """A ticket with one message from its customer."""
        customer = customer or self.ruth
        now = clock.now()
        ticket = Ticket.objects.create(
            subject=subject, customer=customer, mailbox=self.mailbox, language="en", created_at=now, updated_at=now,
            last_inbound_at=now, preview=text[:200], message_count=1, **fields,
        )  # fmt: skip
        message = Message.objects.create(
            ticket=ticket, direction="in", customer=customer, subject=subject, text=text, reply_text=text, from_name=customer.name,
            from_address=customer.identities.get().value, message_id=f"<{ticket.pk}.first@customer.example>", created_at=now, sent_at=now,
        )  # fmt: skip
        index.put_new_messages([message])
        Ticket.objects.filter(pk=ticket.pk).update(last_message_id=message.pk)
        ticket.refresh_from_db()
        return ticket


def _agent(email: str, name: str, role: str, *teams: Team, **fields: object) -> Agent:
    agent = Agent.objects.create_user(email, None, name=name, role=staff.ensure_roles()[role], **fields)
    agent.password = _hashed()
    agent.save()
    agent.teams.set(teams)
    return agent


def _hashed() -> str:
    from django.contrib.auth.hashers import make_password

    if not hasattr(_hashed, "value"):
        _hashed.value = make_password(PASSWORD)  # type: ignore[attr-defined]  argon2 once, not once an agent
    return _hashed.value  # type: ignore[attr-defined]


def _customer(name: str, address: str, language: str) -> Customer:
    customer = Customer.objects.create(name=name, language=language, created_at=clock.now())
    Identity.objects.create(customer=customer, kind="mail", value=address, is_primary=True)
    return customer


def assemble() -> Cast:
    workplace.set_up(name="Hoshizora", language="en", time_zone="Asia/Tokyo")
    orders, repairs = Team.objects.create(name="Orders"), Team.objects.create(name="Repairs")
    mailbox = Mailbox.objects.create(
        name="Support",
        address="support@hoshizora.example",
        is_default=True,
        brand=Brand.objects.get(is_default=True),
        created_at=clock.now(),
    )
    return Cast(
        mailbox=mailbox,
        orders=orders,
        repairs=repairs,
        admin=_agent("admin@hoshizora.example", "Aki Admin", "Administrator"),
        supervisor=_agent("sora@hoshizora.example", "Sora Supervisor", "Supervisor"),
        hana=_agent("hana@hoshizora.example", "Hana Mori", "Agent", orders, languages=["ja", "en"]),
        kenji=_agent("kenji@hoshizora.example", "Kenji Abe", "Agent", repairs, languages=["ja"]),
        observer=_agent("ono@hoshizora.example", "Ono Observer", "Observer", orders),
        chinatsu=_customer("藤代 千夏", "chinatsu@customer.example", "ja"),
        ruth=_customer("Ruth Castellan", "ruth@customer.example", "en"),
    )
