"""The `madoguchi` command: one line per command, each in the room that it belongs to.

A command module has `add_arguments(parser)` and `run(options) -> int` (the exit status). Bad input ends with exit status 2
and one line; a traceback is a bug.
"""

import argparse
import importlib
import os
import sys

TRY_LATER = 75  # sysexits.h: EX_TEMPFAIL
COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("madoguchi.config.serve", "start everything: web, worker, SMTP intake"),
    "worker": ("madoguchi.config.worker", "background work only: jobs, timers, mail intake"),
    "run": ("madoguchi.config.run", "first start with the demo company, then serve"),
    "init": ("madoguchi.config.init", "make a real, empty installation with its first administrator"),
    "demo": ("madoguchi.console.demo.commands", "the demo company: load or remove"),
    "export": ("madoguchi.config.export", "write everything into a folder, in open formats"),
    "doctor": ("madoguchi.config.doctor", "health and counts"),
    "import": ("madoguchi.intake.imports.commands", "take over another help desk: Zendesk, Freshdesk, Zammad, Chatwoot"),
    "mail": ("madoguchi.intake.commands", "take in mail from files or a pipe, look into a mail"),
    "answer": ("madoguchi.config.answer", "answer questions (JSON lines) from the knowledge base, or say that it cannot"),
    "understand": ("madoguchi.understanding.commands", "read messages (JSON lines): language, intent, emotion, harassment"),
    "model": ("madoguchi.understanding.model_commands", "which trained reader is in use, and the switch between versions"),
    "kb": ("madoguchi.knowledge.commands", "articles of the knowledge base from and to a folder of Markdown files"),
    "reindex": ("madoguchi.config.reindex", "build the search index again"),
    "seed": ("madoguchi.intake.seed.commands", "add very many plausible tickets, for measuring"),
    "backup": ("madoguchi.config.backup", "everything into one file, while it runs; or try a backup out"),
    "restore": ("madoguchi.config.restore", "put a backup into a fresh place"),
    "upgrade": ("madoguchi.config.upgrade", "back up, then bring the database up to this version"),
    "case": ("madoguchi.protection.commands", "check the sealed package of a case file"),
    "audit": ("madoguchi.config.audit", "prove that the audit log is as it was written"),
    "token": ("madoguchi.staff.commands", "make an API token"),
}
DJANGO_COMMANDS = {
    "check",
    "makemigrations",
    "migrate",
    "shell",
    "showmigrations",
    "sqlmigrate",
    "collectstatic",
    "createcachetable",
    "dbshell",
}


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    if arguments[:2] == ["mail", "receive"]:
        return _for_a_mail_server(arguments)
    if arguments and arguments[0] in DJANGO_COMMANDS:
        from django.core.management import execute_from_command_line  # noqa: PLC0415

        execute_from_command_line(["madoguchi", *arguments])
        return 0
    return _dispatch(arguments)


def _for_a_mail_server(arguments: list[str]) -> int:
    """A mail server's pipe must keep the mail whatever is broken here (75); wrong arguments stay 2, to be noticed."""
    try:
        set_up()
    except (Exception, SystemExit) as error:  # noqa: BLE001  broken settings say why and end the program
        if not isinstance(error, SystemExit):
            sys.stderr.write(f"madoguchi: {error}\n")
        return TRY_LATER
    try:
        return _dispatch(arguments, trouble=TRY_LATER)
    except Exception as error:  # noqa: BLE001  the mail stays with the mail server, the words in its log
        sys.stderr.write(f"madoguchi: {type(error).__name__}: {error}\n")
        return TRY_LATER


def _dispatch(arguments: list[str], *, trouble: int = 2) -> int:
    parser = argparse.ArgumentParser(prog="madoguchi", description="Madoguchi, the service counter")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    for name, (module, text) in COMMANDS.items():
        sub = commands.add_parser(name, help=text, description=text)
        if name == wanted:  # only the chosen command's room is loaded: --help stays quick
            set_up()
            importlib.import_module(module).add_arguments(sub)
    options = parser.parse_args(arguments)
    return _run(COMMANDS[options.command][0], options, trouble=trouble)


def set_up() -> None:
    import django  # noqa: PLC0415

    django.setup(set_prefix=False)


def _run(module: str, options: argparse.Namespace, *, trouble: int = 2) -> int:
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.db import Error as DatabaseError  # noqa: PLC0415

    from madoguchi.foundation.errors import Conflict, MadoguchiError  # noqa: PLC0415

    try:
        if options.command not in {"restore", "upgrade"} and (cut_off := _unfinished_restore()):
            raise Conflict(cut_off)
        return importlib.import_module(module).run(options)
    except MadoguchiError as error:
        sys.stderr.write(f"madoguchi: {error.message}\n")
    except DatabaseError as error:
        sys.stderr.write(f"madoguchi: {_about_database(error)}\n")
    except (OSError, ImproperlyConfigured) as error:
        sys.stderr.write(f"madoguchi: {error}\n")
    except KeyboardInterrupt:
        return 130
    return trouble


def _unfinished_restore() -> str:
    from .restore import unfinished  # noqa: PLC0415

    return unfinished()


def _about_database(error: Exception) -> str:
    from django.conf import settings  # noqa: PLC0415

    from madoguchi.foundation import disk  # noqa: PLC0415

    if disk.is_full(error):
        return f"the disk is full ({disk.free()} bytes are left under {settings.HOME}). Free some space and try again"
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "no such table" in first or ("relation" in first and "does not exist" in first):
        return f"the database is not ready: {first}. Has `madoguchi migrate` run?"
    return f"the database does not answer as it should: {first}. Check that it runs and that DATABASE_URL is right, then try again"


if __name__ == "__main__":
    sys.exit(main())
