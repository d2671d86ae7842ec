"""`make run`: bring the database up to date, load the demo company on the very first start, start everything."""

import argparse
import sys

from django.conf import settings

from madoguchi.workplace.queries import workplace

from . import serve
from .migrating import bring_up_to_date


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-demo", action="store_true", help="start empty, with the set-up page")


def run(options: argparse.Namespace) -> int:
    bring_up_to_date()
    if workplace() is None and not options.no_demo:
        sys.stdout.write("First start: loading the demo company Hoshizora ...\n")
        sys.stdout.flush()
        from madoguchi.console.demo import actions as demo  # noqa: PLC0415  only the first start needs it

        demo.load()
    _print_addresses()
    return serve.run(argparse.Namespace(no_worker=False, no_migrate=True))


def _print_addresses() -> None:
    place = workplace()
    lines = [
        f"  Desk       {settings.BASE_URL}",
        f"  Mail in    smtp://{settings.BIND}:{settings.SMTP_PORT}",
        f"  Data       {settings.HOME}",
    ]
    if place and place.is_demo and not settings.RELAY:
        lines.insert(2, f"  Mail out   files in {settings.HOME / 'outbox'}, until the mailbox has a mail server (Settings, Mailboxes)")
    if place and place.is_demo:
        from madoguchi.console.demo import actions as demo  # noqa: PLC0415

        lines += [f"  Sign in    {email} / {password}" for email, password in demo.logins()]
        lines += ["  This is the demo company. Remove it with: madoguchi demo remove"]
    sys.stdout.write("\n".join(["", "Madoguchi", *lines, ""]) + "\n")
    sys.stdout.flush()
