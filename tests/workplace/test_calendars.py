"""Calendars as rows: saving, versions, holidays, what is refused."""

from datetime import UTC, date, datetime

import pytest

from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import Conflict, Invalid, NotFound
from madoguchi.foundation.models import Event
from madoguchi.workplace import actions, queries
from madoguchi.workplace.models import Brand, Calendar, CalendarVersion

pytestmark = pytest.mark.django_db

SPLIT = [(weekday, start, end) for weekday in range(5) for start, end in ((540, 720), (780, 1080))]


def save(**fields):
    return actions.save_calendar(**{"by": SYSTEM, "name": "Tokyo", "time_zone": "Asia/Tokyo", "shifts": SPLIT, **fields})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_saved_calendar_counts_as_it_says():
    calendar = save(country="JP", special_days=[(date(2026, 11, 22), "Fair", [(600, 660)]), (date(2026, 11, 24), "Stocktaking", [])])
    hours = queries.hours(calendar.version_id)
    assert hours.due_after(utc("2026-11-20T08:30"), 3600) == utc("2026-11-22T01:30")  # 17:30 in Tokyo; the fair on Sunday
    assert hours.closing_name(date(2026, 11, 23)) == "勤労感謝の日"
    assert queries.hours(calendar.version_id, "en").closing_name(date(2026, 11, 23)) == "Labor Thanksgiving Day"
    assert hours.closing_name(date(2026, 11, 24)) == "Stocktaking"


def test_changed_hours_are_a_new_version_and_the_old_one_stays():
    calendar = save()
    first = calendar.version_id
    save(calendar_id=calendar.pk)
    calendar.refresh_from_db()
    assert calendar.version_id == first, "nothing changed, so nothing is announced"
    changed = save(calendar_id=calendar.pk, always_open=True)
    assert changed.version_id != first
    assert queries.hours(changed.version_id).always_open
    assert not queries.hours(first).always_open
    assert Event.objects.filter(name="workplace.CalendarChanged").count() == 2


def test_one_calendar_is_the_default():
    first, second = save(), save(name="Berlin", time_zone="Europe/Berlin", is_default=True)
    assert list(Calendar.objects.filter(is_default=True)) == [second]
    with pytest.raises(Conflict):
        actions.delete_calendar(calendar_id=second.pk, by=SYSTEM)
    actions.delete_calendar(calendar_id=first.pk, by=SYSTEM)
    assert CalendarVersion.objects.filter(pk=first.version_id).exists(), "clocks that counted by it can still be replayed"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "  "}, "name"),
        ({"time_zone": "Asia/Atlantis"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"country": "QQ"}, "country"),
        ({"country": "DE", "subdivision": "XX"}, "country"),
        ({"shifts": []}, "shifts"),
        ({"shifts": [(9, 0, 10)]}, "shifts"),
        ({"shifts": [(0, 600, 600)]}, "shifts"),
        ({"shifts": [(0, 600, 3000)]}, "shifts"),
        ({"shifts": [(0, n, n + 1) for n in range(100)]}, "shifts"),
        ({"special_days": [(date(2026, 1, 1), "", []), (date(2026, 1, 1), "", [])]}, "special_days"),
    ],
)
def test_nonsense_is_refused_by_field(fields, wrong):
    with pytest.raises(Invalid) as refused:
        save(**fields)
    assert set(refused.value.fields) == {wrong}


def test_a_name_is_used_once_and_unknown_calendars_are_not_found():
    save()
    with pytest.raises(Invalid):
        save()
    with pytest.raises(NotFound):
        save(name="Other", calendar_id=4711)


def test_the_ticket_counts_by_its_brand_else_by_the_default(django_assert_num_queries):
    default, berlin = save(is_default=True), save(name="Berlin", time_zone="Europe/Berlin")
    brand = Brand.objects.create(name="Nord", calendar=berlin)
    with django_assert_num_queries(2):
        current = queries.current_versions()
    assert current.choose(calendar_id=None, brand_id=brand.pk) == berlin.version_id
    assert current.choose(calendar_id=None, brand_id=None) == default.version_id
    assert current.choose(calendar_id=default.pk, brand_id=brand.pk) == default.version_id
