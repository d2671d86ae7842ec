"""Every operation of the API: without a token, without the permission, and as an agent of another team. Never data, always a problem."""

import json
from datetime import timedelta

import pytest

from madoguchi.api import actions
from madoguchi.api.door import door
from madoguchi.customers.models import Customer
from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.knowledge import actions as knowledge
from madoguchi.staff import actions as staff
from madoguchi.staff.models import Agent, ApiToken, Role
from madoguchi.staff.permissions import Permission
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
SECRET = "Geheimnis 秘密"
WORDS = (SECRET, "Geheimnis", "秘密", "\\u79d8", "Ruth", "customer.example", "Repairs", "Kenji", "hooks.example")

# operation -> what its token's agent must be allowed, and a body that would be accepted
OPERATIONS: dict[str, tuple[set[str], dict | None]] = {
    "list_tickets": ({"ticket.view"}, None),
    "create_ticket": ({"ticket.edit"}, {"customer": {"email": "ruth@customer.example"}, "subject": "x", "text": "x"}),
    "get_ticket": ({"ticket.view"}, None),
    "change_ticket": ({"ticket.view", "ticket.edit"}, {"priority": "high"}),
    "list_messages": ({"ticket.view"}, None),
    "get_original": ({"ticket.view"}, None),
    "write_message": ({"ticket.view", "ticket.reply"}, {"text": "x"}),
    "list_customers": ({"customer.view"}, None),
    "get_customer": ({"customer.view"}, None),
    "create_customer": ({"customer.edit"}, {"email": "somebody@else.example"}),
    "change_customer": ({"customer.view", "customer.edit"}, {"name": "x"}),
    "search": ({"ticket.view"}, None),
    "list_events": ({"manage.api"}, None),
    "list_articles": ({"knowledge.view"}, None),
    "get_article": ({"knowledge.view"}, None),
    "list_webhooks": ({"manage.api"}, None),
    "create_webhook": ({"manage.api"}, {"url": "https://other.example/x"}),
    "get_webhook": ({"manage.api"}, None),
    "change_webhook": ({"manage.api"}, {"is_active": False}),
    "delete_webhook": ({"manage.api"}, None),
    "rotate_webhook_secret": ({"manage.api"}, None),
    "list_deliveries": ({"manage.api"}, None),
    "replay_webhook": ({"manage.api"}, {"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"}),
    "replay_failed_deliveries": ({"manage.api"}, None),
    "replay_delivery": ({"manage.api"}, None),
}
# further fields of a body that ask for more than the operation itself
MORE = [("write_message", {"text": "x", "kind": "note"}, "ticket.note"), ("change_ticket", {"team": "Orders"}, "ticket.assign")]


def described() -> dict[str, tuple[str, str]]:
    """Every operation of the description: its method and address."""
    paths = door.get_openapi_schema()["paths"]
    return {operation["operationId"]: (method, path) for path, methods in paths.items() for method, operation in methods.items()}


@pytest.fixture
def house(cast):
    """A ticket of the team Repairs with everything that has an id, and a webhook with a delivery, and a public article."""
    ticket = cast.ticket(team=cast.repairs, assignee=cast.kenji, subject=SECRET, text=SECRET)
    tickets.add_note(ticket_id=ticket.pk, text=SECRET, by=agent_actor(cast.kenji))
    endpoint, _secret = actions.add_endpoint(url="https://hooks.example/x", events=[], agent=None, by=SYSTEM)
    delivery = actions.write_test(endpoint_id=endpoint.pk, by=SYSTEM)
    topic = knowledge.save_category(by=SYSTEM, key="help", names={})
    article = knowledge.save_article(by=SYSTEM, slug="help", category_id=topic.pk, audience="public", language="en")
    knowledge.save_text(by=SYSTEM, article_id=article.pk, language="en", title="Help", body="Text")
    knowledge.publish(by=SYSTEM, article_id=article.pk, language="en")
    return {
        "article_id": article.pk,
        "ticket_id": ticket.pk,
        "message_id": Message.objects.filter(ticket=ticket, direction="in").get().pk,
        "customer_id": cast.ruth.pk,
        "endpoint_id": endpoint.pk,
        "delivery_id": delivery.pk,
    }


@pytest.fixture
def ask(client, house):
    """Call an operation by its name, with real ids; every answer but a good one must be a problem that tells nothing."""

    def ask(name, *, token="", body=..., query=None):
        method, path = described()[name]
        path = path.format(**house)
        if name == "search":
            query = {"q": "Geheimnis"} if query is None else query
        sent = OPERATIONS[name][1] if body is ... else body
        answer = client.generic(
            method.upper(), path, json.dumps(sent) if sent is not None else "", content_type="application/json",
            headers={"Authorization": f"Bearer {token}"} if token else {}, query_params=query,
        )  # fmt: skip
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", (name, answer.status_code)
            assert answer.json()["status"] == answer.status_code
            assert not [word for word in WORDS if word in answer.content.decode()], name
        return answer

    return ask


def token_of(agent: Agent, **fields) -> str:
    return staff.create_token(agent=agent, name="test", by=SYSTEM, **fields)


def state() -> list:
    """What no refused call may have changed."""
    rows = [list(model.objects.order_by("pk").values()) for model in (Ticket, Message, Customer, actions.WebhookEndpoint)]
    return [*rows, list(actions.WebhookDelivery.objects.order_by("pk").values())]


def test_every_operation_is_listed():
    assert set(described()) == set(OPERATIONS), "say in this file what each operation asks for"


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_without_a_good_token_nothing_is_told(client, cast, ask, name):
    before = state()
    expired, gone, revoked = token_of(cast.admin), token_of(cast.supervisor), token_of(cast.admin)
    ApiToken.objects.filter(agent=cast.admin).update(expires_at=clock.now() - timedelta(seconds=1))
    staff.revoke_token(token=ApiToken.objects.get(pk=ApiToken.objects.latest("id").pk), by=SYSTEM)
    Agent.objects.filter(pk=cast.supervisor.pk).update(is_active=False)
    for token in ("", "mdg_", "nonsense", expired, gone, revoked):
        answer = ask(name, token=token)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
    client.force_login(cast.admin)  # a browser's cookie is not a token
    assert ask(name).status_code == 401
    assert state() == before


@pytest.mark.parametrize(
    ("name", "body", "lacking"),
    [(name, ..., lacking) for name, (wanted, _body) in sorted(OPERATIONS.items()) for lacking in sorted(wanted)] + MORE,
)
def test_a_role_without_the_permission_is_refused(cast, ask, name, body, lacking):
    role = Role.objects.create(name="Lacks one", scope="all", permissions=sorted(set(Permission.values) - {lacking}))
    Agent.objects.filter(pk=cast.kenji.pk).update(role=role)
    token, before = token_of(Agent.objects.get(pk=cast.kenji.pk)), state()
    answer = ask(name, token=token, body=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert state() == before


@pytest.mark.parametrize("scope", ["teams", "own"])
def test_another_teams_agent_finds_none_of_it(cast, ask, scope):
    """Hana of Orders, with every permission there is."""
    Agent.objects.filter(pk=cast.hana.pk).update(role=Role.objects.create(name="All but all", scope=scope, permissions=Permission.values))
    token, before = token_of(Agent.objects.get(pk=cast.hana.pk)), state()
    for name, (_method, path) in described().items():
        if "{ticket_id}" in path:
            assert ask(name, token=token).status_code == 404, name
    assert state() == before
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        lists = [("list_tickets", {"view": view}) for view in ("all", "open", "team", "mine", "unassigned", "solved", "spam", "watching")]
        lists += [("list_tickets", {"q": q}) for q in ("Geheimnis", "秘", "status:new", "team:Repairs", str(before[0][0]["id"]), "is:note")]
        lists += [("search", {"q": q}) for q in ("Geheimnis", "秘", "status:new", "assignee:none", str(before[0][0]["id"]))]
        lists += [("list_events", {})]
        for name, query in lists:
            answer = ask(name, token=token, query=query)
            assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None}), (name, query)


def test_who_may_see_it_does(cast, ask, house):
    """The counterpart: otherwise the tests above would be content with an API that never answers."""
    token = token_of(cast.admin)
    assert ask("get_ticket", token=token).json()["subject"] == SECRET
    for name, (wanted, _body) in OPERATIONS.items():
        if name != "delete_webhook" and wanted:
            with clock.frozen(clock.now() + timedelta(minutes=1)):
                assert ask(name, token=token).status_code in {200, 201, 409}, name
