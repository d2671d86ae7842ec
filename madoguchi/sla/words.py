"""Why a clock is due when it is, in the words of the reader's language and time zone, and as a bar.

Every sentence is a text of its own, so that each language can say it in its own way; nothing is joined from pieces.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from madoguchi.design import formats
from madoguchi.tickets.models import Status
from madoguchi.workplace import queries as workplace
from madoguchi.workplace.hours import DAY, Calendar, SpanKind

from .clockwork import FactKind, Step, StepKind
from .models import Deadline, Metric
from .queries import ClockView, Story, story_of, view_of

BAR_WIDTH = 300
BAR_MARGIN = 2
FREE_AT_MOST = 0.2  # of the budget: a night or a pause is drawn no wider, or it would hide what counted
ROOM_FOR_A_WORD = 34
MENTIONED = 3  # holidays and changes that are told one by one


@dataclass(frozen=True, slots=True)
class Rect:
    """A piece of the bar. css: done | over | work (coming) | off | pause. Positions are texts, so that no locale rewrites them."""

    css: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Label:
    x: str
    text: str
    anchor: str
    strong: bool
    above: bool


@dataclass(frozen=True, slots=True)
class Bar:
    rects: list[Rect]
    labels: list[Label]
    now_x: str
    due_x: str


@dataclass(frozen=True, slots=True)
class Why:
    """title: "Due 14:05". relative: "in 2 h 23 min". sentences: the answer. bar: what counted, over time."""

    view: ClockView
    metric: str
    title: str
    relative: str
    sentences: list[str]
    bar: Bar

    @property
    def in_words(self) -> str:
        """Everything, for who cannot see the bar."""
        return " ".join(self.sentences)


def explain_deadline(deadline: Deadline, *, now: datetime | None = None) -> Why:
    """In three statements. Language and time zone are the active ones."""
    story = story_of(deadline, language=(get_language() or "en").lower(), now=now)
    view = view_of(deadline, story.now)
    sentences = [
        _promise(story),
        _since(story),
        *_hours(story),
        *_closing_days(story),
        *_pauses(story),
        *_changes(story),
        *_standing(story),
    ]
    title, relative = _title(story)
    return Why(view, str(Metric(deadline.metric).label), title, relative, sentences, _bar(story))


def clock_text(view: ClockView) -> str:
    """The few letters beside the ring in a list."""
    match view.state:
        case "paused":
            return pgettext("clock", "Waiting")
        case "met":
            return pgettext("clock", "Kept")
        case "never":
            return pgettext("clock", "No opening hours")
        case "cancelled":
            return pgettext("clock", "Ended")
        case "over" if view.due_at is not None:
            return formats.left(view.due_at)
    return formats.near(view.due_at) if view.due_at is not None else ""


def _title(story: Story) -> tuple[str, str]:
    state = story.state
    if state.met_at is not None:
        return pgettext("clock", "Kept {time}").format(time=formats.near(state.met_at)), ""
    if state.cancelled_at is not None:
        return pgettext("clock", "Ended {time}").format(time=formats.near(state.cancelled_at)), ""
    if state.due_at is not None:
        over = state.due_at < story.now
        text = pgettext("clock", "Was due {time}") if over else pgettext("clock", "Due {time}")
        return text.format(time=formats.near(state.due_at)), formats.left(state.due_at)
    if state.paused:
        return pgettext("clock", "Waiting"), _("{duration} left").format(duration=formats.working_time(state.remaining))
    return pgettext("clock", "No opening hours"), ""


def _promise(story: Story) -> str:
    calendar = _calendar(story)
    texts = {
        (Metric.FIRST_REPLY, True): _("{policy}: {duration} to the first reply."),
        (Metric.NEXT_REPLY, True): _("{policy}: {duration} to the next reply."),
        (Metric.RESOLUTION, True): _("{policy}: {duration} to the resolution."),
        (Metric.FIRST_REPLY, False): _("{policy}: {duration} of working time to the first reply."),
        (Metric.NEXT_REPLY, False): _("{policy}: {duration} of working time to the next reply."),
        (Metric.RESOLUTION, False): _("{policy}: {duration} of working time to the resolution."),
    }
    text = texts[Metric(story.deadline.metric), calendar.always_open]
    return text.format(policy=story.deadline.policy_name, duration=formats.working_time(story.state.budget))


def _since(story: Story) -> str:
    moment = formats.near(story.state.started_at)
    if story.deadline.metric == Metric.RESOLUTION:
        return _("Counting since {time}, when the ticket was opened.").format(time=moment)
    return _("Counting since {time}, when the customer wrote.").format(time=moment)


def _calendar(story: Story) -> Calendar:
    return workplace.hours(story.deadline.calendar_version_id, (get_language() or "en").lower())


def _hours(story: Story) -> list[str]:
    """The working hours of the day on which it is due, else of the next open day; they are what people compare with."""
    calendar = _calendar(story)
    place = formats.place_of(calendar.zone)
    if calendar.always_open:
        return [_("Counted around the clock.")]
    moment = story.state.due_at or calendar.next_opening(story.now)
    if moment is None:
        return [_("The calendar has no opening hours, so this is never due.")]
    day = moment.astimezone(ZoneInfo(calendar.zone)).date()
    shifts = calendar.shifts_on(day) or calendar.shifts_on(day - timedelta(days=1))  # a night shift ends on the day after
    spans = [formats.time_range(_wall(shift.opens), _wall(shift.closes), ends_at_midnight=shift.closes == DAY) for shift in shifts]
    text = _("Working hours on {day}: {hours} ({place}).")
    return [text.format(day=formats.day_name(day), hours=formats.listing(spans), place=place)] if spans else []


def _wall(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _closing_days(story: Story) -> list[str]:
    """Holidays by name, each once."""
    zone = ZoneInfo(_calendar(story).zone)
    days = [step for step in story.steps if step.kind is StepKind.FREE and step.closed is SpanKind.CLOSING_DAY]
    text = _("Closed on {date}: {name}.")
    return [
        text.format(date=formats.date_text(step.start.astimezone(zone).date()), name=step.name or _("closing day"))
        for step in days[-MENTIONED:]
    ]


def _pauses(story: Story) -> list[str]:
    if story.state.paused_at is not None:
        moment = formats.near(story.state.paused_at)
        if story.state.pause_reason == Status.WAITING_OTHERS:
            return [_("Paused since {time}: waiting for others.").format(time=moment)]
        return [_("Paused since {time}: waiting for the customer.").format(time=moment)]
    pauses = [step for step in story.steps if step.kind is StepKind.PAUSED]
    if not pauses:
        return [_("Never paused.")]
    together = formats.duration(sum(step.seconds for step in pauses))
    count = 1 + sum(before.end != after.start for before, after in pairwise(pauses))
    text = ngettext("Paused once, for {duration}.", "Paused {n} times, for {duration} together.", count)
    return [text.format(n=count, duration=together)]


def _changes(story: Story) -> list[str]:
    told = []
    budget = None
    for fact in story.facts:
        if fact.kind is FactKind.POLICY_CHANGED and budget is not None and fact.budget != budget and fact.budget is not None:
            text = _("On {time} the target changed from {old} to {new}; time already used was kept.")
            old, new = formats.working_time(budget), formats.working_time(fact.budget)
            told.append(text.format(time=formats.stamp(fact.at), old=old, new=new))
        elif fact.kind is FactKind.CALENDAR_CHANGED:
            told.append(_("On {time} the working hours changed; what was counted before stays.").format(time=formats.stamp(fact.at)))
        budget = fact.budget or budget
    return told[-MENTIONED:]


def _standing(story: Story) -> list[str]:
    state = story.state
    used = _("{used} of {budget} used.").format(
        used=formats.working_time(state.used),
        budget=formats.working_time(state.budget),
    )
    if state.met_at is not None:
        kept = _("The promise was kept.") if state.breached_at is None else _("The promise was kept late.")
        return [used, kept]
    if state.cancelled_at is not None:
        return [used, _("The clock ended without a reply being due any more.")]
    if state.due_at is None:
        return [used]
    if state.due_at < story.now:
        return [used, _("Overdue since {time}.").format(time=formats.stamp(state.due_at))]
    return [used, _("Due {time}.").format(time=formats.stamp(state.due_at))]


# The bar


def _weight(step: Step, budget: int) -> float:
    if step.kind in {StepKind.WORKED, StepKind.OVER, StepKind.COMING}:
        return step.seconds
    return min(step.seconds, FREE_AT_MOST * budget)


CSS = {
    StepKind.WORKED: "done",
    StepKind.OVER: "over",
    StepKind.COMING: "work",
    StepKind.FREE: "off",
    StepKind.PAUSED: "pause",
    StepKind.STOPPED: "off",
}


def _bar(story: Story) -> Bar:
    steps = _readable(story.steps, story.now)
    weights = [_weight(step, story.state.budget) for step in steps]
    scale = (BAR_WIDTH - 2 * BAR_MARGIN) / (sum(weights) or 1)
    rects, places, x = [], [(story.state.started_at, float(BAR_MARGIN))], float(BAR_MARGIN)
    words: list[tuple[float, str]] = []
    for step, weight in zip(steps, weights, strict=True):
        width = weight * scale
        rects.append(Rect(CSS[step.kind], f"{x:.1f}", f"{max(width, 0.5):.1f}"))
        if width >= ROOM_FOR_A_WORD and (word := _word(step)):
            words.append((x + width / 2, word))
        x += width
        places.append((step.end, x))
    due, now = story.state.due_at, min(story.now, story.state.met_at or story.state.cancelled_at or story.now)
    now_x, due_x = _place(now, places), _place(due, places) if due is not None else None
    return Bar(rects, _labels(story, words, now_x, due_x), f"{now_x:.1f}", "" if due_x is None else f"{due_x:.1f}")


def _readable(steps: list[Step], now: datetime) -> list[Step]:
    """Neighbours of one colour as one piece, so that a night before a holiday is one gap. Cut at now."""
    pieces: list[Step] = []
    for step in steps:
        last = pieces[-1] if pieces else None
        if last is not None and last.kind is step.kind is StepKind.FREE and last.end != now:
            pieces[-1] = Step(StepKind.FREE, last.start, step.end, closed=last.closed if last.closed is step.closed else SpanKind.DAY_OFF)
        else:
            pieces.append(step)
    return pieces


def _place(moment: datetime, places: list[tuple[datetime, float]]) -> float:
    for (start, x), (end, next_x) in pairwise(places):
        if start <= moment <= end:
            span = (end - start).total_seconds()
            return x + (next_x - x) * ((moment - start).total_seconds() / span if span else 0)
    return places[-1][1]


def _word(step: Step) -> str:
    if step.kind is StepKind.PAUSED:
        return pgettext("clock bar", "waiting")
    if step.closed is SpanKind.BREAK:
        return pgettext("clock bar", "break")
    if step.closed is SpanKind.NIGHT:
        return pgettext("clock bar", "night")
    return pgettext("clock bar", "closed") if step.closed is not None else ""


def _labels(story: Story, words: list[tuple[float, str]], now_x: float, due_x: float | None) -> list[Label]:
    """Start and due below, now above, and what the gaps are where there is room."""
    start, far = formats.near(story.state.started_at), BAR_WIDTH * 0.85
    labels = [Label(str(BAR_MARGIN), start, "start", strong=False, above=False)]
    taken = [BAR_MARGIN + 6.0 * len(start)]
    if due_x is not None and story.state.due_at is not None:
        anchor = "end" if due_x > far else "middle"
        labels.append(Label(f"{due_x:.1f}", formats.near(story.state.due_at), anchor, strong=True, above=False))
        taken.append(due_x)
    if story.state.running:
        anchor = "end" if now_x > far else "start" if now_x < BAR_WIDTH - far else "middle"
        text = pgettext("clock bar", "now {time}").format(time=formats.clock_time(story.now))
        labels.append(Label(f"{now_x:.1f}", text, anchor, strong=True, above=True))
    for x, word in words:
        if all(abs(x - other) > ROOM_FOR_A_WORD for other in taken):
            labels.append(Label(f"{x:.1f}", word, "middle", strong=False, above=False))
            taken.append(x)
    return labels
