"""The help centre and the editor in a real browser."""

import re
from pathlib import Path

import pytest

from madoguchi.foundation.actor import SYSTEM
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions.folder import import_folder
from madoguchi.knowledge.folder import read_folder
from madoguchi.knowledge.models import Article, Picture, Translation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOSHIZORA = Path(__file__).parents[2] / "madoguchi/console/demo/articles"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def articles(cast):
    import_folder(by=SYSTEM, files=read_folder(HOSHIZORA)[0])
    row = Article.objects.get(slug="delivery-times-fees")
    text = Translation.objects.get(article=row, language="de")
    body = f"## Eins\n\n{text.body}\n\n## Zwei\n\n> [!WARNING]\n> Nicht anschließen."
    actions.save_text(
        by=SYSTEM, article_id=row.pk, language="de", title=text.title, body=body, summary="Was der Versand kostet.", tags=text.tags
    )
    actions.publish(by=SYSTEM, article_id=row.pk, language="de")
    actions.save_text(by=SYSTEM, article_id=row.pk, language="de", title=text.title, body=f"{body}\n\nNeu.", tags=text.tags)
    actions.save_questions(by=SYSTEM, article_id=row.pk, language="de", texts=["Was kostet der Versand?"])
    return row


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (360, False), (360, True)])
def test_no_screen_has_barriers(cast, articles, desk, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = desk(cast.admin, width=width, dark=dark)
    barriers = []
    own = f"/knowledge/{articles.pk}"
    for address in (
        "/help/ja/", "/help/de/articles/delivery-times-fees", "/help/de/articles/returns?thanks=1", "/help/zh-hant/topics/returns",
        "/help/de/search?q=Versand", "/help/en/search?q=qqqq", "/help/en/articles/none", "/knowledge/", own, f"{own}?with=de", f"{own}/de/",
        f"{own}/fr/", f"{own}/de/versions", f"{own}/facts", "/knowledge/topics/", "/knowledge/topics/new", "/knowledge/new", "/knowledge/?q=qqqq",
    ):  # fmt: skip
        page.goto(address)
        page.wait_for_load_state("load")
        found = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]]
        barriers.extend((address, one) for one in found)
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            barriers.append((address, "scrolls sideways"))
    assert not barriers
    assert not [said for said in page.complaints if "404" not in said]


def test_answers_appear_while_one_types(articles, chromium, live_server):
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/help/ja/")
    page.keyboard.press("Tab")
    page.locator("#q").fill("返品")
    page.wait_for_selector("[data-found] .hc-hit")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/returns")
    context.close()


def test_the_help_centre_works_without_scripts(articles, chromium, live_server):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/help/de/")
    page.locator("#q").fill("Versandkosten")
    page.locator(".hc-search button").click()
    page.locator(".hc-hit").first.click()
    page.wait_for_url("**/articles/delivery-times-fees")
    page.locator('[name="helpful"][value="no"]').check()
    page.locator('[name="reason"][value="unclear"]').check()
    page.locator("#fb-text").fill("Zu lang")
    page.locator("#feedback button").click()
    page.wait_for_url("**thanks=1#feedback")
    assert Article.objects.get(slug="delivery-times-fees").feedback.get().comment == "Zu lang"
    context.close()


def test_an_article_is_written_with_buttons_and_a_picture(cast, articles, desk):
    from playwright.sync_api import expect

    page = desk(cast.admin)
    page.goto(f"/knowledge/{articles.pk}/en/")
    body = page.locator('[name="body"]')
    body.fill("one\ntwo")
    body.select_text()
    page.locator('[data-line="- "]').click()
    assert body.input_value() == "- one\n- two"
    page.locator("[data-upload]").set_input_files({"name": "box.png", "mimeType": "image/png", "buffer": PNG})
    expect(body).to_have_value(re.compile("/help/pictures/"))
    page.locator("[data-see]").click()
    page.wait_for_selector("[data-view] li")
    assert page.locator("[data-view] img").evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 1
    page.locator('button[form="text-form"]').click()
    page.wait_for_url("**?with=en")
    assert Picture.objects.count() == 1
    assert Translation.objects.get(article=articles, language="en").next_version.body.startswith("- one\n- two")
    assert not page.complaints


def test_an_article_is_put_into_a_reply_by_typing(cast, articles, desk):
    from playwright.sync_api import expect

    ticket = cast.ticket(team=cast.orders, assignee=cast.hana)
    page = desk(cast.hana)
    page.goto(f"/tickets/{ticket.pk}")
    field = page.locator("#reply-text")
    field.click()
    page.keyboard.type("Here: +refund")
    page.wait_for_selector("#suggest .menu-i")
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile(r"^Here: \[When will I get my refund\?\]\(http.*/help/en/articles/refund-timing\) $"))
    page.keyboard.type("Call +81 90")
    expect(page.locator("#suggest")).to_be_hidden()
    assert not page.complaints
