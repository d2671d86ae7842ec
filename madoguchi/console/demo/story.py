"""What happens at Hoshizora in the three weeks before today: who writes about what, when, and how it goes on. Pure.

The same seed tells the same story; only the days move with the calendar, so that the demo is always fresh.
"""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
LANGUAGES = ("ja", "en", "de", "zh-hans", "zh-hant")
SEED = 20261120
STORY_DAYS = 21


@dataclass(frozen=True)
class Scenario:
    """One kind of matter: how people sort it, and how urgent it is (tickets.models.Priority)."""

    key: str
    team: str
    kind: str
    cause: str = ""
    priority: int = 2
    tags: tuple[str, ...] = ()
    weight: int = 3
    large_only: bool = False  # about something that is installed at home


SCENARIOS = (
    Scenario("where_is_order", "orders", "question", tags=("delivery",), weight=8),
    Scenario("delivered_not_arrived", "orders", "complaint", "delivery", 3, ("delivery", "carrier"), 4),
    Scenario("damaged", "orders", "complaint", "product", 3, ("exchange",), 4),
    Scenario("return_request", "orders", "request", tags=("return",), weight=6),
    Scenario("refund_when", "billing", "question", tags=("refund",), weight=5),
    Scenario("double_charge", "billing", "complaint", "price", 3, ("payment",), 3),
    Scenario("invoice_name", "billing", "request", tags=("invoice",), weight=4),
    Scenario("address_change", "orders", "request", tags=("delivery",), weight=3),
    Scenario("cancel_order", "orders", "request", tags=("cancellation",), weight=3),
    Scenario("repair_warranty", "repairs", "request", tags=("warranty",), weight=5),
    Scenario("defect", "repairs", "incident", "product", 3, ("app",), 4),
    Scenario("stock_question", "stores", "question", tags=("stock",), weight=4),
    Scenario("points", "billing", "question", tags=("points",), weight=3),
    Scenario("praise", "stores", "praise", priority=1, weight=2),
    Scenario("store_hours", "stores", "question", priority=1, tags=("hours",), weight=3),
    Scenario("installation_missed", "orders", "complaint", "service", 4, ("installation",), 2, large_only=True),
)


@dataclass(frozen=True)
class Step:
    """At `at`: in (the customer writes), take (an agent takes the ticket), out (we answer), note, or solve."""

    what: str
    at: datetime
    text: str = ""


@dataclass(frozen=True)
class Matter:
    """One ticket of the story: who, what, and its steps in order."""

    number: int
    scenario: Scenario
    language: str
    name: str
    address: str
    time_zone: str
    subject: str
    steps: list[Step] = field(default_factory=list)


@cache
def texts(language: str) -> dict[str, dict]:
    return json.loads((DATA / f"{language}.json").read_text(encoding="utf-8"))


@cache
def shop() -> dict:
    return json.loads((DATA / "shop.json").read_text(encoding="utf-8"))


def day_in(language: str, day: datetime) -> str:
    """A date as a customer writes it."""
    if language == "en":
        return f"{day.day} {day:%B}"
    if language == "de":
        return f"{day.day}.{day.month}."
    return f"{day.month}月{day.day}日"


def tell(*, until: datetime, count: int = 400) -> list[Matter]:
    """`count` matters that began in the three weeks before `until`, oldest first."""
    rng = random.Random(SEED)  # noqa: S311  a story, not a secret
    begins = sorted(until - timedelta(seconds=_moment(rng)) for _ in range(count))
    return [_matter(rng, number, at, until) for number, at in enumerate(begins, 1)]


def fresh(number: int, *, now: datetime) -> Matter:
    """One new matter that begins right now, for the mail that flows in while one watches."""
    return _matter(random.Random(SEED + number), number, now, now)  # noqa: S311


def _moment(rng: random.Random) -> float:
    """Seconds before the end: more of it lately, so that the queue holds today's work."""
    return rng.random() ** 1.6 * STORY_DAYS * 86400


def _matter(rng: random.Random, number: int, begin: datetime, until: datetime) -> Matter:
    scenario = rng.choices(SCENARIOS, [s.weight for s in SCENARIOS])[0]
    customer = rng.choice(shop()["customers"])
    language = customer["language"]
    order = rng.choice([o for o in shop()["orders"] if not scenario.large_only or o["sku"] in shop()["large"]])
    told = texts(language)[scenario.key]
    words = {
        "order": order["id"],
        "product": shop()["products"][order["sku"]][language],
        "name": customer["name"],
        "date": day_in(language, begin - timedelta(days=rng.randrange(3, 12))),
    }
    steps = [Step("in", begin, rng.choice(told["opening"]).format(**words))]
    steps += _course(rng, scenario, begin=begin, until=until, told=told, words=words)
    return Matter(
        number, scenario, language, customer["name"], customer["email"], customer["time_zone"],
        told["subject"].format(**words), [step for step in steps if step.at <= until],
    )  # fmt: skip


def _course(rng: random.Random, scenario: Scenario, *, begin: datetime, until: datetime, told: dict, words: dict) -> list[Step]:
    """The further course: most are answered within hours, many come back once, old ones end."""
    steps: list[Step] = []
    at = begin
    age = (until - at).total_seconds() / 3600
    if rng.random() < min(0.97, age / 30):
        at += timedelta(minutes=rng.randrange(4, 60))
        steps.append(Step("take", at))
        if scenario.priority >= 3 and rng.random() < 0.5:  # noqa: PLR2004  high and urgent matters get a note
            at += timedelta(minutes=rng.randrange(3, 40))
            steps.append(Step("note", at, scenario.key))
        at += timedelta(minutes=rng.randrange(10, 400))
        steps.append(Step("out", at, told["reply"].format(**words)))
        if told["followup"] and rng.random() < 0.6:  # noqa: PLR2004
            at += timedelta(minutes=rng.randrange(30, 1500))
            steps.append(Step("in", at, told["followup"].format(**words)))
        if age > 24 and rng.random() < 0.9:  # noqa: PLR2004
            steps.append(Step("solve", at + timedelta(minutes=rng.randrange(5, 600))))
    return steps
