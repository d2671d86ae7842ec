"""The system's Chromium against the application in this process."""

import os

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs an event loop in the test's thread; the ORM is used outside of it

CHROMIUM = os.environ.get("MADOGUCHI_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")  # not longer: its event loop would stand in the way of tests that run one
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium, live_server, client):
    """`desk(agent, width=…, dark=…)`: a signed-in page; what its scripts complain about is collected in `page.complaints`."""
    contexts = []

    def desk(agent, *, width=1440, height=900, dark=False):
        client.force_login(agent)
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", base_url=live_server.url
        )
        contexts.append(context)
        cookie = client.cookies["madoguchi_session"]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        context.route(
            "**/live", lambda route: route.fulfill(status=200, content_type="text/event-stream", body="event: hello\ndata: {}\n\n")
        )
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        return page

    yield desk
    for context in contexts:
        context.close()
