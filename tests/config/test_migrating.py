"""Starting brings the database up to date, and asks Django to only where something is missing."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from madoguchi.config import migrating

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch):
    calls = []
    monkeypatch.setattr(migrating, "call_command", lambda *words, **options: calls.append(words[0]))
    return calls


def test_a_database_that_is_up_to_date_is_left_alone(asked, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        migrating.bring_up_to_date()
    assert asked == []


def test_a_missing_migration_is_applied(asked):
    newest = MigrationRecorder.Migration.objects.using(connection.alias).filter(app="tickets").latest("name")
    newest.delete()
    migrating.bring_up_to_date()
    assert asked == ["migrate"]
