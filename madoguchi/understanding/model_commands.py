"""`madoguchi model list | use VERSION`: which trained reader is in use."""

import argparse
import sys

from . import shipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="the versions that can be used")
    use = actions.add_parser("use", help="read with this version from now on; 'rules': without a model, 'shipped': take back the choice")
    use.add_argument("version", metavar="VERSION")


def run(options: argparse.Namespace) -> int:
    if options.action == "use":
        if options.version == "shipped":
            shipped.use_shipped()
        else:
            shipped.use(options.version)
    in_use = shipped.version_in_use()
    for version in [shipped.RULES, *shipped.versions()]:
        sys.stdout.write(f"{'*' if version == in_use else ' '} {version}\n")
    return 0
