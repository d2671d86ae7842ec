"""What must never be in a log line: passwords, tokens, codes, keys, links that sign in."""

import io
import json
import logging
import re

import pytest
from django.core import mail

from madoguchi.foundation import jobs
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.logs import JsonFormatter
from madoguchi.staff import actions
from madoguchi.staff import jobs as _registered  # noqa: F401  the mails are background work
from tests.cast import PASSWORD


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_signing_in_by_every_way_logs_no_secret(client, cast, log, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post("/accounts/login/", {"login": "hana@hoshizora.example", "password": "wrong " + PASSWORD})
    client.post("/accounts/login/", {"login": "hana@hoshizora.example", "password": PASSWORD})
    session = client.session.session_key
    client.post("/accounts/logout/")
    client.post("/accounts/login/code/", {"email": "hana@hoshizora.example"})
    invitation = actions.invite(email="n@h.example", name="", role=cast.hana.role, teams=[], language="en", by=agent_actor(cast.admin))
    jobs.run_until_empty()
    links = [re.search(r"https?://[^/\s]+(/\S+)", text)[1] for text in (mail.outbox[0].body, invitation)]
    for link in links:
        for path in (link, link.rstrip("/")):
            client.get(path)
        client.post(link)
    token = actions.create_token(agent=cast.hana, name="x", by=agent_actor(cast.admin))
    client.get("/api/v1/tickets", headers={"Authorization": f"Bearer {token}"})
    code = re.search(r": (\S+)\n", mail.outbox[0].body.replace("\n\n", "\n"))[1]
    text = log.getvalue()
    assert "GET /accounts/login/" in text, "the log is being read"
    for secret in (PASSWORD, session, code, token, *(link.strip("/").rsplit("/", 1)[1] for link in links)):
        assert secret not in text


def test_an_exception_in_a_view_logs_no_form_content(client, cast, log, monkeypatch):
    from allauth.account import views

    def broken(*_args, **_kwargs):
        raise RuntimeError("boom")

    monkeypatch.setattr("allauth.account.forms.LoginForm.login", broken)
    client.raise_request_exception = False
    assert client.post("/accounts/login/", {"login": "hana@hoshizora.example", "password": PASSWORD}).status_code == 500
    assert PASSWORD not in log.getvalue()
    assert views.login


def test_extras_that_look_like_secrets_are_hidden():
    record = logging.makeLogRecord(
        {"msg": "x", "smtp_password": "geheim", "api_token": "geheim", "Authorization": "geheim", "harmless": "shown"}
    )
    line = JsonFormatter().format(record)
    assert "geheim" not in line
    assert json.loads(line)["harmless"] == "shown"
