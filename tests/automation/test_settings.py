"""The settings screens of automation: through the browser's door."""

import pytest

from madoguchi.automation import actions
from madoguchi.automation.actions import firing
from madoguchi.automation.models import CannedReply, Macro, Trigger
from madoguchi.foundation.actor import SYSTEM

pytestmark = pytest.mark.django_db
ROOT = "/settings/automation"


@pytest.fixture
def desk(cast, client):
    client.force_login(cast.supervisor)
    return cast


def rows(*given, initial=0):
    """The rows of actions as the form sends them."""
    data = {"do-TOTAL_FORMS": len(given), "do-INITIAL_FORMS": initial}
    for number, (what, text) in enumerate(given):
        data |= {f"do-{number}-what": what, f"do-{number}-text": text}
    return data


def filled(client, address):
    """What the form at an address would send if nobody touched it."""
    form = client.get(address).context["form"]
    bounds = [*form, *form.rows.management_form, *(field for row in form.rows for field in row)]
    return {bound.html_name: bound.value() for bound in bounds if bound.value() not in (None, False, "")}


def test_a_canned_reply_is_made_changed_and_deleted(desk, client):
    new = {"shortcut": "hello", "name": "Hello", "text_en": "Dear {customer.name}", "text_ja": "こんにちは"}
    assert client.post(f"{ROOT}/canned/new/", new).status_code == 302
    row = CannedReply.objects.get()
    assert (row.texts, row.owner) == ({"en": "Dear {customer.name}", "ja": "こんにちは"}, None)
    assert client.post(f"{ROOT}/canned/{row.pk}/", new | {"own": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.owner == desk.supervisor
    assert "/hello" in client.get(f"{ROOT}/canned/").content.decode()
    client.force_login(desk.admin)
    assert client.get(f"{ROOT}/canned/{row.pk}/").status_code == 404, "somebody's own reply is theirs"
    client.force_login(desk.supervisor)
    assert client.post(f"{ROOT}/canned/{row.pk}/delete/").status_code == 302
    assert not CannedReply.objects.exists()


def test_a_wrong_variable_is_told_at_its_text(desk, client):
    answer = client.post(f"{ROOT}/canned/new/", {"shortcut": "a", "name": "A", "text_de": "Hallo {wer}"})
    assert answer.status_code == 422
    assert "{wer}" in str(answer.context["form"].errors["text_de"])


def test_a_macro_is_made_and_stays_the_same_when_saved_untouched(desk, client):
    new = {"name": "Solve", "text_en": "Done"} | rows(
        ("set_status:solved", ""), ("add_tags", "a, b"), (f"assign_agent:{desk.hana.pk}", ""), ("assign_agent:0", ""), ("", "")
    )
    assert client.post(f"{ROOT}/macros/new/", new).status_code == 302
    macro = Macro.objects.get()
    expected = [
        {"do": "reply", "value": {"en": "Done"}}, {"do": "set_status", "value": "solved"}, {"do": "add_tags", "value": ["a", "b"]},
        {"do": "assign_agent", "value": desk.hana.pk}, {"do": "assign_agent", "value": None},
    ]  # fmt: skip
    assert macro.actions == expected
    page = f"{ROOT}/macros/{macro.pk}/"
    assert client.post(page, filled(client, page)).status_code == 302
    macro.refresh_from_db()
    assert macro.actions == expected
    assert "Set the status: Solved" in client.get(f"{ROOT}/macros/").content.decode()


def test_a_macro_that_does_nothing_is_refused(desk, client):
    answer = client.post(f"{ROOT}/macros/new/", {"name": "Nothing"} | rows(("", "")))
    assert answer.status_code == 422
    assert "at least one action" in answer.content.decode()


def test_a_trigger_is_made_tried_and_its_log_read(desk, client):
    new = {"name": "Complaints", "is_active": "on", "kind": "event", "event": "created", "if_kind": ["complaint"], "if_status": ["new"]}
    new |= rows(("set_priority:4", ""), ("notify_lead", ""), (f"notify_agents:{desk.hana.pk}", ""), ("add_note", "Look"))
    assert client.post(f"{ROOT}/triggers/new/", new).status_code == 302
    trigger = Trigger.objects.get()
    assert trigger.conditions == {"status": ["new"], "kind": ["complaint"]}
    page = f"{ROOT}/triggers/{trigger.pk}/"
    before = trigger.actions
    assert client.post(page, filled(client, page)).status_code == 302
    trigger.refresh_from_db()
    assert trigger.actions == before

    ticket = desk.ticket(kind="complaint", subject="Broken")
    desk.ticket(kind="praise", subject="Lovely")
    trial = client.get(f"{page}try/").content.decode()
    assert "Broken" in trial
    assert "Lovely" not in trial
    assert "1 of the newest 2 tickets" in trial
    firing.fire_for_event(ticket_id=ticket.pk, whens=["created"], cause="event:1")
    told = client.get(f"{ROOT}/triggers/log/?trigger={trigger.pk}").content.decode()
    assert "Set the priority: Urgent" in told
    assert "Kind:</span> Complaint" in told


def test_triggers_are_moved_and_deleted(desk, client):
    first, second = (
        actions.save_trigger(by=SYSTEM, name=name, event="created", actions=[{"do": "notify_lead"}]) for name in ("First", "Second")
    )
    client.post(f"{ROOT}/triggers/{second.pk}/move/0/")
    assert [row.name for row in Trigger.objects.all()] == ["Second", "First"]
    assert client.post(f"{ROOT}/triggers/{first.pk}/delete/").status_code == 302
    assert Trigger.objects.count() == 1


def test_what_is_missing_in_a_trigger_is_told_at_its_field(desk, client):
    answer = client.post(f"{ROOT}/triggers/new/", {"name": "Late", "kind": "time"} | rows(("notify_lead", "")))
    assert answer.status_code == 422
    assert "after_minutes" in answer.context["form"].errors
    answer = client.post(f"{ROOT}/triggers/new/", {"name": "Late", "kind": "event"} | rows(("notify_lead", "")))
    assert "event" in answer.context["form"].errors


def test_the_log_hides_tickets_that_the_reader_may_not_see(desk, client):
    from madoguchi.staff.models import Role

    actions.save_trigger(by=SYSTEM, name="All", event="created", actions=[{"do": "add_tags", "value": ["x"]}])
    secret = desk.ticket(team=desk.orders, subject="Only for Orders")
    firing.fire_for_event(ticket_id=secret.pk, whens=["created"], cause="event:1")
    desk.kenji.role = Role.objects.create(name="Lead", scope="teams", permissions=["ticket.view", "manage.automation"])
    desk.kenji.save()
    client.force_login(desk.kenji)
    assert "Only for Orders" not in client.get(f"{ROOT}/triggers/log/").content.decode()
    assert "Only for Orders" not in client.get(f"{ROOT}/triggers/{Trigger.objects.get().pk}/try/").content.decode()
