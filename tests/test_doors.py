"""Walks every address: without an account, with a role that lacks exactly the permission, and as an agent of another team."""

import re

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from madoguchi.foundation.actor import SYSTEM
from madoguchi.sla import actions as sla
from madoguchi.sla.models import Deadline
from madoguchi.staff.models import Agent, Role
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Attachment, Message, SavedView, Ticket
from tests.doors import GUARDED, OWN, PUBLIC

API = "api/v1/"
FRAGMENT = {"HX-Request": "true"}


def _walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def routes() -> dict[str, object]:
    return dict(_walk(get_resolver().url_patterns))


def address(route: str, ids: dict[str, object] | None = None) -> str:
    """A concrete address of a route: ids from `ids`, else 1 and x."""
    known = ids or {}
    path = re.sub(r"<(?:(\w+):)?(\w+)>", lambda part: str(known.get(part[2], 1 if part[1] == "int" else "x")), route)
    path = re.sub(r"\(\?P?<?\w*>?[^)]*\)\+?", "x", re.sub(r"\(\?P<(\w+)>[^)]*\)", "x", path))
    return "/" + path.replace("^", "").replace("$", "").replace("\\", "")


def test_every_address_is_listed():
    listed = PUBLIC | OWN | set(GUARDED)
    unlisted = [route for route in routes() if route not in listed and not route.startswith(API)]
    assert not unlisted, "say in tests/doors.py who may open these"


def test_the_mark_on_each_view_is_what_the_list_says():
    wrong = {}
    for route, view in routes().items():
        if route in GUARDED:
            mark = getattr(view, "access", None)
            told = "unmarked" if mark is None else mark if mark == "public" else "+".join(str(p) for p in mark) or "agent"
            if told != GUARDED[route]:
                wrong[route] = told
        elif route in PUBLIC and not view.__module__.startswith("allauth.") and getattr(view, "access", None) != "public":
            wrong[route] = "not public"
    assert not wrong


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_without_an_account_only_the_public_addresses_answer(client, cast, method):
    open_doors = []
    for route in [route for route in routes() if route in GUARDED or route in OWN]:
        answer = getattr(client, method)(address(route))
        to_login = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
        if not to_login and answer.status_code not in {401, 403, 405}:
            open_doors.append((route, answer.status_code))
    assert not open_doors


def test_without_an_account_fragments_are_refused_not_replaced_by_the_sign_in_page(client, cast):
    for route in [route for route in routes() if route in GUARDED]:
        assert client.get(address(route), headers=FRAGMENT).status_code in {401, 405}, route


def test_without_a_token_the_api_answers_nothing(client, cast):
    for route in [route for route in routes() if route.startswith(API)]:
        if route.endswith(("openapi.json", "docs")):
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            assert getattr(client, method)(address(route)).status_code in {401, 404, 405}, (method, route)


@pytest.fixture
def only(cast):
    """Gives Kenji a role with exactly these permissions, for all teams."""
    role = Role.objects.create(name="Exactly", scope="all")

    def give(permissions: set[str]) -> Agent:
        Role.objects.filter(pk=role.pk).update(permissions=sorted(permissions))
        Agent.objects.filter(pk=cast.kenji.pk).update(role=role)
        return Agent.objects.get(pk=cast.kenji.pk)

    return give


@pytest.mark.parametrize("permission", sorted({part for access in GUARDED.values() for part in access.split("+") if part != "agent"}))
def test_a_role_without_the_permission_is_refused_everywhere(client, only, permission):
    client.force_login(only(set(Permission.values) - {permission}))
    open_doors = []
    for route, access in GUARDED.items():
        if permission in access.split("+") and route in routes():
            for method in ("get", "post"):
                answer = getattr(client, method)(address(route))
                if answer.status_code not in {403, 405}:
                    open_doors.append((method, route, answer.status_code))
    assert not open_doors


@pytest.fixture
def secret_ticket(cast):
    """A ticket of the team Orders with everything that has an id, assigned to Hana."""
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana, subject="Only for Orders")
    message = Message.objects.get(ticket=ticket)
    file = Attachment.objects.create(
        message=message, ticket=ticket, name="plan.txt", content_type="text/plain", size=4, data=b"plan", created_at=message.created_at,
        uploaded_by=cast.hana,
    )  # fmt: skip
    view = SavedView.objects.create(name="Hana's", owner=cast.hana)
    return {
        "ticket_id": ticket.pk,
        "message_id": message.pk,
        "attachment_id": file.pk,
        "view_id": view.pk,
        "deadline_id": _deadline(ticket),
    }


def _deadline(ticket) -> int:
    sla.save_policy(by=SYSTEM, name="Gold", targets={("first_reply", None): 60})
    with transaction.atomic():
        sla.start_clocks([ticket])
    return Deadline.objects.filter(ticket=ticket).earliest("id").pk


def _answers(client, route: str, ids: dict[str, object]) -> dict[str, int]:
    """Status by method; whatever a method changes is taken back."""
    told = {}
    for method in ("get", "post"):
        with transaction.atomic():
            told[method] = getattr(client, method)(address(route, ids), {"text": "x", "to": "x", "note": "x"}).status_code
            transaction.set_rollback(True)
    return told


def test_another_teams_agent_sees_and_changes_nothing(client, cast, secret_ticket):
    for scoped in [route for route in routes() if any(f":{name}>" in route for name in secret_ticket) and route in GUARDED]:
        client.force_login(cast.kenji)
        for method, status in _answers(client, scoped, secret_ticket).items():
            assert status in {403, 404, 405}, (method, scoped, status)
        page = client.get(address(scoped, secret_ticket))
        assert b"Only for Orders" not in page.content, scoped


def test_the_list_of_tickets_and_search_hide_other_teams(client, cast, secret_ticket):
    client.force_login(cast.kenji)
    for route in [route for route in routes() if GUARDED.get(route) == "ticket.view" and "<" not in route]:
        answer = client.get(address(route), {"q": "Orders", "ticket": secret_ticket["ticket_id"], "view": "all"})
        assert b"Only for Orders" not in answer.content, route


def test_every_page_has_a_strict_policy_and_no_inline_code(client, cast):
    inline = re.compile(
        rb'<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style|\sstyle="|\son\w+="|javascript:|hx-on', re.IGNORECASE
    )
    client.force_login(cast.admin)
    stranger = client.__class__()
    looked = 0
    for route in routes():
        for browser in (client, stranger):
            answer = browser.get(address(route))
            if answer.status_code >= 500 or answer.streaming:
                assert not answer.status_code >= 500, route
                continue
            policy = answer["Content-Security-Policy"]
            assert "unsafe-inline" not in policy, route
            assert "unsafe-eval" not in policy, route
            assert "default-src 'none'" in policy, route
            assert answer["X-Content-Type-Options"] == "nosniff", route
            if answer["Content-Type"].startswith("text/html"):
                looked += 1
                assert not inline.search(answer.content), (route, inline.search(answer.content))
    assert looked > 60


@pytest.mark.parametrize("action", ["assign:me", "assign:", "team:{repairs}", "status:solved", "priority:4", "tag:x", "spam:yes", "merge:"])
def test_who_may_only_look_changes_nothing_in_bulk(client, cast, action):
    tickets = [cast.ticket(team=cast.orders, assignee=cast.hana) for _ in range(2)]
    before = [_state(ticket.pk) for ticket in tickets]
    client.force_login(cast.observer)
    action = action.format(repairs=cast.repairs.pk)
    client.post("/queue/bulk", {"ids": [ticket.pk for ticket in tickets], "action": action, "value": action.partition(":")[2]})
    assert [_state(ticket.pk) for ticket in tickets] == before


def _state(ticket_id: int) -> dict:
    ticket = Ticket.objects.filter(pk=ticket_id).values("status", "priority", "team", "assignee", "is_spam", "merged_into").get()
    return ticket | {"tags": list(Ticket.objects.get(pk=ticket_id).tags.values_list("name", flat=True))}


def test_nobody_takes_back_what_somebody_else_did(client, cast):
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana)
    client.force_login(cast.hana)
    answer = client.post("/queue/bulk", {"ids": [ticket.pk], "action": "priority:4"}, headers=FRAGMENT)
    token = re.search(r'"undo": "([^"]+)"', str(answer.headers.get("HX-Trigger", "")))
    assert token, "the desk offers to undo"
    client.force_login(cast.observer)
    client.post("/undo", {"token": token[1]})
    assert _state(ticket.pk)["priority"] == 4


def test_who_may_not_assign_cannot_assign_by_changing_a_field(client, cast, only):
    ticket = cast.ticket(team=cast.orders, assignee=cast.hana)
    client.force_login(only({"ticket.view", "ticket.edit"}))
    for change in ({"assign": "me"}, {"team": str(cast.repairs.pk)}):
        assert client.post(f"/tickets/{ticket.pk}/change", change).status_code == 403
    assert _state(ticket.pk)["assignee"] == cast.hana.pk


def test_opening_a_mail_as_it_came_is_recorded(client, cast):
    from madoguchi.channels import actions as channels
    from madoguchi.foundation.models import AuditEntry

    ticket = cast.ticket()
    envelope = channels.store_envelope(raw=b"Subject: x\r\n\r\ny", source="smtp", mailbox=cast.mailbox)
    message = ticket.messages.get()
    ticket.messages.update(envelope=envelope)
    client.force_login(cast.admin)
    assert client.get(f"/messages/{message.pk}/raw").status_code == 200
    assert client.get(f"/messages/{message.pk}/raw", {"download": "1"}).status_code == 200
    seen = AuditEntry.objects.filter(subject=f"message:{message.pk}").order_by("id")
    assert [(entry.action, entry.actor_id) for entry in seen] == [
        ("tickets.see_raw", cast.admin.pk),
        ("tickets.download_raw", cast.admin.pk),
    ]
