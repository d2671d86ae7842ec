"""Webhooks in the browser: made, changed, paused, tested, their log read and sent again; for those who may manage the API."""

import json
import re

import pytest
from django.utils.module_loading import autodiscover_modules

from madoguchi.api import actions
from madoguchi.api.models import WebhookDelivery, WebhookEndpoint
from madoguchi.foundation import clock, crypto, jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.models import AuditEntry
from madoguchi.staff.models import Notice
from madoguchi.tickets import actions as tickets
from tests.foundation.test_outgoing import Server

pytestmark = pytest.mark.django_db
LIST = "/settings/webhooks/"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.PRIVATE_WEBHOOK_HOSTS = ["127.0.0.1"]
    autodiscover_modules("jobs")


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.admin)
    return client


def made(url="https://hook.example.com/in", events=()) -> WebhookEndpoint:
    return actions.add_endpoint(url=url, events=list(events), agent=None, by=SYSTEM)[0]


def happen(cast) -> None:
    tickets.tag(ticket_id=cast.ticket().pk, names=["x"], by=SYSTEM)
    jobs.run_until_empty()


def text(answer) -> str:
    return answer.content.decode()


def test_a_webhook_is_made_and_its_secret_shown_this_once(admin):
    answer = admin.post(LIST + "new/", {"url": "https://hook.example.com/in", "events": ["ticket.solved", "ticket.created"]})
    row = WebhookEndpoint.objects.get()
    shown = re.search(r"whsec_[A-Za-z0-9+/=]+", text(answer))
    assert shown
    assert shown[0] == crypto.decrypt(row.secret)
    assert "no-store" in answer["Cache-Control"]
    assert row.events == ["ticket.created", "ticket.solved"]
    for page in (LIST, f"{LIST}{row.pk}/", f"{LIST}{row.pk}/deliveries/"):
        assert "whsec_" not in text(admin.get(page))
    assert "https://hook.example.com/in" in text(admin.get(LIST))


@pytest.mark.parametrize("url", ["", "ftp://hook.example.com/", "http://10.0.0.1/", "http://localhost/", "https://a b/"])
def test_an_address_that_may_not_be_called_is_refused_at_its_field(admin, url):
    answer = admin.post(LIST + "new/", {"url": url})
    assert answer.status_code == 422
    assert 'id="id_url_error"' in text(answer)
    assert not WebhookEndpoint.objects.exists()


def test_an_event_that_does_not_exist_is_refused(admin):
    assert admin.post(LIST + "new/", {"url": "https://hook.example.com/", "events": ["ticket.eaten"]}).status_code == 422
    assert not WebhookEndpoint.objects.exists()


def test_it_is_changed_paused_and_switched_on(admin):
    row = made()
    page = f"{LIST}{row.pk}/"
    admin.post(page, {"url": "https://other.example.com/", "events": ["ticket.solved"]})
    admin.post(page + "switch/", {"on": "no"})
    row.refresh_from_db()
    assert (row.url, row.events, row.is_active) == ("https://other.example.com/", ["ticket.solved"], False)
    assert "Paused" in text(admin.get(LIST))
    admin.post(page + "switch/", {"on": "yes"})
    row.refresh_from_db()
    assert row.is_active


def test_a_new_secret_is_shown_once_and_the_old_one_signs_for_a_day(admin):
    row = made()
    before = row.secret
    assert "whsec_" not in text(admin.get(f"{LIST}{row.pk}/secret/"))
    answer = admin.post(f"{LIST}{row.pk}/secret/")
    row.refresh_from_db()
    assert crypto.decrypt(row.secret) in text(answer)
    assert (row.old_secret, row.old_secret_until is not None) == (before, True)


def test_it_is_deleted_after_a_question(admin):
    row = made()
    assert WebhookEndpoint.objects.filter(pk=row.pk).exists()
    assert admin.get(f"{LIST}{row.pk}/delete/").status_code == 200
    assert admin.post(f"{LIST}{row.pk}/delete/").status_code == 302
    assert not WebhookEndpoint.objects.exists()


def test_a_test_is_sent_at_once_also_during_a_pause(admin, cast):
    with Server() as server:
        row = made(server.url)
        actions.change_endpoint(endpoint_id=row.pk, is_active=False, by=SYSTEM)
        page = admin.post(f"{LIST}{row.pk}/test/", follow=True)
    ((_, headers, body),) = server.seen
    fact = json.loads(body)
    assert (fact["type"], fact["data"]["actor"]["id"]) == ("webhook.test", cast.admin.pk)
    assert headers["webhook-signature"].startswith("v1,")
    assert "The test was accepted" in text(page)
    assert WebhookDelivery.objects.get().state == "delivered"
    assert AuditEntry.objects.filter(action="api.test_webhook").count() == 1


def test_a_test_that_fails_is_shown_and_neither_repeated_nor_counted(admin):
    with Server(status=410) as server:
        row = made(server.url)
        page = admin.post(f"{LIST}{row.pk}/test/", follow=True)
        jobs.run_until_empty()
    assert "The test was not accepted" in text(page)
    assert "410" in text(page)
    assert len(server.seen) == 1
    row.refresh_from_db()
    assert (row.is_active, row.failing_since) == (True, None)
    assert WebhookDelivery.objects.get().state == "failed"


def test_tests_are_not_a_cannon(admin):
    with Server() as server, clock.frozen(clock.now()):  # within one window of the limit
        row = made(server.url)
        codes = [admin.post(f"{LIST}{row.pk}/test/").status_code for _ in range(12)]
    assert codes[:10] == [302] * 10
    assert codes[-1] == 429
    assert len(server.seen) == 10


def test_the_log_tells_state_attempts_and_answer(admin, cast):
    with Server(status=500) as server:
        row = made(server.url)
        happen(cast)
    log = text(admin.get(f"{LIST}{row.pk}/deliveries/"))
    assert "ticket.changed" in log
    assert "Retrying" in log
    assert "500" in log
    delivery = WebhookDelivery.objects.get()
    page = text(admin.get(f"{LIST}deliveries/{delivery.pk}/"))
    assert delivery.webhook_id in page
    assert "500" in page
    assert "ticket.changed" in text(admin.get(f"{LIST}{row.pk}/deliveries/?state=retry"))
    assert "ticket.changed" not in text(admin.get(f"{LIST}{row.pk}/deliveries/?state=delivered"))
    assert admin.get(f"{LIST}{row.pk}/deliveries/?state=eaten").status_code == 404


def test_what_an_answer_says_is_text_and_never_markup(admin, cast):
    row = made()
    delivery = actions.write_test(endpoint_id=row.pk, by=SYSTEM)
    actions.note_call(delivery=delivery, status=0, said="<script>alert(1)</script>", milliseconds=1)
    for page in (f"{LIST}{row.pk}/deliveries/", f"{LIST}deliveries/{delivery.pk}/"):
        assert "<script>alert" not in text(admin.get(page))


def test_the_log_goes_on_from_page_to_page(admin):
    row = made()
    for _ in range(60):
        actions.write_test(endpoint_id=row.pk, by=SYSTEM)
    first = text(admin.get(f"{LIST}{row.pk}/deliveries/"))
    onwards = re.search(r'href="(\?state=&amp;before=\d+)"', first)
    assert onwards
    second = text(admin.get(f"{LIST}{row.pk}/deliveries/{onwards[1].replace('&amp;', '&')}"))
    assert (first.count("evt_test_"), second.count("evt_test_")) == (50, 10)


def test_one_is_sent_again(admin, cast):
    with Server() as server:
        made(server.url)
        happen(cast)
        delivery = WebhookDelivery.objects.get()
        admin.post(f"{LIST}deliveries/{delivery.pk}/replay/")
        jobs.run_until_empty()
    assert [headers["webhook-id"] for _, headers, _ in server.seen] == [delivery.webhook_id] * 2


def test_one_that_waits_for_its_next_attempt_is_sent_at_once(admin, cast):
    with Server(status=500) as server:
        made(server.url)
        happen(cast)
        assert len(server.seen) == 1
        admin.post(f"{LIST}deliveries/{WebhookDelivery.objects.get().pk}/replay/")
        jobs.run_until_empty()
    assert len(server.seen) == 2


def test_all_failed_are_sent_again(admin, cast):
    with Server() as server:
        row = made(server.url)
        for _ in range(3):
            happen(cast)
        actions.give_up(delivery_id=actions.write_test(endpoint_id=row.pk, by=SYSTEM).pk)  # a test is not sent again with the others
        WebhookDelivery.objects.filter(pk__in=list(WebhookDelivery.objects.exclude(event_id=None).values_list("pk", flat=True)[:2])).update(
            state="failed"
        )
        page = admin.post(f"{LIST}{row.pk}/deliveries/replay-failed/", follow=True)
        jobs.run_until_empty()
    assert "2 calls are sent again" in text(page)
    assert len(server.seen) == 5
    assert set(WebhookDelivery.objects.exclude(event_id=None).values_list("state", flat=True)) == {"delivered"}


def test_during_a_pause_nothing_is_sent_again(admin, cast):
    with Server() as server:
        row = made(server.url)
        happen(cast)
        WebhookDelivery.objects.update(state="failed")
        actions.change_endpoint(endpoint_id=row.pk, is_active=False, by=SYSTEM)
        for address in (f"{LIST}deliveries/{WebhookDelivery.objects.get().pk}/replay/", f"{LIST}{row.pk}/deliveries/replay-failed/"):
            assert "Switch it on first" in text(admin.post(address, follow=True))
    assert WebhookDelivery.objects.get().state == "failed"


def test_the_settings_lead_to_webhooks_only_those_who_may_manage_the_api(client, cast):
    client.force_login(cast.admin)
    assert LIST in text(client.get("/settings/"))
    client.force_login(cast.supervisor)
    assert LIST not in text(client.get("/settings/"))
    assert client.get(LIST).status_code == 403


def test_who_is_told_of_a_webhook_that_was_switched_off_finds_it(admin, cast):
    row = made("https://gone.example.com/")
    delivery = actions.write_test(endpoint_id=row.pk, by=SYSTEM)
    delivery.event_id = 1
    actions.note_call(delivery=delivery, status=410, said="", milliseconds=1)
    assert Notice.objects.filter(agent=cast.admin, kind="webhook_off").count() == 1
    page = text(admin.get("/notices"))
    assert "https://gone.example.com/" in page
    assert f'href="{LIST}"' in page
    assert "Switched off by itself" in text(admin.get(LIST))
