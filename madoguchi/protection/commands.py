"""`madoguchi case`: check a sealed package, show the seal's public key."""

import argparse
import json
import sys
from pathlib import Path

from madoguchi.foundation.errors import Invalid

from .sealing import public_key, verify

BIGGEST = 1024 * 1024 * 1024  # bytes of a package


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    check = commands.add_parser("verify", help="prove that a sealed package is as it was sealed; exit status 1 if not")
    check.add_argument("file", type=Path)
    check.add_argument("--json", action="store_true", help="print the verdict as one JSON object")
    commands.add_parser("key", help="print the public key of this installation's seal")


def run(options: argparse.Namespace) -> int:
    if options.what == "key":
        sys.stdout.write(public_key().decode())
        return 0
    try:
        if options.file.stat().st_size > BIGGEST:
            raise Invalid(f"{options.file} is too large for a sealed package")
        content = options.file.read_bytes()
    except OSError as error:
        raise Invalid(f"{options.file} cannot be read: {error.strerror}") from error
    verdict = verify(content)
    if options.json:
        sys.stdout.write(json.dumps({"ok": verdict.ok, **vars(verdict)}, ensure_ascii=False) + "\n")
    elif verdict.ok:
        whose = "sealed here" if verdict.ours else "sealed by another installation: compare its public key (madoguchi case key)"
        sys.stdout.write(f"{verdict.case}: {verdict.files} files as they were sealed on {verdict.made_at} by {verdict.made_by}; {whose}\n")
    else:
        sys.stdout.writelines(f"{problem}\n" for problem in verdict.problems)
    return 0 if verdict.ok else 1
