"""Bring the database up to date before anything uses it."""

from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def bring_up_to_date() -> None:
    """Apply the migrations that are missing. To find that none is, Django takes a quarter of a second; comparing the names takes none."""
    if not _known() <= set(MigrationRecorder(connection).applied_migrations()):
        call_command("migrate", verbosity=0, interactive=False)


def _known() -> set[tuple[str, str]]:
    return {
        (app.label, file.stem)
        for app in apps.get_app_configs()
        for file in Path(app.path, "migrations").glob("[0-9]*.py")
    }  # fmt: skip
