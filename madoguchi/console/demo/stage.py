"""The demo company before its first customer writes: people, teams, hours, a mailbox."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from madoguchi.channels.models import Mailbox
from madoguchi.customers import actions as customers
from madoguchi.customers.queries import customer_known_as
from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, Presence, Team
from madoguchi.tickets import actions as tickets
from madoguchi.workplace import actions as workplace
from madoguchi.workplace.models import Brand, Calendar, Shift

from . import automation

COMPANY = "Hoshizora"
ADDRESS = "support@hoshizora.example"
PASSWORD = "hoshizora-demo"  # noqa: S105  printed at the start; the demo listens on this machine only
LUNCH_SHIFTS = ((9 * 60, 12 * 60), (13 * 60, 18 * 60))


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    role: str
    teams: tuple[str, ...]
    languages: tuple[str, ...]
    language: str
    time_zone: str = "Asia/Tokyo"


TEAMS = {"orders": "Orders and delivery", "billing": "Billing", "repairs": "Repairs", "stores": "Stores"}
PEOPLE = (
    Person("admin@hoshizora.example", "Aki Hoshino", "Administrator", (), ("ja", "en"), "en"),
    Person("sora@hoshizora.example", "Sora Takeda", "Supervisor", ("orders", "billing"), ("ja", "en"), "ja"),
    Person("hana@hoshizora.example", "Hana Mori", "Agent", ("orders",), ("ja", "en"), "ja"),
    Person("kenji@hoshizora.example", "Kenji Abe", "Agent", ("orders", "repairs"), ("ja", "en"), "ja"),
    Person("mei@hoshizora.example", "林 美怡", "Agent", ("orders", "billing", "stores"), ("zh-hant", "zh-hans", "en"), "zh-hant"),
    Person("xiao@hoshizora.example", "王 晓峰", "Agent", ("billing", "stores"), ("zh-hans", "zh-hant", "en"), "zh-hans"),
    Person(
        "lena@hoshizora.example", "Lena Brandt", "Agent", ("orders", "billing", "repairs", "stores"), ("de", "en"), "de", "Europe/Berlin"
    ),
    Person("tom@hoshizora.example", "Tom Ashby", "Agent", ("orders", "billing", "repairs", "stores"), ("en",), "en"),
    Person("yui@hoshizora.example", "Yui Sakai", "Agent", ("billing", "repairs", "stores"), ("ja",), "ja"),
)


COMPANIES = (
    (
        "Aoba Trading",
        "aoba-trading.example",
        "Invoices on the last day of the month.",
        "K-2041",
        ("customer0001@example.com", "customer0002@example.com"),
    ),
    ("Brückner Optik", "brueckner-optik.example", "Writes German only.", "K-2077", ("customer0034@example.com",)),
)  # name, domain, note, contract, people


@dataclass
class Stage:
    mailbox: Mailbox
    teams: dict[str, Team]
    agents: dict[str, Agent]

    def agent_for(self, team: str, language: str, turn: int) -> Agent:
        """Somebody of the team who writes the language; `turn` takes them in turn."""
        people = [p for p in PEOPLE if p.role == "Agent" and team in p.teams and language in p.languages]
        people = people or [p for p in PEOPLE if p.role == "Agent" and language in p.languages]
        return self.agents[people[turn % len(people)].email]


def build() -> Stage:
    """Make the company; the database is empty before."""
    workplace.set_up(name=COMPANY, language="en", time_zone="Asia/Tokyo", is_demo=True)
    calendar = Calendar.objects.get(is_default=True)
    calendar.country = "JP"
    calendar.save(update_fields=["country"])
    calendar.shifts.all().delete()
    Shift.objects.bulk_create(
        [Shift(calendar=calendar, weekday=day, start=start, end=end) for day in range(6) for start, end in LUNCH_SHIFTS]
    )
    roles = staff.ensure_roles()
    teams = {key: Team.objects.create(name=name) for key, name in TEAMS.items()}
    agents, hashed = {}, make_password(PASSWORD)
    for person in PEOPLE:
        agent = Agent.objects.create(
            email=person.email, name=person.name, password=hashed, role=roles[person.role], languages=list(person.languages),
            language=person.language, time_zone=person.time_zone, presence=Presence.AVAILABLE, presence_at=clock.now(), capacity=40,
        )  # fmt: skip
        agent.teams.set([teams[key] for key in person.teams])
        agents[person.email] = agent
    teams["orders"].lead = agents["sora@hoshizora.example"]
    teams["orders"].save(update_fields=["lead"])
    mailbox = Mailbox.objects.create(
        name=COMPANY, address=ADDRESS, is_default=True, brand=Brand.objects.get(is_default=True), created_at=clock.now()
    )
    automation.equip(teams)
    return Stage(mailbox, teams, agents)


def found_companies() -> None:
    """Firms that some of the customers work for; called when the customers have written."""
    for name, domain, note, contract, people in COMPANIES:
        company = customers.save_company(by=SYSTEM, name=name, domains=[domain], notes=note)
        tickets.set_company_custom(company_id=company.pk, values={"contract": contract}, by=SYSTEM)
        for address in people:
            if customer := customer_known_as("mail", address):
                customers.update_customer(customer_id=customer.pk, company=company, by=SYSTEM)
