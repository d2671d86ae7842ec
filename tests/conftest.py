"""Shared fixtures: the database under test is SQLite unless DATABASE_URL names a PostgreSQL server."""

import pytest

from madoguchi.foundation import vocabulary
from tests import cast as cast_module


@pytest.fixture
def cast(db):
    """The fixed cast: see tests/cast.py."""
    return cast_module.assemble()


@pytest.fixture(autouse=True)
def _no_words_known():
    """What a process remembers of the vocabulary must not outlive a test's database."""
    vocabulary._known.clear()
