"""A visitor and an agent, each in a browser of their own, against a served house."""

import pytest

from tests.channels.smtp_servers import free_port
from tests.paths.house import house_at, kill_group, wait_for
from tests.webchat.chat_house import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# The shadow root is closed to the host page, and so to Playwright; the test opens it for itself.
OPEN = "const made = Element.prototype.attachShadow; Element.prototype.attachShadow = function () { return made.call(this, { mode: 'open' }); };"
STRICT = "default-src 'none'; script-src {base}; connect-src {base}"
SOON = 10_000


class Scene:
    def __init__(self, chromium, base, key):
        self.base, self.key, self.chromium, self.complaints, self.contexts = base, key, chromium, [], []

    def page(self, **options):
        context = self.chromium.new_context(base_url=self.base, **options)
        context.add_init_script(OPEN)
        self.contexts.append(context)
        return self.watched(context.new_page())

    def watched(self, page):
        page.set_default_timeout(SOON)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None)
        return page

    def visitor(self, **options):
        page = self.page(**options)
        page.goto(f"/chat/sample?brand={self.key}")
        page.get_by_role("button", name="Open the chat").click()
        return page

    def agent(self):
        page = self.page(viewport={"width": 1440, "height": 900})
        page.goto("/accounts/login/")
        page.fill("input[name=login]", "hana@hoshizora.example")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.base}/")
        page.goto("/?view=unassigned")
        return page


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    port = free_port()
    home = tmp_path_factory.mktemp("chat") / "house"
    settings = {"MADOGUCHI_HTTP_PORT": port, "MADOGUCHI_SMTP_PORT": free_port(), "MADOGUCHI_CHAT_STARTS_PER_HOUR": 1000}
    with house_at(home, "tests.webchat.chat_house", **settings) as house:
        key = house.ask("furnish")
        processes = [house.start("serve")]
        yield house, f"http://127.0.0.1:{port}", key, processes
        for process in processes:
            kill_group(process)


@pytest.fixture
def scene(served, chromium):
    _house, base, key, _ = served
    _answers(base)
    made = Scene(chromium, base, key)
    yield made
    for context in made.contexts:
        context.close()


def _answers(base):
    import urllib.request

    def look():
        try:
            return urllib.request.urlopen(f"{base}/healthz", timeout=5).status == 200
        except OSError:
            return False

    assert wait_for(look, 60)


def say(page, text):
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")
    page.locator(".m.me .bub", has_text=text).wait_for()


def test_a_conversation_between_two_browsers(scene):
    visitor, agent = scene.visitor(), scene.agent()
    say(visitor, "The kettle does not switch off")
    visitor.get_by_text("You are next").wait_for()
    agent.get_by_text("The kettle does not switch off").first.click()
    agent.locator(".msg", has_text="The kettle does not switch off").wait_for()
    visitor.get_by_text("Read ·").wait_for()
    visitor.get_by_label("Message", exact=True).press_sequentially("It is", delay=20)
    agent.get_by_text("The visitor is writing").wait_for()
    visitor.keyboard.press("Enter")
    agent.locator(".msg", has_text="It is").last.wait_for()
    agent.fill("#reply-text", "**Unplug it** first")
    agent.keyboard.press("Control+Enter")
    visitor.locator(".m b", has_text="Unplug it").wait_for()
    visitor.get_by_text("You are talking to Hana Mori").wait_for()
    other_tab = scene.watched(visitor.context.new_page())
    other_tab.goto(visitor.url)
    other_tab.locator(".m", has_text="Unplug it").wait_for()
    say(other_tab, "From the other tab")
    visitor.locator(".m.me", has_text="From the other tab").wait_for()
    assert visitor.locator(".m.me", has_text="From the other tab").count() == 1
    agent.get_by_role("button", name="End the chat").click()
    visitor.get_by_text("The chat has ended").wait_for()
    visitor.get_by_role("button", name="5 of 5").click()
    agent.get_by_text("Rated 5 of 5").wait_for()
    assert not scene.complaints


def test_a_killed_server_loses_nothing(scene, served):
    house, base, _, processes = served
    visitor = scene.visitor()
    say(visitor, "Before the night")
    visitor.get_by_text("Sent ·").wait_for()
    kill_group(processes.pop())
    say(visitor, "While nobody listens")
    visitor.get_by_text("No connection").first.wait_for()
    processes.append(house.start("serve"))
    _answers(base)
    visitor.locator(".m.me", has_text="While nobody listens").locator(".foot svg").wait_for(timeout=60_000)
    assert visitor.locator(".m.me").count() == 2
    visitor.reload()
    visitor.locator(".m.me", has_text="While nobody listens").wait_for()
    texts = [text for _, text in house.ask("report")["texts"]]
    assert texts.count("While nobody listens") == 1


def test_it_works_on_a_page_with_a_strict_policy(scene, served):
    _house, base, key, _ = served
    page = scene.page()
    html = f'<!doctype html><html lang="de"><title>Shop</title><body><main>Shop</main><script src="{base}/chat/widget.js" data-brand="{key}"></script>'
    headers = {"Content-Security-Policy": STRICT.format(base=base)}
    page.route("**/shop", lambda route: route.fulfill(body=html, content_type="text/html", headers=headers))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/shop")
    page.locator(".launch").click()
    page.locator("textarea").fill("Guten Tag")
    page.keyboard.press("Enter")
    page.locator(".m.me .bub", has_text="Guten Tag").wait_for()
    page.locator(".foot svg").wait_for()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('madoguchi-chat').shadowRoot.querySelector('.panel')).position") == "fixed"
    )
    assert all(url.startswith(base) for url in asked)
    assert not scene.complaints


def test_the_keyboard_reaches_everything_and_escape_goes_back(scene):
    page = scene.page()
    page.goto("/chat/sample")
    page.locator(".launch").focus()
    page.keyboard.press("Enter")
    focused = "() => document.querySelector('madoguchi-chat').shadowRoot.activeElement"
    assert page.evaluate(f"({focused})().tagName") == "TEXTAREA"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(f"({focused})() !== null")
    page.keyboard.press("Escape")
    assert page.evaluate(f"({focused})().className") == "launch"
    assert page.locator(".panel").is_hidden()


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (360, True)])
def test_no_barriers_and_nothing_sideways(scene, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = scene.visitor(viewport={"width": width, "height": 780}, color_scheme="dark" if dark else "light")
    say(page, "Hello https://example.com/" + "x" * 200)
    page.locator(".foot svg").wait_for()
    found = [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]]
    assert not found
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_right_to_left_pages_mirror_it(scene):
    page = scene.page(viewport={"width": 1200, "height": 800})
    page.goto("/chat/sample")
    page.locator(".launch").wait_for()
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.locator(".launch").click()
    box = page.locator(".panel").bounding_box()
    assert box["x"] < 100
