"""Every settings and sign-in screen in a real browser: axe finds nothing, nothing runs out of the page, no policy is broken."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from madoguchi.channels import actions as channels
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.staff import actions as staff
from madoguchi.tickets import actions as tickets
from tests.cast import PASSWORD
from tests.chromium import chromium
from tests.doors import GUARDED, OWN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = [(1440, "light"), (360, "dark")]
ENTRANCES = [
    "accounts/login/", "accounts/login/code/", "accounts/password/reset/", "accounts/password/reset/done/", "accounts/inactive/",
    "accounts/login/link/x/", "accounts/invitation/x/", "accounts/login/error/",
]  # fmt: skip
NOT_PAGES = {"accounts/two-step/codes/download/", "accounts/two-step/reauthenticate/", "accounts/passkeys/reauthenticate/"}


@pytest.fixture
def furnished(cast):
    """Something in every list, with names longer than is good."""
    long = "Angelegenheitsbearbeitungszuständigkeit für Warenrücksendungen und 返品交換窓口"
    by = agent_actor(cast.admin)
    staff.invite(
        email="a.very.long.address.of.somebody@abteilung.hoshizora.example", name="", role=cast.hana.role, teams=[], language="ja", by=by
    )
    staff.create_token(agent=cast.hana, name=long, by=by)
    staff.save_skill(skill=None, name=long, by=by)
    channels.save_mailbox(mailbox=cast.mailbox, name=long, by=by)
    tickets.save_custom_field(by=SYSTEM, key="serial", label={"en": long})
    tickets.tag(ticket_id=cast.ticket().pk, names=[long[:60]], by=SYSTEM)
    return cast


def _look(page, route: str) -> list[str]:
    page.goto(f"/{route}")
    found = [f"{one['id']}: {[node['target'] for node in one['nodes']][:2]}" for one in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
        found.append("runs out of the page")
    return [f"/{route} {what}" for what in found]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_screen(live_server, furnished, monkeypatch, width, scheme):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    own = [route for route in OWN if "<" not in route and route not in NOT_PAGES]
    routes = sorted([route for route in GUARDED if route.startswith("settings/") and "<" not in route] + own + ["accounts/profile/"])
    with chromium() as browser:
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text) if "Content Security Policy" in message.text else None)
        found = [what for route in ENTRANCES for what in _look(page, route)]
        page.goto("/accounts/login/")
        page.fill("#id_login", "admin@hoshizora.example")
        page.fill("#id_password", PASSWORD)
        page.click("form:not([data-passkey]) .btn--primary")
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        found += [what for route in routes if not route.endswith(("verify/", "connected/", "end-others/")) for what in _look(page, route)]
    assert not found
    assert not broken
