"""Shared fixtures: the database under test is SQLite unless DATABASE_URL names a PostgreSQL server."""

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from madoguchi.foundation import search, vocabulary
from tests import cast as cast_module

# A busy machine is slow, not wrong.
hypothesis.register_profile("madoguchi", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("madoguchi")


def pytest_collection_modifyitems(items):
    """Files with long tests come first, so that with several processes none of them is begun last and waited for alone."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def cast(db):
    """The fixed cast: see tests/cast.py."""
    return cast_module.assemble()


@pytest.fixture(autouse=True)
def _no_words_known():
    """What a process remembers of the vocabulary must not outlive a test's database."""
    vocabulary._known.clear()


@pytest.fixture(autouse=True)
def _no_index_left(request, django_db_blocker):
    """A test that commits is cleaned up by emptying the models' tables; the search index is not one of them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames) or (marker and marker.kwargs.get("transaction"))
    if commits:
        with django_db_blocker.unblock():
            for shelf in search.SHELVES:
                search.clear(shelf)
