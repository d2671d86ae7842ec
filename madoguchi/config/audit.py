"""`madoguchi audit verify`: walk the audit chain; exit 1 names the first entry that does not fit."""

import argparse
import sys

from madoguchi.foundation import audit
from madoguchi.foundation.models import AuditEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("verify", help="is every entry as it was written?")


def run(options: argparse.Namespace) -> int:  # noqa: ARG001  there is one verb
    verdict = audit.verify()
    if verdict.broken_at is None:
        sys.stdout.write(f"The audit chain is whole: {verdict.entries} entries\n")
        return 0
    entry = AuditEntry.objects.get(pk=verdict.broken_at)
    sys.stdout.write(
        f"The audit chain is broken at entry {entry.pk} ({entry.action}, {entry.at.isoformat(timespec='seconds')}); "
        f"{verdict.entries} entries before it are whole\n"
    )
    return 1
