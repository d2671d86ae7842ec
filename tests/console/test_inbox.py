"""The list pane through its door: what it shows, to whom, and at which price."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Reading, SavedView, Ticket


def ids_in(response) -> list[int]:
    return [int(found) for found in re.findall(r'class="row-li" data-id="(\d+)"', response.content.decode())]


def toast_of(response) -> dict:
    return json.loads(response.headers["HX-Trigger"])["toast"]


@pytest.fixture
def fifty(cast):
    noon = clock.now().replace(hour=12)  # some are overdue, some due today, whatever the hour of the test
    with clock.frozen(noon):
        for number in range(60):
            ticket = cast.ticket(team=cast.orders, assignee=cast.hana, due_at=noon + timedelta(hours=number - 3))
            tickets.tag(ticket_id=ticket.pk, names=["late"], by=agent_actor(cast.hana))
        yield cast


@pytest.mark.parametrize(("who", "address"), [("hana", "/?view=open"), ("supervisor", "/"), ("admin", "/?view=team")])
def test_the_inbox_costs_at_most_twelve_statements(fifty, sign_in, who, address):
    fifty.admin.teams.add(fifty.orders)
    client = sign_in(getattr(fifty, who))
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    assert len(ids_in(response)) == 50
    assert len(asked) <= 12, "\n".join(query["sql"] for query in asked.captured_queries)


def test_the_nearest_deadline_comes_first_under_its_heading(fifty, sign_in):
    page = sign_in(fifty.hana).get("/").content.decode()
    assert page.index("Overdue</li>") < page.index("Due today</li>")
    assert page.count('data-head="over"') == 1


def test_the_rest_comes_behind_the_cursor_without_repeating_the_heading(fifty, sign_in):
    client = sign_in(fifty.hana)
    first = client.get("/?view=open")
    address = re.search(r'data-more="([^"]+)"', first.content.decode()).group(1).replace("&amp;", "&")
    rest = client.get(address)
    assert len(ids_in(rest)) == 10
    assert not set(ids_in(rest)) & set(ids_in(first))
    assert "data-head" not in rest.content.decode()


def test_nobody_sees_tickets_of_another_team(cast, sign_in):
    ours, theirs = cast.ticket(team=cast.orders), cast.ticket(team=cast.repairs)
    client = sign_in(cast.hana)
    assert ids_in(client.get("/?view=open")) == [ours.pk]
    assert ids_in(client.get(f"/queue/rows?view=open&ids={ours.pk},{theirs.pk}")) == [ours.pk]
    assert client.get(f"/tickets/{theirs.pk}").status_code == 404


def test_a_row_is_asked_for_only_as_long_as_it_belongs_to_the_list(cast, sign_in):
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana)
    client = sign_in(cast.hana)
    assert ids_in(client.get(f"/queue/rows?view=mine&ids={ticket.pk}")) == [ticket.pk]
    tickets.assign(ticket_id=ticket.pk, assignee=cast.kenji, by=agent_actor(cast.supervisor))
    assert ids_in(client.get(f"/queue/rows?view=mine&ids={ticket.pk}")) == []


def test_unread_shows_until_the_ticket_was_opened(cast, sign_in):
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana)
    client = sign_in(cast.hana)
    assert "row--unread" in client.get("/").content.decode()
    client.get(f"/tickets/{ticket.pk}/pane")
    assert "row--unread" not in client.get("/").content.decode()
    client.post(f"/tickets/{ticket.pk}/unread")
    assert Reading.objects.get().last_message_id == 0


@pytest.mark.parametrize("query", ["view=nonsense", "view=saved-999", "status=asleep&view=open", "after=zzz", "assignee=x"])
def test_a_list_that_does_not_exist_is_refused_in_words(cast, sign_in, query):
    response = sign_in(cast.hana).get(f"/?{query}")
    assert response.status_code in {404, 422}
    assert "Back to the desk" in response.content.decode()


def test_filters_narrow_the_view(cast, sign_in):
    urgent, _calm = cast.ticket(team=cast.orders, priority=4), cast.ticket(team=cast.orders)
    client = sign_in(cast.hana)
    assert ids_in(client.get("/?view=open&priority=4")) == [urgent.pk]
    assert client.get("/queue/filters?view=open&priority=4").status_code == 200


def test_bulk_actions_can_be_undone(cast, sign_in):
    chosen = [cast.ticket(team=cast.orders).pk for _ in range(3)]
    client = sign_in(cast.hana, script=True)
    done = client.post("/queue/bulk", {"ids": chosen, "action": "status", "value": "solved"})
    assert set(Ticket.objects.values_list("status", flat=True)) == {"solved"}
    client.post("/undo", {"token": toast_of(done)["token"]})
    assert set(Ticket.objects.values_list("status", flat=True)) == {"new"}


def test_bulk_merge_can_be_undone(cast, sign_in):
    first, second = cast.ticket(team=cast.orders), cast.ticket(team=cast.orders)
    client = sign_in(cast.hana, script=True)
    done = toast_of(client.post("/queue/bulk", {"ids": [first.pk, second.pk], "action": "merge"}))
    second.refresh_from_db()
    assert second.merged_into_id == first.pk
    client.post(done["undo"], {"token": done["token"]})
    second.refresh_from_db()
    assert second.merged_into_id is None


def test_bulk_never_reaches_hidden_tickets(cast, sign_in):
    theirs = cast.ticket(team=cast.repairs)
    sign_in(cast.hana, script=True).post("/queue/bulk", {"ids": [theirs.pk], "action": "status", "value": "solved"})
    theirs.refresh_from_db()
    assert theirs.status == "new"


def test_an_observer_changes_nothing(cast, sign_in):
    ticket = cast.ticket(team=cast.orders)
    client = sign_in(cast.observer, script=True)
    assert client.post("/queue/bulk", {"ids": [ticket.pk], "action": "status", "value": "solved"}).status_code == 403
    assert client.post(f"/tickets/{ticket.pk}/change", {"status": "solved"}).status_code == 403
    assert client.post(f"/tickets/{ticket.pk}/reply", {"text": "x"}).status_code == 403
    assert "data-compose" not in client.get(f"/tickets/{ticket.pk}/pane").content.decode()


def test_a_plain_form_works_without_scripts(cast, sign_in):
    ticket = cast.ticket(team=cast.orders)
    response = sign_in(cast.hana).post(
        "/queue/bulk", {"ids": [ticket.pk], "action": "status:solved"}, headers={"Referer": "http://testserver/?view=open"}
    )
    assert (response.status_code, response.headers["Location"]) == (303, "http://testserver/?view=open")
    ticket.refresh_from_db()
    assert ticket.status == "solved"


def test_a_list_is_kept_as_a_view_and_removed(cast, sign_in):
    urgent, _calm = cast.ticket(team=cast.orders, priority=4), cast.ticket(team=cast.orders)
    client = sign_in(cast.hana)
    made = client.post("/views/save", {"view": "open", "priority": "4", "name": "Burning"})
    assert ids_in(client.get(made.headers["Location"])) == [urgent.pk]
    assert "Burning" in client.get("/").content.decode()
    client.post(f"/views/{SavedView.objects.get().pk}/delete")
    assert not SavedView.objects.exists()


def test_only_the_owner_sees_a_view_that_is_not_shared(cast, sign_in):
    view = SavedView.objects.create(name="Mine alone", owner=cast.kenji, filters={})
    client = sign_in(cast.hana)
    assert "Mine alone" not in client.get("/").content.decode()
    assert client.get(f"/?view=saved-{view.pk}").status_code == 404


def test_counts_say_how_much_waits(cast, sign_in):
    cast.ticket(team=cast.orders, assignee=cast.hana)
    cast.ticket(team=cast.orders)
    counted = sign_in(cast.hana).get("/counts").json()["views"]
    assert (counted["mine"], counted["unassigned"], counted["open"]) == ("1", "1", "2")


def test_strangers_are_asked_to_sign_in(client, db):
    assert client.get("/").status_code == 302
    assert client.get("/queue", headers={"HX-Request": "true"}).status_code == 401


def test_hostile_subjects_are_inert(cast, sign_in):
    cast.ticket(team=cast.orders, assignee=cast.hana, subject='<img src=x onerror="alert(1)">', text="<script>alert(2)</script>")
    page = sign_in(cast.hana).get("/").content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page


def test_pages_carry_nothing_inline(cast, sign_in):
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana)
    for address in ("/", f"/tickets/{ticket.pk}", "/search?q=order", "/notices"):
        page = sign_in(cast.hana).get(address).content.decode()
        assert not re.search(r'<script(?![^>]*\bsrc=)|\son[a-z]+="|\sstyle="|<style', page), address


def test_who_oversees_all_begins_with_everything_open(cast, sign_in):
    older, newer = cast.ticket(team=cast.repairs), cast.ticket(team=cast.orders)
    client = sign_in(cast.supervisor)
    assert ids_in(client.get("/")) == [newer.pk, older.pk]
    tickets.assign(ticket_id=older.pk, assignee=cast.supervisor, by=agent_actor(cast.admin))
    assert ids_in(client.get("/")) == [older.pk]
