"""Search by an agent: what is found, what is never found, marks, order, pages, and an index that follows every change."""

from datetime import UTC, datetime

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid
from madoguchi.foundation.search_query import query_terms
from madoguchi.tickets import actions, index, search
from madoguchi.tickets.models import Attachment, Message, Ticket
from madoguchi.tickets.search import message_ids, search_tickets, snippet
from madoguchi.tickets.search_filters import Filters

pytestmark = pytest.mark.django_db


def found(agent, typed, **options):
    return [hit.ticket.subject for hit in search_tickets(agent, typed, **options).hits]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("返品", "先日の商品を返品したいです。"),
        ("返", "先日の商品を返品したいです。"),
        ("退款", "請問可以退款嗎?"),
        ("发票", "請開立發票。"),
        ("發票", "请开具发票。"),
        ("パスワード", "ﾊﾟｽﾜｰﾄﾞを忘れました"),
        ("ＨＺ２６４７６２", "order HZ-264762"),
        ("Rücksendung", "Meine Paketrücksendungen kamen zurück."),
        ("Strasse", "Große Straße 5"),
        ("Mueller", "Familie Müller"),
        ("090-1234-5678", "電話は０９０１２３４５６７８です"),
    ],
)
def test_finds_across_scripts_and_spellings(cast, typed, text):
    cast.ticket(subject="Another", text="nothing of that")
    cast.ticket(subject="Wanted", text=text)
    (hit,) = search_tickets(cast.admin, typed).hits
    assert hit.ticket.subject == "Wanted"
    assert any(marked for _, marked in hit.snippet)


def test_finds_by_sender_subject_and_file_name(cast):
    ticket = cast.ticket(subject="Lamp", text="broken", customer=cast.chinatsu)
    message = ticket.messages.get()
    Attachment.objects.create(message=message, name="領収書_2026.pdf", content_type="x/y", size=1, created_at=clock.now())
    index.put_messages([message.pk])
    for typed in ("chinatsu@customer.example", "藤代", "lamp", "領収書", "from:chinatsu", "subject:lamp", "has:file"):
        assert found(cast.admin, typed) == ["Lamp"], typed
    assert found(cast.admin, "subject:chinatsu") == []


# What the agent may not see


def test_other_teams_tickets_are_not_found(cast):
    cast.ticket(subject="Hidden", text="gyroscope", team=cast.repairs)
    cast.ticket(subject="Shared", text="gyroscope")
    cast.ticket(subject="Own", text="gyroscope", team=cast.orders)
    assert set(found(cast.hana, "gyroscope")) == {"Shared", "Own"}
    assert set(found(cast.kenji, "gyroscope")) == {"Shared", "Hidden"}
    assert len(found(cast.admin, "gyroscope")) == 3


def test_a_hidden_ticket_is_not_found_by_number_or_filter(cast):
    hidden = cast.ticket(subject="Hidden", team=cast.repairs)
    assert found(cast.hana, f"#{hidden.pk}") == []
    assert found(cast.hana, str(hidden.pk)) == []
    assert found(cast.hana, f"team:{cast.repairs.name}") == []
    assert found(cast.hana, "", filters=Filters(team=str(cast.repairs.pk))) == []
    assert message_ids(cast.hana, "late") == []


def test_notes_are_found_only_by_those_who_may_read_them(cast):
    ticket = cast.ticket(subject="Lamp", text="broken", team=cast.orders)
    actions.add_note(ticket_id=ticket.pk, text="geheimnisvoll: is:note", by=agent_actor(cast.hana))
    assert found(cast.hana, "geheimnisvoll") == ["Lamp"]
    assert found(cast.observer, "broken") == ["Lamp"]
    assert found(cast.observer, "geheimnisvoll") == []
    assert found(cast.observer, "is:note") == []
    (hit,) = search_tickets(cast.observer, "broken").hits
    assert hit.matches == 1
    assert message_ids(cast.observer, "geheimnisvoll") == []


def test_hidden_matches_neither_fill_pages_nor_count(cast, monkeypatch):
    monkeypatch.setattr(search, "WINDOW", 4)
    monkeypatch.setattr(search, "SLICE", 4)
    cast.ticket(subject="Visible", text="gyroscope", team=cast.orders)
    for number in range(10):
        cast.ticket(subject=f"Hidden {number}", text="gyroscope", team=cast.repairs)
    page = search_tickets(cast.hana, "gyroscope")
    assert [hit.ticket.subject for hit in page.hits] == ["Visible"]
    assert page.next_cursor is None


def test_an_agent_without_the_permission_finds_nothing(cast):
    cast.ticket(subject="Lamp", text="broken")
    cast.hana.role.permissions = []
    assert found(cast.hana, "broken") == []
    assert found(cast.hana, "status:new") == []


# The index follows


def test_a_redacted_word_is_not_found_any_more(cast):
    ticket = cast.ticket(subject="Card", text="my card 4111 1111 1111 1111 is charged")
    message = ticket.messages.get()
    assert found(cast.admin, "4111111111111111") == ["Card"]
    Message.objects.filter(pk=message.pk).update(text="my card [removed] is charged")
    index.put_messages([message.pk])
    assert found(cast.admin, "4111111111111111") == []
    assert found(cast.admin, "charged") == ["Card"]


def test_notes_are_found_at_once(cast):
    ticket = cast.ticket(subject="Lamp", text="broken", team=cast.orders)
    actions.add_note(ticket_id=ticket.pk, text="返金済み", by=agent_actor(cast.hana))
    assert found(cast.hana, "返金") == ["Lamp"]


def test_a_changed_subject_is_found(cast):
    ticket = cast.ticket(subject="Lamp", text="broken")
    actions.set_subject(ticket_id=ticket.pk, subject="Leuchte", by=agent_actor(cast.admin))
    assert found(cast.admin, "Leuchte") == ["Leuchte"]


def test_moving_to_another_team_moves_what_is_found(cast):
    ticket = cast.ticket(subject="Lamp", text="gyroscope", team=cast.repairs)
    assert found(cast.hana, "gyroscope") == []
    actions.assign(ticket_id=ticket.pk, team=cast.orders, by=agent_actor(cast.admin))
    assert found(cast.hana, "gyroscope") == ["Lamp"]
    assert found(cast.kenji, "gyroscope") == []


def test_a_message_moved_to_another_ticket_is_found_there(cast):
    one, other = cast.ticket(subject="One", text="gyroscope"), cast.ticket(subject="Other", text="nothing")
    one.messages.update(ticket=other)
    assert found(cast.admin, "gyroscope") == ["Other"]


def test_deleted_tickets_are_not_found(cast):
    ticket = cast.ticket(subject="Lamp", text="gyroscope")
    ids = list(ticket.messages.values_list("pk", flat=True))
    ticket.delete()
    assert found(cast.admin, "gyroscope") == []
    index.remove_messages(ids)
    assert found(cast.admin, "gyroscope") == []


def test_rebuilding_finds_the_same(cast):
    ticket = cast.ticket(subject="返品", text="gyroscope")
    cast.ticket(subject="Second", text="gyroscope")
    actions.set_subject(ticket_id=ticket.pk, subject="交換", by=agent_actor(cast.admin))
    before = found(cast.admin, "gyroscope"), found(cast.admin, "交換")
    assert index.rebuild() == 2
    assert (found(cast.admin, "gyroscope"), found(cast.admin, "交換")) == before == (["Second", "交換"], ["交換"])


# Order, filters, pages


def test_a_number_brings_that_ticket_first(cast):
    first = cast.ticket(subject="First")
    cast.ticket(subject="Mentions", text=f"about {first.pk} and #{first.pk}")
    for typed in (str(first.pk), f"#{first.pk}", f" ＃{first.pk} "):
        assert found(cast.admin, typed) == ["First", "Mentions"], typed
    assert found(cast.admin, "999999999999") == []


def test_the_subject_counts_more_than_the_text(cast):
    cast.ticket(subject="Invoice wrong", text="see above")
    cast.ticket(subject="Something else", text="the invoice is only mentioned")
    assert found(cast.admin, "invoice") == ["Invoice wrong", "Something else"]
    assert found(cast.admin, "invoice", sort="date") == ["Something else", "Invoice wrong"]


def test_filters_by_operator_and_by_form(cast):
    one = cast.ticket(subject="One", text="gyroscope", team=cast.orders, assignee=cast.hana)
    two = cast.ticket(subject="Two", text="gyroscope", customer=cast.chinatsu)
    actions.tag(ticket_id=one.pk, names=["返品"], by=agent_actor(cast.admin))
    actions.set_status(ticket_id=two.pk, status="open", by=agent_actor(cast.admin))
    Message.objects.filter(ticket=two).update(created_at=datetime(2026, 1, 31, 23, 0, tzinfo=UTC))
    Ticket.objects.filter(pk=two.pk).update(language="ja")
    for typed, expected in [
        ("gyroscope tag:返品", ["One"]),
        ("gyroscope status:open", ["Two"]),
        ("gyroscope status:unsolved", ["Two", "One"]),
        ("gyroscope status：open status:new", ["Two", "One"]),
        ("gyroscope assignee:me", []),
        ("gyroscope assignee:none", ["Two"]),
        (f"gyroscope assignee:{cast.hana.email}", ["One"]),
        ('gyroscope assignee:"Hana Mori"', ["One"]),
        ("gyroscope team:orders", ["One"]),
        ("gyroscope channel:mail lang:ja", ["Two"]),
        ("gyroscope from:chinatsu", ["Two"]),
        ("gyroscope before:2026-02-01", ["Two"]),
        ("gyroscope before:2026-01-31", []),
        ("gyroscope on:2026/01/31", ["Two"]),
        ("gyroscope is:spam", []),
        ("tag:返品", ["One"]),
        ("is:unsolved", ["Two", "One"]),
        ("", []),
        ("   ", []),
    ]:
        assert found(cast.admin, typed, sort="date") == expected, typed
    assert found(cast.hana, "gyroscope assignee:me") == ["One"]
    assert found(cast.admin, "gyroscope", filters=Filters(tags=("返品",), assignee=str(cast.hana.pk))) == ["One"]
    assert found(cast.admin, "gyroscope", filters=Filters(customer=cast.chinatsu.pk)) == ["Two"]


def test_days_are_days_of_the_agent(cast):
    ticket = cast.ticket(text="gyroscope")
    Message.objects.filter(ticket=ticket).update(created_at=datetime(2026, 1, 31, 23, 0, tzinfo=UTC))
    cast.admin.time_zone = "Asia/Tokyo"
    assert len(found(cast.admin, "gyroscope on:2026-02-01")) == 1
    assert found(cast.admin, "gyroscope on:2026-01-31") == []


def test_days_alone_list_by_day_and_page_on(cast):
    for day in (3, 5, 4):
        ticket = cast.ticket(subject=f"Day {day}")
        Ticket.objects.filter(pk=ticket.pk).update(created_at=datetime(2026, 1, day, tzinfo=UTC))
    page = search_tickets(cast.admin, "after:2026-01-02 before:2026-01-09", limit=2)
    rest = search_tickets(cast.admin, "after:2026-01-02 before:2026-01-09", limit=2, cursor=page.next_cursor)
    assert [hit.ticket.subject for hit in (*page.hits, *rest.hits)] == ["Day 5", "Day 4", "Day 3"]
    assert rest.next_cursor is None


def test_spam_is_found_only_when_asked_for(cast):
    cast.ticket(subject="Junk", text="gyroscope", is_spam=True)
    assert found(cast.admin, "gyroscope") == []
    assert found(cast.admin, "gyroscope is:spam") == ["Junk"]


@pytest.mark.parametrize("typed", ["gyroscope before:yesterday", "gyroscope on:2026-13-40"])
def test_a_date_that_is_none_is_refused_with_a_reason(cast, typed):
    with pytest.raises(Invalid, match="2026-11-25"):
        search_tickets(cast.admin, typed)


@pytest.mark.parametrize("cursor", ["x", "1", "1.2.3", "-1.0", "9" * 40 + ".0", "1.0; DROP"])
def test_a_foreign_cursor_is_refused(cast, cursor):
    with pytest.raises(Invalid):
        search_tickets(cast.admin, "gyroscope", cursor=cursor)


@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("typed", ["gyroscope", "is:unsolved"])
def test_pages_are_complete_and_hold_nothing_twice(cast, monkeypatch, typed, sort):
    monkeypatch.setattr(search, "WINDOW", 7)
    monkeypatch.setattr(search, "SLICE", 3)
    monkeypatch.setattr(search, "FURTHER", (2, 5))
    tickets = [cast.ticket(subject=f"T{number}", text="gyroscope").pk for number in range(30)]
    seen, cursor = [], ""
    for _ in range(30):
        page = search_tickets(cast.admin, typed, sort=sort, cursor=cursor, limit=5)
        seen.extend(hit.ticket.pk for hit in page.hits)
        cursor = page.next_cursor
        if not cursor:
            break
    assert sorted(seen) == tickets


def test_one_hit_a_ticket_with_its_number_of_messages(cast):
    ticket = cast.ticket(subject="Lamp", text="gyroscope", team=cast.orders)
    for number in range(3):
        actions.add_note(ticket_id=ticket.pk, text=f"gyroscope {number}", by=agent_actor(cast.hana))
    (hit,) = search_tickets(cast.hana, "gyroscope").hits
    assert hit.matches == 4
    assert message_ids(cast.hana, "gyroscope", limit=2) == list(ticket.messages.order_by("-pk").values_list("pk", flat=True)[:2])


# Marks


def test_snippets_are_plain_pieces_of_the_text():
    text = "<script>alert(1)</script> " + "word " * 100 + "the\n<b>Gyroscope</b> & more " + "end " * 100
    pieces = snippet(text, query_terms("gyroscope"))
    assert [piece for piece, marked in pieces if marked] == ["Gyroscope"]
    assert pieces[0] == ("…", False)
    assert pieces[-1] == ("…", False)
    assert "the <b>" in "".join(piece for piece, _ in pieces)
    assert len("".join(piece for piece, _ in pieces)) < 260
    assert snippet("", query_terms("x")) == []
    assert snippet("nothing here", query_terms("gyroscope")) == [("nothing here", False)]


def test_a_search_costs_few_statements(cast, django_assert_max_num_queries):
    for number in range(30):
        cast.ticket(subject=f"T{number}", text="gyroscope", team=cast.orders)
    with django_assert_max_num_queries(9):
        assert len(search_tickets(cast.hana, "gyroscope").hits) == 25
