"""`madoguchi upgrade`: back up, then bring the database up to the installed version; `--rollback FILE` goes back."""

import argparse
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

import madoguchi
from madoguchi.foundation.errors import Conflict, Unavailable

from . import backup, restore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rollback", metavar="FILE", help="go back to a backup; install the version that made it first")


def run(options: argparse.Namespace) -> int:
    if options.rollback:
        manifest = restore.restore(Path(options.rollback), force=True, migrate=False)
        sys.stdout.write(f"Back at {manifest['made_at']}, version {manifest['version']}\n")
        return 0
    if cut_off := restore.unfinished():
        raise Conflict(cut_off)
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not waiting:
        sys.stdout.write(f"Already at version {madoguchi.__version__}; nothing to do\n")
        return 0
    saved = backup.make(settings.HOME / "backups") if MigrationRecorder(connection).has_table() else None
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        way_back = f" Nothing is lost: install the old version and run: madoguchi upgrade --rollback {saved}" if saved else ""
        message = f"The upgrade failed: {error}.{way_back}"
        raise Unavailable(message) from error
    sys.stdout.write(f"Upgraded to version {madoguchi.__version__} ({len(waiting)} steps)\n")
    if saved:
        sys.stdout.write(f"The state before is in {saved}\n")
    return 0
