"""When customers are written to unasked: within their waking hours, in any zone, over any change of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from madoguchi.followups.planning import APART, apart, planned, waking

ZONES = ["Asia/Tokyo", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago", "UTC"]
moments = st.integers(1_704_067_200, 1_830_297_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
zones = st.sampled_from(ZONES).map(ZoneInfo)


def awake(at, zone):
    return 9 <= at.astimezone(zone).hour < 19


@given(moments, zones)
def test_it_is_the_next_waking_moment(at, zone):
    found = waking(at, zone)
    assert found >= at
    assert awake(found, zone)
    assert found == at or not awake(at, zone)
    assert found - at <= timedelta(hours=16)
    assert waking(found, zone) == found


@given(moments, zones, st.integers(0, 6))
def test_a_closed_day_is_left_out(at, zone, closed):
    found = waking(at, zone, works=lambda day: day.weekday() != closed)
    assert awake(found, zone)
    assert found.astimezone(zone).weekday() != closed


@given(moments, zones)
def test_a_step_stays_in_its_window_even_when_every_day_is_closed(at, zone):
    earliest, latest = timedelta(hours=24), timedelta(hours=48)
    for works in (lambda _day: True, lambda _day: False, lambda day: day.weekday() < 5):
        found = planned(at, zone, earliest=earliest, latest=latest, works=works)
        assert at + earliest <= found <= at + latest
        assert awake(found, zone)


@given(moments, st.lists(st.integers(-200, 200).map(lambda hours: timedelta(hours=hours)), max_size=6))
def test_two_mails_of_this_kind_are_two_days_apart(at, gaps):
    others = [at + gap for gap in gaps]
    found = apart(at, others)
    assert found >= at
    assert all(abs(found - other) >= APART for other in others if other <= found)


def test_examples():
    tokyo = ZoneInfo("Asia/Tokyo")
    assert waking(datetime(2026, 11, 25, 10, tzinfo=UTC), tokyo) == datetime(2026, 11, 26, 0, tzinfo=UTC)  # 19:00 there: tomorrow 9:00
    friday = datetime(2026, 11, 27, 3, tzinfo=UTC)
    weekday = lambda day: day.weekday() < 5  # noqa: E731
    assert planned(friday, tokyo, earliest=timedelta(days=1), latest=timedelta(days=4), works=weekday).date() == date(2026, 11, 30)
