"""The clock of a ticket in the side pane, and the answer to "why is it due then?"."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.design import formats
from madoguchi.sla import queries as sla
from madoguchi.sla.clockwork import Step, StepKind
from madoguchi.sla.models import Deadline, Metric
from madoguchi.tickets.models import Ticket

WIDTH = 300.0
EDGE = 2.0


@dataclass(frozen=True)
class ClockLine:
    """state: over | soon | running | paused | never; `title` names the moment, `rest` the time left."""

    id: int
    metric: str
    state: str
    percent: int
    title: str
    rest: str


def lines(ticket: Ticket) -> list[ClockLine]:
    """One per running or paused clock, nearest first. One statement."""
    return [_line(deadline) for deadline in sla.open_deadlines(ticket)]


def _line(deadline: Deadline) -> ClockLine:
    view = sla.view_of(deadline)
    metric = str(Metric(deadline.metric).label)
    if view.state == "paused":
        return ClockLine(deadline.pk, metric, "paused", 0, pgettext("clock", "Paused"), formats.duration(max(view.seconds, 0)))
    if view.due_at is None:
        return ClockLine(deadline.pk, metric, "never", 0, pgettext("clock", "No working time ahead"), "")
    title = _("Due {time}").format(time=formats.near(view.due_at))
    return ClockLine(deadline.pk, metric, view.state, view.percent, title, formats.left(view.due_at))


@dataclass(frozen=True)
class Bar:
    """A stretch on the bar: kind done | work | off | over; x and width in its units."""

    kind: str
    x: float
    width: float


@dataclass
class Why:
    """bars and marks for the drawing; `facts` are the sentences; `label` is all of it for screen readers."""

    metric: str
    bars: list[Bar] = field(default_factory=list)
    now_x: float | None = None
    due_x: float | None = None
    start: str = ""
    due: str = ""
    now: str = ""
    facts: list[str] = field(default_factory=list)
    stretches: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        return " ".join(self.facts)


_KINDS = {
    StepKind.WORKED: "done",
    StepKind.OVER: "over",
    StepKind.FREE: "off",
    StepKind.PAUSED: "off",
    StepKind.STOPPED: "off",
    StepKind.COMING: "work",
}


def why(deadline: Deadline, *, language: str) -> Why:
    """Two statements. The bar is not to scale of long nights: free time is drawn at most a fifth of the width."""
    story = sla.story_of(deadline, language=language)
    told = Why(str(Metric(deadline.metric).label))
    due_at = story.state.due_at
    told.start = formats.near(story.state.started_at)
    told.now = formats.clock_time(story.now)
    told.due = formats.near(due_at) if due_at else ""
    _draw(told, story.steps, story.now, due_at)
    used = sum(step.seconds for step in story.steps if step.kind in {StepKind.WORKED, StepKind.OVER})
    told.facts = [
        _("{policy}: {budget} of working time for: {metric}.").format(
            policy=deadline.policy_name, budget=formats.duration(story.state.budget), metric=told.metric
        ),
        _("Counting since {time}; {used} used.").format(
            time=formats.stamp(story.state.started_at), used=formats.duration(used) if used else "0"
        ),
    ]
    paused = sum(step.seconds for step in story.steps if step.kind == StepKind.PAUSED)
    told.facts.append(_("Paused for {time} while waiting.").format(time=formats.duration(paused)) if paused else _("Never paused."))
    if deadline.paused_at:
        told.facts.append(_("Paused now: no time is counted until the ticket is open again."))
    elif due_at:
        told.facts.append(_("Due {time}.").format(time=formats.stamp(due_at)))
    told.stretches = [(_word(step), formats.near(step.start), _end(step)) for step in story.steps if step.seconds >= 60][-12:]  # noqa: PLR2004
    return told


def _end(step: Step) -> str:
    """On the day on which it began the time is enough."""
    same_day = localtime(step.start).date() == localtime(step.end).date()
    return formats.clock_time(step.end) if same_day else formats.near(step.end)


def _word(step: Step) -> str:
    if step.kind == StepKind.FREE:
        return step.name or pgettext("stretch of time", "Closed")
    return {
        StepKind.WORKED: pgettext("stretch of time", "Counted"), StepKind.OVER: pgettext("stretch of time", "Over"),
        StepKind.PAUSED: pgettext("stretch of time", "Paused"), StepKind.STOPPED: pgettext("stretch of time", "Stopped"),
        StepKind.COMING: pgettext("stretch of time", "Coming"),
    }.get(step.kind, "")  # fmt: skip


def _draw(told: Why, steps: list[Step], now: datetime, due_at: datetime | None) -> None:
    counted = sum(step.seconds for step in steps if _KINDS.get(step.kind) != "off") or 1
    weights = [step.seconds if _KINDS.get(step.kind) != "off" else min(step.seconds, counted / 5) for step in steps]
    scale = (WIDTH - 40) / (sum(weights) or 1)
    x = EDGE
    for step, weight in zip(steps, weights, strict=True):
        width = weight * scale
        told.bars.append(Bar(_KINDS.get(step.kind, "off"), round(x, 1), round(max(width, 0.5), 1)))
        for mark, name in ((now, "now_x"), (due_at, "due_x")):
            if mark is not None and step.start <= mark <= step.end and step.end > step.start:
                setattr(told, name, round(x + width * ((mark - step.start) / (step.end - step.start)), 1))
        x += width
