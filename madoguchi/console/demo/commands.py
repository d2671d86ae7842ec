"""`madoguchi demo load | remove`: the demo company moves in or out."""

import argparse
import sys

from . import actions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=["load", "remove"])


def run(options: argparse.Namespace) -> int:
    if options.verb == "load":
        actions.load()
        sys.stdout.write("The demo company has moved in:\n")
        sys.stdout.writelines(f"  {email} / {password}\n" for email, password in actions.logins())
    else:
        actions.remove()
        sys.stdout.write("The demo company has moved out. `madoguchi init` or the set-up page makes this your own.\n")
    return 0
