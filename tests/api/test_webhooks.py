"""Webhooks: signed as the standard says, delivered durably, tried again, switched off when nobody answers, replayed."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.utils.module_loading import autodiscover_modules

from madoguchi.api import actions, signing
from madoguchi.api.models import WebhookDelivery, WebhookEndpoint
from madoguchi.api.webhook_events import EVENTS
from madoguchi.foundation import clock, jobs
from madoguchi.foundation.actor import SYSTEM, agent_actor
from madoguchi.foundation.errors import Conflict, Invalid
from madoguchi.foundation.models import Event, Job
from madoguchi.staff.models import Notice
from madoguchi.tickets import actions as tickets
from tests.foundation.test_outgoing import Server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.PRIVATE_WEBHOOK_HOSTS = ["127.0.0.1"]
    autodiscover_modules("jobs")


def endpoint(server, events=(), agent=None) -> tuple[WebhookEndpoint, str]:
    return actions.add_endpoint(url=server.url, events=list(events), agent=agent, by=SYSTEM)


def run() -> None:
    jobs.run_until_empty()


def test_the_signature_is_the_standards():
    """The example of the Standard Webhooks specification's reference libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signing.signature(secret, webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_arrives_signed(cast):
    with Server() as server:
        _, secret = endpoint(server)
        ticket = cast.ticket()
        message = tickets.reply(ticket_id=ticket.pk, text="Hello", by=agent_actor(cast.hana), status="")
        run()
    ((_, headers, body),) = server.seen
    fact = json.loads(body)
    assert fact["type"] == "ticket.replied"
    assert fact["data"] == {
        "ticket_id": ticket.pk, "team_id": None, "message_id": message.pk, "by_person": True,
        "actor": {"kind": "agent", "id": cast.hana.pk, "name": "Hana Mori"},
    }  # fmt: skip
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == "delivered"
    attempt = delivery.calls.get()
    assert (attempt.status, attempt.said) == (200, "ok")


def test_only_what_was_asked_for(cast):
    with Server() as server:
        endpoint(server, ["ticket.solved"])
        ticket = cast.ticket()
        tickets.set_field(ticket_id=ticket.pk, field="priority", value=4, by=SYSTEM)
        tickets.set_status(ticket_id=ticket.pk, status="solved", by=SYSTEM)
        tickets.set_status(ticket_id=ticket.pk, status="open", by=SYSTEM)
        run()
    assert [json.loads(body)["type"] for _, _, body in server.seen] == ["ticket.solved"]


def test_an_unknown_type_and_a_private_address_are_refused(cast, settings):
    with pytest.raises(Invalid):
        actions.add_endpoint(url="https://hook.example.com/", events=["ticket.eaten"], agent=None, by=SYSTEM)
    settings.PRIVATE_WEBHOOK_HOSTS = []
    with pytest.raises(Invalid):
        actions.add_endpoint(url="http://10.1.2.3/", events=[], agent=None, by=SYSTEM)


def test_two_signatures_while_the_secret_changes(cast):
    with Server() as server:
        made, old = endpoint(server)
        new = actions.rotate_secret(endpoint_id=made.pk, by=SYSTEM)
        cast_ticket_changes(cast)
        with clock.frozen(clock.now() + timedelta(hours=25)):
            cast_ticket_changes(cast)
    (_, first, body), (_, second, _) = server.seen
    given = first["webhook-signature"].split(" ")
    expected = [
        signing.signature(key, webhook_id=first["webhook-id"], timestamp=int(first["webhook-timestamp"]), body=body) for key in (new, old)
    ]
    assert given == expected
    assert len(second["webhook-signature"].split(" ")) == 1


def cast_ticket_changes(cast):
    tickets.tag(ticket_id=cast.ticket().pk, names=[clock.now().isoformat()], by=SYSTEM)
    run()


def test_a_failure_is_tried_again_under_the_same_id(cast):
    with Server(status=500) as server:
        endpoint(server)
        cast_ticket_changes(cast)
        with clock.frozen(clock.now() + timedelta(minutes=2)):
            run()
    assert len(server.seen) == 2
    assert len({headers["webhook-id"] for _, headers, _ in server.seen}) == 1
    assert WebhookDelivery.objects.get().state == "retry"
    assert [attempt.status for attempt in WebhookDelivery.objects.get().calls.all()] == [500, 500]


def test_after_many_attempts_it_rests_and_can_be_replayed(cast):
    with Server(status=503) as server:
        endpoint(server)
        cast_ticket_changes(cast)
        now = clock.now()
        for _ in range(jobs.MAX_ATTEMPTS):
            now += timedelta(hours=13)
            with clock.frozen(now):
                run()
        delivery = WebhookDelivery.objects.get()
        assert delivery.state == "failed"
        WebhookEndpoint.objects.update(is_active=True)
        before = len(server.seen)
        actions.replay(delivery_id=delivery.pk, by=SYSTEM)
        run()
    assert len(server.seen) == before + 1


def test_an_endpoint_that_fails_for_days_is_switched_off_and_told(cast, monkeypatch):
    monkeypatch.setattr(actions, "GIVE_UP_AFTER", timedelta(hours=1))
    with Server(status=500) as server:
        endpoint(server)
        cast_ticket_changes(cast)
        with clock.frozen(clock.now() + timedelta(hours=2)):
            run()
        with clock.frozen(clock.now() + timedelta(hours=20)):
            run()
    made = WebhookEndpoint.objects.get()
    assert (made.is_active, made.off_reason) == (False, "ok")
    assert [notice.agent for notice in Notice.objects.filter(kind="webhook_off")] == [cast.admin]
    assert len(server.seen) == 2
    assert WebhookDelivery.objects.get().state == "failed"


def test_a_success_ends_the_count_of_failures(cast):
    with Server() as server:
        made, _ = endpoint(server)
        WebhookEndpoint.objects.update(failing_since=clock.now() - timedelta(days=30))
        cast_ticket_changes(cast)
    made.refresh_from_db()
    assert (made.failing_since, made.is_active) == (None, True)


def test_gone_means_gone(cast):
    with Server(status=410) as server:
        endpoint(server)
        cast_ticket_changes(cast)
    assert not WebhookEndpoint.objects.get().is_active


def test_redirects_count_as_failures(cast):
    with Server(status=302, headers=[("Location", "http://127.0.0.1:1/")]) as server:
        endpoint(server)
        cast_ticket_changes(cast)
    assert WebhookDelivery.objects.get().calls.get().status == 302
    assert WebhookDelivery.objects.get().state == "retry"


def test_a_time_span_is_replayed_also_what_happened_while_it_was_off(cast):
    with Server() as server:
        made, _ = endpoint(server)
        start = clock.now() - timedelta(minutes=1)
        cast_ticket_changes(cast)
        actions.change_endpoint(endpoint_id=made.pk, is_active=False, by=SYSTEM)
        cast_ticket_changes(cast)
        assert len(server.seen) == 1
        made = actions.change_endpoint(endpoint_id=made.pk, is_active=True, by=SYSTEM)
        assert actions.replay_range(endpoint_id=made.pk, since=start, until=clock.now() + timedelta(minutes=1), by=SYSTEM) == 2
        run()
    ids = [headers["webhook-id"] for _, headers, _ in server.seen]
    assert (len(ids), len(set(ids))) == (3, 2)


def test_a_long_time_span_is_replayed_in_few_statements(cast, django_assert_max_num_queries):
    """In one transaction nobody else writes on SQLite: it must not last."""
    ticket = cast.ticket()
    Event.objects.bulk_create(
        Event(name="tickets.TicketChanged", payload={"ticket_id": ticket.pk, "team_id": None, "field": "kind"}, at=clock.now())
        for _ in range(2000)
    )
    made, _ = actions.add_endpoint(url="https://hook.example.com/", events=[], agent=None, by=SYSTEM)
    span = {"since": clock.now() - timedelta(hours=1), "until": clock.now() + timedelta(hours=1)}
    for _ in range(2):  # the first makes them, the second finds them waiting
        with django_assert_max_num_queries(100):
            assert actions.replay_range(endpoint_id=made.pk, by=SYSTEM, **span) == 2000
        assert Job.objects.filter(name="api.deliver_webhook").count() == 2000
    WebhookDelivery.objects.update(state="failed")
    Job.objects.all().delete()
    with django_assert_max_num_queries(100):
        assert actions.replay_failed(endpoint_id=made.pk, by=SYSTEM) == 2000
    assert Job.objects.filter(name="api.deliver_webhook", lock=f"webhook:{made.pk}").count() == 2000


def test_a_time_span_that_ends_before_it_begins_is_refused(cast):
    made, _ = actions.add_endpoint(url="https://hook.example.com/", events=[], agent=None, by=SYSTEM)
    now = clock.now()
    assert actions.replay_range(endpoint_id=made.pk, since=now, until=now, by=SYSTEM) == 0
    with pytest.raises(Conflict):
        actions.replay_range(endpoint_id=made.pk, since=now, until=now - timedelta(seconds=1), by=SYSTEM)


def test_without_endpoints_no_work_is_made(cast):
    tickets.tag(ticket_id=cast.ticket().pk, names=["x"], by=SYSTEM)
    from madoguchi.foundation.events import fan_out

    fan_out()
    assert not Job.objects.filter(args__handler="madoguchi.api.handlers.announce").exists()


def test_every_public_type_is_documented():
    from pathlib import Path

    text = Path("docs/developers/webhooks.md").read_text(encoding="utf-8")
    assert [name for name in EVENTS if f"`{name}`" not in text] == []
