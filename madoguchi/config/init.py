"""`madoguchi init`: a real, empty installation with its first administrator."""

import argparse
import getpass
import os
import sys
import zoneinfo

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.validators import validate_email

from madoguchi.console.welcome import token
from madoguchi.foundation.errors import Invalid
from madoguchi.sla import actions as sla
from madoguchi.staff import actions as staff
from madoguchi.workplace import actions as workplace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--email", required=True, help="address of the first administrator")
    parser.add_argument("--name", default="Administrator")
    parser.add_argument("--company", default="", help="name of the company")
    parser.add_argument("--language", default="en", choices=["en", "ja", "zh-hans", "zh-hant", "de"])
    parser.add_argument("--time-zone", default="UTC")


def run(options: argparse.Namespace) -> int:
    _check(options)
    call_command("migrate", verbosity=0, interactive=False)
    password = os.environ.get("MADOGUCHI_ADMIN_PASSWORD") or (
        getpass.getpass("Password for the administrator: ") if sys.stdin.isatty() else ""
    )
    try:
        validate_password(password)
    except ValidationError as error:
        message = "The password is not good enough: " + " ".join(error.messages) + " Set MADOGUCHI_ADMIN_PASSWORD or type it."
        raise Invalid(message) from error
    workplace.set_up(name=options.company or "Madoguchi", language=options.language, time_zone=options.time_zone)
    sla.ensure_default_policy()
    staff.create_administrator(
        email=options.email, name=options.name, password=password, language=options.language, time_zone=options.time_zone
    )
    token.forget()  # of the first-run page, if a server was started before
    sys.stdout.write(f"Ready. Start with `madoguchi serve` and sign in as {options.email}.\n")
    return 0


def _check(options: argparse.Namespace) -> None:
    """Before anything is made."""
    try:
        validate_email(options.email)
    except ValidationError as error:
        message = f"--email {options.email!r} is not a mail address"
        raise Invalid(message) from error
    if options.time_zone not in zoneinfo.available_timezones():
        message = f"--time-zone {options.time_zone!r} is unknown. Give one like Europe/Berlin or Asia/Tokyo"
        raise Invalid(message)
