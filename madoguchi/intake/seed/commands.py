"""`madoguchi seed --tickets N`: a large installation in five languages, for measuring. Never on an installation that is in use."""

import argparse
import sys

from django.core.management import call_command

from madoguchi.foundation.errors import Invalid

from . import actions

MOST_TICKETS, MOST_MESSAGES = 20_000_000, 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tickets", type=int, required=True, metavar="N", help="how many tickets are added")
    parser.add_argument("--messages", type=int, default=2, metavar="M", help="messages a ticket (2); every 500th ticket has 20")
    parser.add_argument("--seed", type=int, default=42, help="the same number gives the same texts")


def run(options: argparse.Namespace) -> int:
    if not 1 <= options.tickets <= MOST_TICKETS:
        raise Invalid(f"--tickets must lie between 1 and {MOST_TICKETS}")
    if not 1 <= options.messages <= MOST_MESSAGES:
        raise Invalid(f"--messages must lie between 1 and {MOST_MESSAGES}")
    call_command("migrate", verbosity=0, interactive=False)
    actions.seed(tickets=options.tickets, messages=options.messages, number=options.seed, say=_say)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
