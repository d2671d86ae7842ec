"""The settings screens of the chat, and the script tag that our own pages carry."""

import gzip

import pytest

from madoguchi.foundation import crypto
from madoguchi.foundation.models import AuditEntry
from madoguchi.tickets.models import Ticket
from madoguchi.webchat.models import Widget
from madoguchi.workplace.models import Brand

pytestmark = pytest.mark.django_db
GOOD = {
    "is_active": "on",
    "origins": "https://www.example.com\nhttp://shop.example:8080/",
    "patience": "2",
    "mail_after": "10",
    "colour": "#224488",
}


@pytest.fixture
def admin(cast, client):
    client.force_login(cast.admin)
    return client


@pytest.fixture
def address(cast):
    return f"/settings/chat/{Brand.objects.get(is_default=True).pk}/"


def test_a_brand_switches_its_chat_on(admin, address):
    assert admin.get("/settings/chat/").status_code == 200
    assert admin.post(address, GOOD).status_code == 302
    widget = Widget.objects.get()
    assert widget.is_active
    assert widget.origins == ["https://www.example.com", "http://shop.example:8080"]
    assert AuditEntry.objects.filter(action="webchat.change_widget").exists()
    assert widget.key in admin.get(address).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origins", "*"), ("origins", "https://*.example.com"), ("origins", "example.com"), ("origins", "https://a.example/path"),
        ("origins", "javascript:alert(1)"), ("origins", "https://a.example:99999"), ("colour", "red; background: url(x)"),
        ("privacy_url", "javascript:alert(1)"), ("patience", "0"), ("mail_after", "x"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_field(admin, address, field, value):
    response = admin.post(address, GOOD | {field: value})
    assert response.status_code == 422
    assert not Widget.objects.filter(is_active=True).exists()


def test_the_secret_is_shown_on_demand_and_both_are_recorded(admin, address):
    admin.get(address)
    secret = crypto.decrypt(Widget.objects.get().secret)
    assert secret not in admin.get(address).content.decode()
    assert secret in admin.post(address, {"show_secret": "1"}).content.decode()
    admin.post(f"{address}secret/")
    assert crypto.decrypt(Widget.objects.get().secret) != secret
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"webchat.show_secret", "webchat.rotate_secret"}


def test_the_help_centre_shows_it_when_it_is_on(visitor, client):
    page = client.get("/help/de/").content.decode()
    assert '<script src="/chat/widget.js" data-brand="hoshizora" data-lang="de" defer></script>' in page
    visitor.widget.is_active = False
    visitor.widget.save()
    assert "/chat/widget.js" not in client.get("/help/de/", headers={"Cache-Control": "no-cache"}).content.decode()
    assert client.get("/chat/sample").status_code == 404


def test_the_script_is_small_and_cached(client):
    response = client.get("/chat/widget.js", headers={"Accept-Encoding": "gzip"})
    assert len(response.content) <= 30 * 1024
    assert b"customElements" in gzip.decompress(response.content)
    assert client.get("/chat/widget.js", headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert b"customElements" in client.get("/chat/widget.js").content


def test_an_observer_sees_the_chat_and_may_not_end_it(visitor, cast, client):
    visitor.say()
    number = Ticket.objects.get().pk
    client.force_login(cast.observer)
    assert b"End the chat" not in client.get(f"/tickets/{number}/chat").content
    assert client.post(f"/tickets/{number}/chat/end").status_code == 403
    client.force_login(cast.hana)
    assert client.post(f"/tickets/{number}/chat/end").status_code == 200
    assert visitor.heard()["state"]["ended_by"] == "agent"
    assert client.get("/tickets/99999/chat").status_code == 404
