"""Passkeys in a real browser with a virtual authenticator: added, used to sign in, used as the second step; no inline code needed."""

import re

import pytest
from allauth.mfa.models import Authenticator

from tests.cast import PASSWORD
from tests.chromium import chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server, cast, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this thread, the database calls do not wait in it
    with chromium() as browser:
        page = browser.new_context(base_url=live_server.url).new_page()
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
        page.refused = []
        page.on("console", lambda message: page.refused.append(message.text) if "Content Security Policy" in message.text else None)
        yield page
        assert page.refused == []


def _password(page):
    page.goto("/accounts/login/")
    page.fill("#id_login", "hana@hoshizora.example")
    page.fill("#id_password", PASSWORD)
    page.click("form:not([data-passkey]) .btn--primary")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def _open_adding(page):
    """Changing how one signs in asks for the password once more."""
    page.goto("/accounts/passkeys/add/")
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn--primary")
    page.wait_for_url("**/passkeys/add/")


def _sign_out(page):
    page.goto("/accounts/logout/")
    page.click("main .btn--primary")
    page.wait_for_url(lambda url: "/logout/" not in url)


def test_a_passkey_is_added_and_signs_in_without_a_password(page, cast):
    _password(page)
    _open_adding(page)
    page.fill("[name=name]", "Laptop")
    page.check("[name=passwordless]")
    page.click(".work-h .btn--primary")
    page.wait_for_url(re.compile(r"/accounts/two-step/"), timeout=10_000)
    assert Authenticator.objects.get(user=cast.hana, type="webauthn").wrap().name == "Laptop"
    _sign_out(page)
    page.goto("/accounts/login/")
    page.click("[data-passkey=login] button")
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto("/accounts/profile/")
    assert page.input_value("[name=name]") == "Hana Mori"


def test_a_passkey_is_the_second_step_after_the_password(page, cast):
    _password(page)
    _open_adding(page)
    page.fill("[name=name]", "Key")
    page.click(".work-h .btn--primary")
    page.wait_for_url(re.compile(r"/accounts/two-step/"), timeout=10_000)
    _sign_out(page)
    _password(page)
    page.wait_for_url("**/two-step/authenticate/")
    page.goto("/accounts/profile/")
    assert "/accounts/profile/" not in page.url, "the password alone opens nothing"
    page.goto("/accounts/two-step/authenticate/")
    page.click("[data-passkey=get] button")
    page.wait_for_url(lambda url: "/two-step/authenticate" not in url)
    page.goto("/accounts/profile/")
    assert page.input_value("[name=name]") == "Hana Mori"


def test_a_refused_passkey_is_told_in_words(page, cast):
    page.goto("/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no')) }")
    page.click("[data-passkey=login] button")
    page.wait_for_selector("[data-passkey-error]:visible")
