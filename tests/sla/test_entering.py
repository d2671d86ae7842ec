"""What people type for times, in five languages and with their keyboards."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.sla.entering import (
    MAX_MINUTES,
    read_minutes,
    read_shifts,
    read_special_days,
    show_minutes,
    show_shifts,
    show_special_days,
)


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("", []),
        ("9:00-12:00, 13:00-18:00", [(540, 720), (780, 1080)]),
        ("9–12; 13–18", [(540, 720), (780, 1080)]),
        ("９：００〜１２：００、１３：００〜１８：００", [(540, 720), (780, 1080)]),
        ("22:00-6:00", [(1320, 1800)]),
        ("0:00-24:00", [(0, 1440)]),
        ("13:00-18:00 9:00-12:00", [(540, 720), (780, 1080)]),
    ],
)
def test_shifts(typed, spans):
    assert read_shifts(typed) == spans
    assert read_shifts(show_shifts(spans)) == spans


@pytest.mark.parametrize("typed", ["nine to five", "9:00", "9:00-", "25:00-26:00", "9:60-12:00", "9:00-12:00-13:00", "24:00-25:00"])
def test_shifts_that_cannot_be_read(typed):
    with pytest.raises(ValueError, match=r".+"):
        read_shifts(typed)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("4", 240), ("0.5", 30), ("1,5", 90), ("4:30", 270), ("45:00", 2700), ("4h", 240), ("4 h 30 min", 270), ("30 min", 30),
        ("2 Std. 15 Min.", 135), ("３時間", 180), ("3時間30分", 210), ("90分钟", 90), ("2小時", 120),
    ],
)  # fmt: skip
def test_lengths_of_time(typed, minutes):
    assert read_minutes(typed) == minutes


@pytest.mark.parametrize("typed", ["", "soon", "0", "-3", "0:00", "99999999", "4:75", "h", "1e9", "NaN"])
def test_lengths_that_make_no_sense(typed):
    with pytest.raises(ValueError, match=r"^.*$"):
        read_minutes(typed)


@given(st.integers(1, MAX_MINUTES))
def test_what_is_shown_can_be_read_again(minutes):
    assert read_minutes(show_minutes(minutes)) == minutes


def test_special_days():
    text = "2026-12-31 9:00–12:00, 13:00-15:00 New Year's Eve\n\n2027/1/4 棚卸し\n2027年1月5日\n06.01.2027 Heilige Drei Könige"
    days = [
        (date(2026, 12, 31), "New Year's Eve", [(540, 720), (780, 900)]),
        (date(2027, 1, 4), "棚卸し", []),
        (date(2027, 1, 5), "", []),
        (date(2027, 1, 6), "Heilige Drei Könige", []),
    ]
    assert read_special_days(text) == days
    assert read_special_days(show_special_days(days)) == days


@pytest.mark.parametrize("line", ["31.13.2026", "2026-02-30 Nothing", "tomorrow", "2026-12-31 25:00-26:00"])
def test_special_days_that_cannot_be_read_say_which_line(line):
    with pytest.raises(ValueError, match=r".+") as wrong:
        read_special_days(f"2026-12-30\n{line}")
    assert str(wrong.value) == line


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    for read in (read_shifts, read_minutes, read_special_days):
        with suppress(ValueError):
            read(text)
