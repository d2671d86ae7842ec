"""The contact form and the portal in a real browser."""

import pytest

from madoguchi.foundation.actor import SYSTEM
from madoguchi.knowledge import actions as knowledge
from madoguchi.knowledge.models import Category
from madoguchi.portal import guard
from madoguchi.tickets import actions as tickets

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(cast, monkeypatch):
    """A company that asks for a serial number when something does not work, with one article; a form may be filled in at once."""
    from datetime import timedelta

    monkeypatch.setattr(guard, "LEAST", timedelta(0))
    tickets.save_custom_field(
        by=SYSTEM,
        key="serial",
        label={"en": "Serial number", "de": "Seriennummer", "ja": "製造番号"},
        kinds=["incident"],
        for_customers=True,
    )
    place = Category.objects.create(key="returns")
    article = knowledge.save_article(by=SYSTEM, slug="broken-lid", category_id=place.pk, audience="public", language="en")
    knowledge.save_text(by=SYSTEM, article_id=article.pk, language="en", title="A broken lid", body="We send another lid.")
    knowledge.publish(by=SYSTEM, article_id=article.pk, language="en")
    return cast


@pytest.fixture
def visitor(chromium, live_server):
    """`visitor(width=…, dark=…, scripts=…)`: somebody whom nobody knows."""
    contexts = []

    def visitor(*, width=1440, dark=False, scripts=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", base_url=live_server.url,
            java_script_enabled=scripts,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: page.complaints.append(said.text) if said.type == "error" else None)
        return page

    yield visitor
    for context in contexts:
        context.close()


def barriers(page, address) -> list:
    from axe_playwright_python.sync_playwright import Axe

    found = [(address, one["id"], [node["html"][:120] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]]
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append((address, "scrolls sideways", []))
    return found


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (360, False), (360, True)])
def test_the_form_has_no_barriers(house, visitor, width, dark):
    page = visitor(width=width, dark=dark)
    found = []
    for address in ("/help/ja/contact", "/help/de/contact", "/help/en/contact/sent"):
        page.goto(address)
        page.wait_for_load_state("load")
        if address == "/help/de/contact":
            page.locator('[name="kind"][value="incident"]').check()
            page.evaluate("document.querySelector('form.ct').noValidate = true")
            page.locator("form.ct button").click()
            page.wait_for_selector(".err")
        found += barriers(page, address)
    assert not found
    assert not [said for said in page.complaints if "422" not in said]


def test_articles_appear_while_the_subject_is_typed(house, visitor):
    page = visitor()
    page.goto("/help/en/contact")
    page.locator("#id_subject").fill("broken lid")
    page.wait_for_selector("[data-suggestions] .hc-hit")
    page.locator("#id_subject").fill("qqqqqq")
    page.wait_for_selector("[data-suggestions]", state="hidden")
    assert not page.complaints


@pytest.fixture
def at_home(house, visitor):
    """`at_home(…)`: Ruth in the portal, with a request that was answered, and one that is solved."""
    from madoguchi.customers.models import Identity
    from madoguchi.foundation.actor import agent_actor
    from madoguchi.portal.actions.entering import make_link

    ticket = house.ticket(subject="The lid of my kettle broke", text="It came broken.\nCan you send another one?")
    house.ticket(subject="Thanks", status="solved", unsolved=False)
    message = tickets.reply(ticket_id=ticket.pk, text="We send **another lid** today.", by=agent_actor(house.hana))
    message.delivery.state = "sent"
    message.delivery.save()
    assert Identity.objects.filter(value="ruth@customer.example").exists()

    def at_home(**how):
        page = visitor(**how)
        page.goto(f"/my/link/{make_link(address='ruth@customer.example')}")
        page.locator("main button").click()
        page.wait_for_url("**/my/")
        page.ticket = ticket
        return page

    return at_home


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (360, False), (360, True)])
def test_the_portal_has_no_barriers(at_home, visitor, width, dark):
    page = visitor(width=width, dark=dark)
    found = []
    for address in ("/my/sign-in?sent=1", "/my/link/none", "/my/sign-in?language=ja"):
        page.goto(address)
        found += barriers(page, address)
    page = at_home(width=width, dark=dark)
    for address in (
        "/my/",
        f"/my/requests/{page.ticket.pk}?written=1",
        "/my/requests/99999",
        "/my/settings?saved=1",
        "/my/data",
        "/my/?language=de",
    ):
        page.goto(address)
        page.wait_for_load_state("load")
        found += barriers(page, address)
    assert not found
    assert not [said for said in page.complaints if "404" not in said]


def test_the_portal_works_without_scripts(at_home):
    page = at_home(scripts=False)
    page.locator(".my-list a", has_text="lid of my kettle").click()
    page.locator("#id_text").fill("The red one, please.")
    page.locator(".my-reply button").click()
    page.wait_for_url("**?written=1#end")
    assert page.locator(".my-one", has_text="The red one").count() == 1
    page.locator("form[action$='/close'] button").click()
    page.wait_for_selector("form[action$='/reopen'] button")


def test_from_the_form_to_the_desk_and_back(house, visitor, desk, settings):
    """A visitor writes, an agent answers from the desk, the visitor opens the portal by the mailed link and replies."""
    import re

    from django.core import mail
    from django.utils.module_loading import autodiscover_modules

    from madoguchi.foundation import jobs
    from madoguchi.intake import queue
    from madoguchi.tickets.models import Delivery, Ticket

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    autodiscover_modules("jobs")
    page = visitor()
    page.goto("/help/en/contact")
    page.locator('[name="kind"][value="incident"]').check()
    words = {
        "name": "Mara Lind", "address": "mara@visitor.example", "own.serial": "A-17", "subject": "Lid of the kettle", "text": "It came broken.",
    }  # fmt: skip
    for name, value in words.items():
        page.locator(f'[name="{name}"]').fill(value)
    page.locator("#id_files").set_input_files({"name": "lid.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"})
    page.locator('[name="consent"]').check()
    page.locator("form.ct button").click()
    page.wait_for_url("**/help/en/contact/sent")
    while queue.work_off():
        pass
    jobs.run_until_empty(queues=("default",))
    ticket = Ticket.objects.get()
    assert ticket.custom == {"serial": "A-17"}

    agent = desk(house.admin)
    agent.goto(f"/tickets/{ticket.pk}")
    agent.wait_for_selector("text=It came broken.")
    agent.locator("#reply-text").fill("We send another lid.")
    agent.locator("#reply-text").press("Control+Enter")
    agent.wait_for_selector(".msg--out >> text=We send another lid.")
    Delivery.objects.filter(message__automatic="").update(state="sent")

    page.goto("/my/sign-in")
    page.locator("#id_address").fill("mara@visitor.example")
    page.locator("main form button").click()
    page.wait_for_url("**?sent=1")
    jobs.run_until_empty(queues=("mail",))
    link = next(found[1] for sent in mail.outbox if (found := re.search(r"http://[^/]+(/my/link/\S+)", sent.body)))
    page.goto(link)
    page.locator("main button").click()
    page.locator(".my-list a", has_text="Lid of the kettle").click()
    page.wait_for_selector("text=We send another lid.")
    page.locator("#id_text").fill("Thank you, the red one.")
    page.locator(".my-reply button").click()
    page.wait_for_url("**?written=1#end")
    while queue.work_off():  # the machine reads it before people see it
        pass
    agent.goto(f"/tickets/{ticket.pk}")
    agent.wait_for_selector("text=Thank you, the red one.")
    assert Ticket.objects.count() == 1
    assert not page.complaints
