"""The inbox: who sees what, in which order, page by page, in a fixed number of statements."""

from datetime import timedelta

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.errors import Invalid
from madoguchi.staff import actions as staff
from madoguchi.tickets.filters import clean_filters
from madoguchi.tickets.listing import inbox_page, view_counts
from madoguchi.tickets.models import Draft, Reading, Tag, Ticket, Watcher
from madoguchi.tickets.view_list import VIEWS

pytestmark = pytest.mark.django_db


def numbers(page):
    return [row.id for row in page.rows]


def put(ticket, **fields):
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    return ticket


def test_an_agent_sees_own_teams_tickets_tickets_without_a_team_and_those_handed_to_them(cast):
    orders = cast.ticket(team=cast.orders)
    nobody = cast.ticket()
    handed = cast.ticket(team=cast.repairs, assignee=cast.hana)
    hidden = cast.ticket(team=cast.repairs)
    seen = numbers(inbox_page(cast.hana, view="open"))
    assert set(seen) == {orders.pk, nobody.pk, handed.pk}
    assert len(seen) == len(set(seen))
    assert set(numbers(inbox_page(cast.supervisor, view="open"))) == {orders.pk, nobody.pk, handed.pk, hidden.pk}


@pytest.mark.parametrize("sort", ["due", "newest", "oldest"])
@pytest.mark.parametrize("who", ["hana", "supervisor", "observer"])
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_every_list_agrees_with_the_obvious_query_page_by_page(cast, view, who, sort):
    agent, now = getattr(cast, who), clock.now()
    for number in range(24):
        ticket = cast.ticket(
            team=[None, cast.orders, cast.repairs][number % 3],
            assignee=[None, cast.hana, cast.kenji, agent][number % 4],
            status=["new", "open", "waiting_customer", "waiting_others", "solved", "closed"][number % 6],
            is_spam=number % 11 == 10,
        )
        fields = {"updated_at": now - timedelta(minutes=number // 5)}
        if number % 6 < 4 and number % 5:
            fields["due_at"] = now + timedelta(hours=number % 7 - 3)
        put(ticket, unsolved=number % 6 < 4 and number % 11 != 10, **fields)
        if number % 2:
            Watcher.objects.create(ticket=ticket, agent=agent)
    pages, cursor = [], ""
    while True:
        page = inbox_page(agent, view=view, sort=sort, cursor=cursor, limit=3)
        pages += page.rows
        cursor = page.next_cursor
        if not cursor:
            break
    assert [row.id for row in pages] == obvious(cast, agent, view, sort)
    assert view_counts(agent, [view]) == {view: len(pages)}


def obvious(cast, agent, view, sort):
    """The same list in plain Python."""
    teams = set(agent.teams.all())
    found = []
    for ticket in Ticket.objects.all():
        visible = agent.role.scope == "all" or ticket.team is None or ticket.team in teams or ticket.assignee == agent
        fits = {
            "mine": ticket.unsolved and ticket.assignee == agent,
            "unassigned": ticket.unsolved and ticket.assignee is None,
            "team": ticket.unsolved and ticket.team in teams,
            "open": ticket.unsolved,
            "overdue": ticket.unsolved and ticket.due_at < clock.now(),
            "waiting": ticket.unsolved and ticket.status.startswith("waiting"),
            "watching": ticket.unsolved and ticket.watchers.filter(agent=agent).exists(),
            "mentioned": False,
            "solved": ticket.status in {"solved", "closed"} and not ticket.is_spam,
            "spam": ticket.is_spam,
            "all": not ticket.is_spam,
        }[view]
        if visible and fits:
            found.append(ticket)
    if view == "spam":
        keys = {"due": lambda t: -t.pk, "newest": lambda t: -t.pk, "oldest": lambda t: t.pk}
    else:
        keys = {
            "due": lambda t: (t.due_at, t.pk),
            "newest": lambda t: (-t.updated_at.timestamp(), -t.pk),
            "oldest": lambda t: (t.updated_at, t.pk),
        }
    return [ticket.pk for ticket in sorted(found, key=keys[sort])]


def test_a_merged_ticket_is_in_no_list(cast):
    kept, gone = cast.ticket(), cast.ticket()
    put(gone, merged_into=kept, unsolved=False)
    assert numbers(inbox_page(cast.supervisor, view="all")) == [kept.pk]


def test_rows_tell_what_is_unread_and_where_a_draft_waits(cast):
    read, unread = cast.ticket(team=cast.orders), cast.ticket(team=cast.orders)
    Reading.objects.create(agent=cast.hana, ticket=read, last_message_id=read.last_message_id)
    Draft.objects.create(agent=cast.hana, ticket=unread, body="Dear Ruth", updated_at=clock.now())
    rows = {row.id: row for row in inbox_page(cast.hana, view="team").rows}
    assert (rows[read.pk].unread, rows[read.pk].draft) == (False, False)
    assert (rows[unread.pk].unread, rows[unread.pk].draft) == (True, True)
    assert rows[read.pk].customer_name == "Ruth Castellan"
    assert rows[read.pk].due_at is None
    assert numbers(inbox_page(cast.hana, {"unread": True}, view="team")) == [unread.pk]


def test_mentions_make_a_view(cast):
    ticket, _other = cast.ticket(), cast.ticket()
    staff.notify(agent_ids=[cast.hana.pk], kind="mentioned", ticket_id=ticket.pk)
    assert numbers(inbox_page(cast.hana, view="mentioned")) == [ticket.pk]


def test_filters_narrow_a_list(cast):
    wanted = cast.ticket(
        team=cast.orders, priority=4, kind="complaint", cause="delivery", custom={"order": "HZ264762"}, customer=cast.chinatsu
    )
    wanted.tags.add(Tag.objects.create(name="VIP"))
    put(wanted, language="ja")
    cast.ticket(team=cast.repairs)
    put(cast.ticket(), created_at=clock.now() - timedelta(days=10), updated_at=clock.now() - timedelta(days=10))
    today = clock.now().date().isoformat()
    for filters in (
        {"priority": ["4"]}, {"kind": "complaint"}, {"cause": ["delivery"]}, {"tag": ["VIP"]}, {"custom": {"order": "HZ264762"}},
        {"language": ["ja"]}, {"customer": cast.chinatsu.pk}, {"team": [str(cast.orders.pk)]},
        {"mailbox": [cast.mailbox.pk], "created_from": today, "updated_to": today, "priority": 4, "channel": "mail"},
    ):  # fmt: skip
        assert numbers(inbox_page(cast.supervisor, filters, sort="due")) == [wanted.pk], filters
        assert numbers(inbox_page(cast.supervisor, filters, sort="newest")) == [wanted.pk], filters


def test_a_team_filter_never_shows_more_than_the_role_sees(cast):
    cast.ticket(team=cast.repairs)
    handed = cast.ticket(team=cast.repairs, assignee=cast.hana)
    assert numbers(inbox_page(cast.hana, {"team": [cast.repairs.pk]})) == [handed.pk]
    assert numbers(inbox_page(cast.hana, {"team": [cast.repairs.pk], "assignee": [cast.kenji.pk]})) == []


def test_a_role_without_the_permission_sees_nothing(cast):
    cast.ticket()
    cast.observer.role.permissions = []
    assert inbox_page(cast.observer, view="open").rows == []
    assert view_counts(cast.observer, ["open"]) == {"open": 0}


@pytest.mark.parametrize(
    "bad",
    [
        {"colour": "red"}, {"status": ["lost"]}, {"assignee": ["them"]}, {"priority": "9"}, {"team": [-1]}, {"team": [10**30]},
        {"created_from": "yesterday"}, {"custom": {"a__b": 1}}, {"custom": {"a": [1]}}, {"tag": ["x" * 300]}, {"tag": ["a\0b"]},
        {"unread": "no"}, {"kind": [["a"]]}, {"status": {"a": 1}},
    ],
)  # fmt: skip
def test_an_unknown_filter_is_named_and_refused(bad):
    with pytest.raises(Invalid) as refused:
        clean_filters(bad)
    assert set(refused.value.fields) == set(bad)


@pytest.mark.parametrize("cursor", ["x", "!!!", "MjAyNA", "4pyT4pyT", "MjAyNC0wMS0wMVQwMDowMDowMCA1"])
def test_a_damaged_cursor_is_refused(cast, cursor):
    with pytest.raises(Invalid):
        inbox_page(cast.hana, view="open", cursor=cursor)


def test_unknown_views_and_orders_are_refused(cast):
    with pytest.raises(Invalid):
        inbox_page(cast.hana, view="nonsense")
    with pytest.raises(Invalid):
        inbox_page(cast.hana, view="mine", sort="colour")


def test_counts_stop_at_a_hundred(cast):
    now = clock.now()
    Ticket.objects.bulk_create([Ticket(customer=cast.ruth, team=cast.orders, created_at=now, updated_at=now) for _ in range(130)])
    assert view_counts(cast.hana, {"open": {}, "saved:1": {"team": [cast.orders.pk]}, "mine": {}}) == {
        "open": 100,
        "saved:1": 100,
        "mine": 0,
    }


def test_a_page_costs_four_statements_and_all_counts_two(cast, django_assert_num_queries):
    for team in (cast.orders, None, cast.repairs):
        for _ in range(3):
            cast.ticket(team=team)
    with django_assert_num_queries(4):
        inbox_page(cast.hana, view="open")
    with django_assert_num_queries(2):
        view_counts(cast.hana, list(VIEWS))
