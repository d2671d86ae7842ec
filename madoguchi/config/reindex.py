"""`madoguchi reindex`: build the search index again from the messages, customers and articles themselves."""

import argparse
import sys

from madoguchi.customers import index as customers
from madoguchi.foundation import search
from madoguchi.knowledge import index as knowledge
from madoguchi.tickets import index as tickets


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--if-needed", action="store_true", help="only when an upgrade changed how words are found, or the last run was stopped"
    )


def run(options: argparse.Namespace) -> int:
    if options.if_needed and search.is_current():
        return 0
    search.set_current(current=False)
    sys.stdout.write(f"{customers.rebuild():,} customers\n")
    sys.stdout.write(f"{knowledge.rebuild():,} articles\n")
    sys.stdout.flush()
    sys.stdout.write(f"{tickets.rebuild():,} messages\n")
    search.set_current(current=True)
    return 0
