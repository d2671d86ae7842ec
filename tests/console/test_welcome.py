"""From an empty installation to the first ticket, through the browser's doors."""

import stat

import pytest
from django.conf import settings

from madoguchi.channels.models import Mailbox
from madoguchi.console.welcome import token
from madoguchi.staff.models import Agent
from madoguchi.workplace.queries import workplace

ADMIN = {"name": "Aki", "email": "Aki@hoshizora.example", "password": "a very long password"}
COMPANY = {"name": "Hoshizora", "language": "ja", "time_zone": "Asia/Tokyo"}


@pytest.fixture
def secret(db):
    token.forget()
    yield token.ensure()
    token.forget()


def test_an_empty_installation_leads_to_the_first_run_page(client, secret):
    assert client.get("/accounts/login/")["Location"] == "/welcome/"
    page = client.get("/welcome/")
    assert page.status_code == 200
    assert secret not in page.content.decode()
    assert stat.S_IMODE((settings.HOME / token.FILE).stat().st_mode) == 0o600


def test_without_the_token_nothing_opens(client, secret):
    for path in ("company/", "administrator/"):
        assert client.get(f"/welcome/{path}").status_code == 404
        assert client.post(f"/welcome/{path}", ADMIN | COMPANY).status_code == 404
    assert client.post("/welcome/", {"token": "wrong"}).status_code == 422
    assert client.post("/welcome/", {"token": ""}).status_code == 422
    assert not Agent.objects.exists()


def test_guessing_the_token_is_stopped(client, secret):
    answers = [client.post("/welcome/", {"token": f"guess{i}"}).status_code for i in range(21)]
    assert answers[-1] == 429


def test_the_whole_way(client, secret):
    assert client.get("/welcome/", {"token": secret})["Location"] == "/welcome/company/"
    assert client.post("/welcome/company/", COMPANY)["Location"] == "/welcome/administrator/"
    assert (workplace().name, workplace().time_zone) == ("Hoshizora", "Asia/Tokyo")
    assert client.post("/welcome/administrator/", {**ADMIN, "password": "short"}).status_code == 422
    assert client.post("/welcome/administrator/", ADMIN)["Location"] == "/welcome/mailbox/"
    admin = Agent.objects.get()
    assert (admin.email, admin.language, admin.may("operate")) == ("aki@hoshizora.example", "ja", True)
    assert client.get("/accounts/profile/").status_code == 200
    assert not (settings.HOME / token.FILE).exists()
    wrong = client.post("/welcome/mailbox/", {"address": "support@hoshizora.example", "incoming": "imap"})
    assert wrong.status_code == 422
    told = client.post("/welcome/mailbox/", {"address": "support@hoshizora.example", "incoming": "direct"})
    assert told.status_code in {200, 302}
    assert Mailbox.objects.get().is_default
    waiting = client.get("/welcome/mail/")
    assert "support@hoshizora.example" in waiting.content.decode()
    assert client.get("/welcome/mail/", headers={"HX-Request": "true"}).status_code == 204


def test_the_first_mail_opens_the_inbox(client, cast):
    client.force_login(cast.admin)
    assert client.get("/welcome/mail/", headers={"HX-Request": "true"}).status_code == 204
    cast.ticket()
    assert client.get("/welcome/mail/", headers={"HX-Request": "true"})["HX-Redirect"] == "/"


def test_once_somebody_has_an_account_the_page_is_gone(client, cast, secret):
    assert client.get("/welcome/", {"token": secret}).status_code == 404
    session = client.session
    session["setup_opened"] = True
    session.save()
    assert client.post("/welcome/administrator/", ADMIN).status_code == 404
    assert client.get("/accounts/login/").status_code == 200
