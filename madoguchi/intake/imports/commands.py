"""`madoguchi import SYSTEM --url ...`: take over tickets, messages and people from another help desk; repeat it as often as you like."""

import argparse
import json
import sys
from pathlib import Path

from madoguchi.foundation.errors import Invalid

from . import actions
from .chatwoot import Chatwoot
from .foreign import System
from .freshdesk import Freshdesk
from .web import Web
from .zammad import Zammad
from .zendesk import Zendesk

SYSTEMS = ("zendesk", "freshdesk", "zammad", "chatwoot")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--url", required=True, help="address of the other system, such as https://company.zendesk.com")
    parser.add_argument("--token-file", required=True, type=Path, help="file that holds the API token (and nothing else)")
    parser.add_argument("--user", default="", help="Zendesk: address of the agent whose token it is")
    parser.add_argument("--account", default="1", help="Chatwoot: number of the account")
    parser.add_argument("--no-files", action="store_true", help="leave attachments out")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    token = options.token_file.read_text(encoding="utf-8").strip()
    if not token:
        raise Invalid(f"{options.token_file} is empty; put the API token into it")
    if not options.url.startswith(("https://", "http://")):
        raise Invalid("--url must begin with https://")
    web = connect(options.system, options.url, token=token, user=options.user)
    report = actions.run(
        adapter(options.system, web, account=options.account), account=f"{options.url.rstrip('/')}#{options.account}", fetch=web.file,
        problems=_warn, files=not options.no_files,
    )  # fmt: skip
    if options.json:
        sys.stdout.write(json.dumps(report.as_dict()) + "\n")
    else:
        sys.stdout.writelines(f"{name:10} {value}\n" for name, value in report.as_dict().items())
    return 1 if report.failed else 0


def _warn(line: str) -> None:
    sys.stderr.write(f"madoguchi: {line}\n")


def connect(system: str, url: str, *, token: str, user: str = "") -> Web:
    """A connection with the credentials in the form that the system wants."""
    if system == "zendesk":
        if not user:
            raise Invalid("Zendesk needs --user, the address of the agent whose token it is")
        return Web(url, auth=(f"{user}/token", token))
    if system == "freshdesk":
        return Web(url, auth=(token, "X"))
    if system == "zammad":
        return Web(url, headers={"Authorization": f"Token token={token}"})
    return Web(url, headers={"api_access_token": token})


def adapter(system: str, web: Web, *, account: str) -> System:
    if system == "chatwoot":
        return Chatwoot(web, account)
    if system == "zendesk":
        return Zendesk(web)
    return Freshdesk(web) if system == "freshdesk" else Zammad(web)
