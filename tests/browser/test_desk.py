"""The desk in a real browser: nothing breaks the policy, everybody can use it, nothing that was typed is lost."""

import time

import pytest

from madoguchi.automation.models import Macro
from madoguchi.customers import actions as customers
from madoguchi.foundation.actor import agent_actor
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Draft, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def wait_for(true, seconds=8.0):
    """Whether `true()` holds before the deadline."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def busy(cast):
    by = agent_actor(cast.kenji)
    for number in range(4):
        cast.ticket(
            customer=cast.chinatsu, team=cast.orders, assignee=cast.hana, subject=f"交換品 {number}", text="まだ届きません。", priority=4
        )
    first = Ticket.objects.order_by("id").first()
    tickets.add_note(ticket_id=first.pk, text="@hana **12** in stock", by=by, mentioned=[cast.hana])
    tickets.tag(ticket_id=first.pk, names=["VIP"], by=by)
    return cast


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (360, False)])
def test_no_screen_of_the_desk_has_barriers(busy, desk, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = desk(busy.supervisor, width=width, dark=dark)
    first = Ticket.objects.order_by("id").first()
    company = customers.save_company(by=agent_actor(busy.admin), name="Yamamoto Trading", domains=["yamamoto.example"])
    said = first.messages.order_by("id").first()
    for address in (
        "/",
        f"/tickets/{first.pk}",
        "/search?q=交換品",
        "/notices",
        "/customers/",
        f"/customers/{busy.chinatsu.pk}",
        "/customers/new",
        "/customers/companies/",
        "/customers/companies/new",
        f"/customers/companies/{company.pk}",
        f"/customers/companies/{company.pk}/edit",
        "/tickets/new",
        f"/messages/{said.pk}/redact",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]]
        assert not found, (address, found)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways"
    assert not page.complaints


def test_a_ticket_is_read_and_annotated_by_keyboard_alone(busy, desk):
    page = desk(busy.hana)
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#composer")
    page.keyboard.press("n")
    page.keyboard.type("Label never scanned")
    assert wait_for(lambda: Draft.objects.filter(body="Label never scanned").exists())
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".msg--note >> text=Label never scanned")
    assert not Draft.objects.exists()
    assert not page.complaints


def test_what_was_typed_survives_closing_the_page(busy, desk):
    first = Ticket.objects.order_by("id").first()
    page = desk(busy.hana)
    page.goto(f"/tickets/{first.pk}")
    page.fill("#reply-text", "お待たせしております。")
    assert wait_for(lambda: Draft.objects.filter(body="お待たせしております。").exists())
    again = desk(busy.hana)
    again.goto(f"/tickets/{first.pk}")
    assert again.input_value("#reply-text") == "お待たせしております。"


def test_selected_tickets_are_solved_and_brought_back(busy, desk):
    page = desk(busy.hana)
    page.goto("/")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("e")
    page.wait_for_selector(".toast button")
    assert wait_for(lambda: Ticket.objects.filter(status="solved").count() == 2)
    page.click(".toast button")
    assert wait_for(lambda: not Ticket.objects.filter(status="solved").exists())


def test_the_palette_acts_on_the_open_ticket(busy, desk):
    first = Ticket.objects.order_by("id").first()
    page = desk(busy.hana)
    page.goto(f"/tickets/{first.pk}")
    page.keyboard.press("Control+k")
    page.keyboard.type("Priority: Low")
    page.wait_for_selector('#palette [aria-selected="true"] >> text=Priority: Low')
    page.keyboard.press("Enter")
    assert wait_for(lambda: Ticket.objects.get(pk=first.pk).priority == 1)
    assert not page.complaints


def test_the_palette_takes_a_macro_on_the_open_ticket(busy, desk):
    Macro.objects.create(name="Burning parcel", actions=[{"do": "set_priority", "value": 1}])
    first = Ticket.objects.order_by("id").first()
    page = desk(busy.hana)
    page.goto(f"/tickets/{first.pk}")
    page.keyboard.press("Control+k")
    page.keyboard.type("burning")
    page.wait_for_selector('#palette [aria-selected="true"] >> text=Burning parcel')
    page.keyboard.press("Enter")
    assert wait_for(lambda: Ticket.objects.get(pk=first.pk).priority == 1)
    page.wait_for_selector(".toast button")
    assert not page.complaints


def test_on_a_phone_list_conversation_and_customer_are_one_tap_apart(busy, desk):
    page = desk(busy.hana, width=360, height=740)
    page.goto("/")
    page.click(".row >> nth=0")
    page.wait_for_selector("#composer", state="visible")
    assert not page.is_visible("#rows")
    page.click(".tabbar [data-pane-to=customer]")
    assert page.is_visible("#customer")
    page.click(".tabbar [data-pane-to=queue]")
    assert page.is_visible("#rows")


def test_the_inbox_weighs_little(busy, desk):
    """At most 150 KB of scripts and styles, as they travel."""
    import gzip

    page = desk(busy.hana)
    sizes = []
    page.on(
        "response",
        lambda answer: sizes.append(len(gzip.compress(answer.body()))) if answer.url.split("?")[0].endswith((".js", ".css")) else None,
    )
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert 20_000 < sum(sizes) < 150_000
