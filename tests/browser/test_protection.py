"""Staff protection in a real browser: the story of one customer from the first mail to the closed case, and barriers."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.protection import actions, queries
from madoguchi.protection.models import Appeal, CareTask, Case, Look, Measure
from madoguchi.protection.report import report_of
from madoguchi.protection.sealing import verify
from madoguchi.tickets.models import Message, Ticket
from madoguchi.understanding.models import Reading

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ABUSE = "あなたのような能力のない方は、ご自宅の場所も存じておりますので、お気をつけになったほうがよろしいかと存じます"
TEXT = f"いつもお世話になっております。{ABUSE}。返金はいつになりますか。"
FURY = (
    "三回目です。三回目ですよ、同じ冷蔵庫が壊れたのは。もう我慢の限界です。責任者の方からお電話をください。消費生活センターに相談します。"
)
PICTURES = os.environ.get("MADOGUCHI_PICTURES", "")  # a folder; empty takes none


def pictured(page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def arrives(ticket: Ticket, text: str, *, severity: int = 2) -> Message:
    """A mail that was read by the machine before anybody sees it."""
    message = Message.objects.filter(ticket=ticket, direction="in", text=text, reading=None).first()
    if message is None:
        message = Message.objects.create(
            ticket=ticket, direction="in", customer=ticket.customer, text=text, reply_text=text, language="ja",
            from_name=ticket.customer.name, from_address="chinatsu@customer.example", created_at=clock.now(),
        )  # fmt: skip
    start = text.find(ABUSE)
    spans = [[start, start + len(ABUSE), "threat"]] if severity and start >= 0 else []
    Reading.objects.create(
        message=message, state="read", severity=severity, labels=["threat"] if severity else [], spans=spans, score=0.93, model="rules-1",
        created_at=clock.now(), read_at=clock.now(),
    )  # fmt: skip
    return message


@pytest.fixture
def ticket(cast):
    made = cast.ticket(customer=cast.chinatsu, subject="加湿器の返金はいつか", text=TEXT, team=cast.orders, assignee=cast.hana)
    Ticket.objects.filter(pk=made.pk).update(language="ja")
    arrives(made, TEXT)
    return made


def appeals_in_vain(cast, desk, restriction: Measure) -> None:
    customer = desk(cast.observer, width=360)  # any browser: the page asks nobody who they are
    customer.goto(f"/protection/appeals/{queries.appeal_token(restriction.pk)}")
    pictured(customer, "appeal")
    customer.fill("#id_text", "そのようなつもりではありませんでした。")
    customer.click("main button")
    customer.wait_for_selector("[role=status]")
    admin = desk(cast.admin)
    admin.goto(f"/protection/appeals/{Appeal.objects.get().pk}/decide/")
    admin.check("input[name=lifted][value=no]")
    admin.fill("#id_answer", "確認いたしましたが、決定は変わりません。")
    pictured(admin, "decide")
    admin.click("button[form=settings-form]")
    admin.wait_for_url("**/protection/measures/")
    pictured(admin, "measures")


def case_is_closed(cast, desk, ticket: Ticket) -> None:
    boss = desk(cast.supervisor)
    case = actions.open_case(ticket=ticket, by=agent_actor(cast.supervisor))
    boss.goto(f"/protection/cases/{case.pk}/change/")
    for name in ("facts", "recurrence", "conclusion"):
        boss.fill(f"#id_{name}", "担当者への脅迫的な言動が二度あった。")
    boss.check("input[name=demand][value=yes]")
    boss.check("input[name=manner][value=no]")
    boss.click("button[form=settings-form]")
    boss.wait_for_url(f"**/protection/cases/{case.pk}/")
    boss.select_option("select[name=agent]", label="Hana Mori")
    boss.click("text=Plan after-care")
    boss.wait_for_load_state("load")
    pictured(boss, "case")
    with boss.expect_download() as download:
        boss.click("text=Sealed package")
    assert verify(Path(download.value.path()).read_bytes()).ok
    boss.click("text=Close the file")
    boss.wait_for_load_state("load")
    assert Case.objects.get().state == "closed"


def after_care_is_done(page) -> None:
    page.goto("/protection/care/")
    pictured(page, "care")
    while page.locator("form[action$='/done'] button").count():
        page.locator("form[action$='/done'] button").first.click()
        page.wait_for_load_state("load")
    assert not CareTask.objects.filter(done_at=None).exists()


def test_the_story_from_the_first_mail_to_the_closed_case(cast, ticket, desk):
    page = desk(cast.hana)
    page.goto(f"/tickets/{ticket.pk}")
    page.wait_for_selector("[data-protection]")
    assert ABUSE not in page.content()
    assert "返金はいつになりますか" in page.inner_text(".shield")
    pictured(page, "shielded")
    page.click(".shield button")
    page.wait_for_selector("text=能力のない")
    assert Look.objects.get().agent == cast.hana
    page.click("[data-protection] button[value=second_person]")
    page.wait_for_selector("text=asks for somebody")
    page.click("text=Prepare it …")
    page.fill("#id_reason", "11月25日、担当者の自宅を知っていると書いた。")
    pictured(page, "warning")
    page.click("button[form=settings-form]")
    page.wait_for_url(f"**/tickets/{ticket.pk}")
    assert "脅迫的な言動はおやめください" in Message.objects.get(direction="out").text

    again = arrives(ticket, f"まだですか。{ABUSE}。")
    boss = desk(cast.supervisor)
    boss.goto("/protection/")
    pictured(boss, "live")
    boss.click("text=I am coming")
    for step in ("last_warning", "restriction"):
        boss.goto(f"/protection/tickets/{ticket.pk}/step/{step}")
        boss.fill("#id_reason", "警告のあとも、自宅を知っていると二度書いた。")
        pictured(boss, step)
        boss.click("button[form=settings-form]")
        boss.wait_for_url(f"**/tickets/{ticket.pk}")
    restriction = Measure.objects.get(step="restriction")
    assert again.pk in restriction.evidence.values_list("message", flat=True)

    appeals_in_vain(cast, desk, restriction)
    case_is_closed(cast, desk, ticket)
    after_care_is_done(desk(cast.hana))
    counted = report_of(clock.now().year)
    assert (counted.found, counted.cases, counted.appeals) == (2, 1, {"Open": 0, "Decision stands": 1, "Lifted": 0})


def test_beside_it_a_furious_complaint_goes_through_untouched(cast, ticket, desk):
    other = cast.ticket(customer=cast.chinatsu, subject="三度目の故障", text=FURY, team=cast.orders, assignee=cast.hana)
    arrives(other, FURY, severity=0)
    page = desk(cast.hana)
    page.goto(f"/tickets/{other.pk}")
    page.wait_for_selector("[data-protection]")
    assert FURY in re.sub(r"\s", "", page.inner_text(".tl"))
    assert not page.locator(".shield").count()
    page.click("[data-protection] summary:has-text('More')")
    page.click("text=Protect as a legitimate complaint")
    page.wait_for_selector("[data-protection] .banner--ok")
    assert not page.locator("text=Prepare it").count()
    pictured(page, "protected")


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (360, True)])
def test_no_screen_has_barriers(cast, ticket, desk, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    actions.set_desk(agent_ids=[cast.supervisor.pk], by=agent_actor(cast.supervisor))
    actions.set_choices(by=agent_actor(cast.supervisor), policy_public=True)
    case = actions.open_case(ticket=ticket, by=agent_actor(cast.supervisor))
    message = Message.objects.get(ticket=ticket)
    from madoguchi.protection.ladder import Step

    with clock.frozen(clock.now() - timedelta(hours=1)):
        measure = actions.take_step(
            ticket_id=ticket.pk, step=Step.FIRST_WARNING, reason="x", message_ids=[message.pk], by=agent_actor(cast.hana)
        )
    actions.ask_desk(text="Not sure whether this is harassment", asker=None)
    page = desk(cast.supervisor, width=width, dark=dark)
    barriers = []
    for address in (
        f"/tickets/{ticket.pk}", "/protection/", "/protection/measures/", "/protection/cases/", f"/protection/cases/{case.pk}/",
        f"/protection/cases/{case.pk}/change/", f"/protection/tickets/{ticket.pk}/step/restriction", "/protection/care/",
        "/protection/care/ask", "/protection/desk/", "/protection/manual/", "/protection/report/", "/protection/settings/",
        "/protection/settings/words/", "/protection/settings/words/ask/", "/protection/policy/ja/",
        f"/protection/appeals/{queries.appeal_token(measure.pk)}", f"/protection/messages/{message.pk}/judge",
    ):  # fmt: skip
        page.goto(address)
        page.wait_for_load_state("networkidle")
        pictured(page, f"{width}-{address.strip('/').replace('/', '-')[:40]}")
        found = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in Axe().run(page).response["violations"]]
        barriers.extend((address, one) for one in found)
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            barriers.append((address, "scrolls sideways"))
    assert not barriers
    assert not page.complaints
