"""What a full disk is called by those who notice it."""

import pytest
from django.db import OperationalError

from madoguchi.foundation import disk
from madoguchi.foundation.errors import unavailable


@pytest.mark.parametrize(
    ("words", "free", "full"),
    [
        ("database or disk is full", 10**9, True),
        ('could not extend file "base/1": No space left on device', 10**9, True),
        ("disk I/O error", 4096, True),
        ("disk I/O error", 10**9, False),
        ("database is locked", 4096, False),
    ],
)
def test_a_full_disk_is_recognised_and_said(monkeypatch, words, free, full):
    monkeypatch.setattr(disk, "free", lambda: free)
    error = OperationalError(words)
    assert disk.is_full(error) is full
    assert ("disk is full" in str(unavailable(error).message)) is full


def test_the_free_space_is_that_of_the_home(settings, tmp_path):
    settings.HOME = tmp_path
    assert disk.free() > 0
