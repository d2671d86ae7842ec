"""Signing in with the company's account (OIDC) against a small identity provider of our own on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider

from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import AuditEntry
from madoguchi.staff import actions
from madoguchi.staff.models import Agent


class Provider(BaseHTTPRequestHandler):
    """Answers discovery, token and userinfo; `person` is who signs in."""

    person: dict = {}
    asked: list = []

    def _say(self, body: dict) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self) -> None:
        here = f"http://127.0.0.1:{self.server.server_port}"
        if self.path.startswith("/.well-known/"):
            self._say({
                "issuer": here, "authorization_endpoint": f"{here}/authorize", "token_endpoint": f"{here}/token",
                "userinfo_endpoint": f"{here}/userinfo", "jwks_uri": f"{here}/jwks",
            })  # fmt: skip
        else:
            self._say(self.person)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.asked.append(form)
        self._say({"access_token": "access", "token_type": "Bearer", "expires_in": 60})

    def log_message(self, *_args) -> None:
        pass


@pytest.fixture
def provider(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [{
                "provider_id": "company", "name": "Company account", "client_id": "c", "secret": "s",
                "settings": {"server_url": f"http://127.0.0.1:{server.server_port}", "oauth_pkce_enabled": True},
            }]
        }
    }  # fmt: skip
    registry.register(OpenIDConnectProvider)  # as the setting does when the program starts
    Provider.asked = []
    yield Provider
    server.shutdown()


def _come_back(client, **person) -> object:
    Provider.person = {"sub": "17", "name": "Hana", **person}
    away = client.post("/accounts/oidc/company/login/")
    query = parse_qs(urlsplit(away["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    return client.get("/accounts/oidc/company/login/callback/", {"code": "1", "state": query["state"][0]})


def _signed_in(client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


def test_the_active_agent_with_the_vouched_address_is_signed_in(client, cast, provider):
    assert _come_back(client, email="Hana@hoshizora.example", email_verified=True).status_code == 302
    assert _signed_in(client)
    assert "code_verifier" in provider.asked[0]
    assert AuditEntry.objects.get(action="staff.sign_in").actor_id == cast.hana.pk
    again = client.__class__()
    _come_back(again, email="Hana@hoshizora.example", email_verified=True)
    assert _signed_in(again)


@pytest.mark.parametrize(
    "person",
    [
        {"email": "hana@hoshizora.example", "email_verified": False},
        {"email": "hana@hoshizora.example"},
        {"email": "stranger@hoshizora.example", "email_verified": True},
        {},
    ],
)
def test_nobody_else_is_signed_in_and_no_account_appears(client, cast, provider, person):
    before = Agent.objects.count()
    assert _come_back(client, **person).status_code == 403
    assert not _signed_in(client)
    assert Agent.objects.count() == before
    assert AuditEntry.objects.filter(action="staff.sign_in_refused").count() == 1


def test_a_deactivated_agent_stays_outside_even_when_linked(client, cast, provider):
    _come_back(client, email="hana@hoshizora.example", email_verified=True)
    client.post("/accounts/logout/")
    actions.deactivate_agent(agent=cast.hana, by=agent_actor(cast.admin))
    _come_back(client, email="hana@hoshizora.example", email_verified=True)
    assert not _signed_in(client)


def test_an_answer_that_nobody_asked_for_is_refused(client, cast, provider):
    Provider.person = {"sub": "17", "email": "hana@hoshizora.example", "email_verified": True}
    client.get("/accounts/oidc/company/login/callback/", {"code": "1", "state": "forged"})
    assert not _signed_in(client)


def test_a_provider_that_does_not_answer_is_told_in_words(client, cast, provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:1"
    answer = client.post("/accounts/oidc/company/login/")
    assert answer.status_code == 502
    assert b"Nothing was changed" in answer.content
