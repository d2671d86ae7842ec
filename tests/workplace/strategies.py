"""Calendars and moments for property tests, near the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from madoguchi.workplace.hours import DAY, Calendar, Shift

# A zone, and UTC days near its changes (forward, back), or any.
ZONES = {
    "Europe/Berlin": ["2026-03-28", "2026-10-24", "2027-03-27"],
    "America/New_York": ["2026-03-07", "2026-10-31"],
    "Australia/Lord_Howe": ["2026-04-03", "2026-10-02"],  # half an hour
    "America/Sao_Paulo": ["2018-02-16", "2018-11-02"],  # changes at midnight
    "Pacific/Apia": ["2011-12-28"],  # 30 December did not exist
    "Asia/Tokyo": ["2026-01-01"],
    "Asia/Kathmandu": ["2026-05-01"],  # +05:45
}

moments = st.sampled_from([(zone, day) for zone, days in ZONES.items() for day in days]).flatmap(
    lambda pair: st.tuples(
        st.just(pair[0]),
        st.integers(0, 3 * DAY).map(lambda minutes: datetime.fromisoformat(pair[1]).replace(tzinfo=UTC) + timedelta(minutes=minutes)),
    )
)

_minutes = st.one_of(st.sampled_from([0, 120, 150, 180, 540, 720, 780, 1080, 1320]), st.integers(0, DAY - 1))
shifts = st.builds(
    lambda opens, length: Shift(opens, opens + length),
    _minutes,
    st.one_of(st.sampled_from([30, 60, 180, 480, DAY]), st.integers(1, DAY)),
)


@st.composite
def calendars(draw: st.DrawFn, zone: str, near: datetime) -> Calendar:
    days = [(near + timedelta(days=n)).date() for n in range(-2, 6)]
    some_days = st.sampled_from(days)
    holidays = draw(st.dictionaries(some_days, st.just("holiday"), max_size=2))
    return Calendar(
        zone,
        draw(st.dictionaries(st.integers(0, 6), st.lists(shifts, max_size=3), max_size=7)),
        closing_days=draw(st.dictionaries(some_days, st.just("closed"), max_size=2)),
        holidays=lambda _year: holidays,
        special_days=draw(st.dictionaries(some_days, st.lists(shifts, min_size=1, max_size=2), max_size=2)),
    )


@st.composite
def calendar_and_moment(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone, moment = draw(moments)
    return draw(calendars(zone, moment)), moment
