"""When is what an agent has not read mailed? Each agent chooses how long it may wait, or the morning."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_MORNING = 1440  # the value of `Agent.digest_minutes`
MORNING = time(8)
KEPT = timedelta(days=7)  # what is older is told in the desk only


@dataclass(frozen=True)
class Waiting:
    """An agent with unread notices, the oldest from `oldest`."""

    agent_id: int
    minutes: int
    zone: ZoneInfo
    oldest: datetime


def due(waiting: Iterable[Waiting], now: datetime) -> list[int]:
    """The agents whose digest is to be sent now."""
    return [one.agent_id for one in waiting if one.minutes > 0 and one.oldest < latest_included(one.minutes, one.zone, now, first=True)]


def latest_included(minutes: int, zone: ZoneInfo, now: datetime, *, first: bool = False) -> datetime:
    """Notices from before this moment belong into the digest; `first`: one from before it makes the digest due."""
    if minutes == EVERY_MORNING:
        return morning_before(now, zone)
    return now - timedelta(minutes=minutes) if first else now


def morning_before(now: datetime, zone: ZoneInfo) -> datetime:
    """The last eight o'clock in the agent's zone."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), MORNING, zone)
    return today if today <= local else datetime.combine(local.date() - timedelta(days=1), MORNING, zone)
