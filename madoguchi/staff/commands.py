"""`madoguchi token create --agent EMAIL` prints a new API token once."""

import argparse
import sys

from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.errors import NotFound

from . import actions
from .models import Agent


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="print a new token")
    create.add_argument("--agent", required=True, metavar="EMAIL")
    create.add_argument("--name", default="command line")


def run(options: argparse.Namespace) -> int:
    agent = Agent.objects.filter(email=options.agent.lower(), is_active=True).first()
    if agent is None:
        message = f"No active agent has the address {options.agent}"
        raise NotFound(message)
    sys.stdout.write(actions.create_token(agent=agent, name=options.name, by=SYSTEM) + "\n")
    return 0
