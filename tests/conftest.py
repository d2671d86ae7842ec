"""Shared fixtures: the database under test is SQLite unless DATABASE_URL names a PostgreSQL server."""

import pytest

from tests import cast as cast_module


@pytest.fixture
def cast(db):
    """The fixed cast: see tests/cast.py."""
    return cast_module.assemble()
