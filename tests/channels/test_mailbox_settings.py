"""Mailboxes through the settings screens: secrets never come back, addresses are nobody else's, the test speaks in words."""

import base64

import dkim
import pytest

from madoguchi.channels.mail.dkim_record import record_of
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import crypto
from madoguchi.foundation.models import AuditEntry

FORM = {
    "name": "Orders", "address": "Orders@hoshizora.example", "aliases": "shop@hoshizora.example\nOrder@hoshizora.example\n", "is_active": "on",
    "incoming": "imap", "auth": "password", "imap_host": "127.0.0.1", "imap_port": "1", "imap_security": "none", "imap_user": "orders",
    "imap_secret": "imap geheim", "imap_folder": "INBOX", "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "none",
    "smtp_secret": "smtp geheim",
}  # fmt: skip


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.admin)
    return client


def test_a_mailbox_is_made_changed_and_its_secrets_stay_secret(admin):
    made = admin.post("/settings/mailboxes/new/", FORM)
    box = Mailbox.objects.get(address="orders@hoshizora.example")
    assert made["Location"] == f"/settings/mailboxes/{box.pk}/test/"
    assert box.aliases == ["shop@hoshizora.example", "order@hoshizora.example"]
    assert crypto.decrypt(box.imap_secret) == "imap geheim"
    page = admin.get(f"/settings/mailboxes/{box.pk}/").content.decode()
    assert "geheim" not in page
    assert box.imap_secret not in page
    admin.post(f"/settings/mailboxes/{box.pk}/", {**FORM, "imap_secret": "", "smtp_secret": "neu geheim", "name": "Bestellungen"})
    box.refresh_from_db()
    assert (crypto.decrypt(box.imap_secret), crypto.decrypt(box.smtp_secret), box.name) == ("imap geheim", "neu geheim", "Bestellungen")
    entry = AuditEntry.objects.get(action="mailbox.change")
    assert entry.detail == {"name": ["Orders", "Bestellungen"], "smtp_secret": ["…", "…"]}
    assert "geheim" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "support@hoshizora.example"}, "address"), ({"aliases": "support@hoshizora.example"}, "aliases"),
        ({"aliases": "not an address"}, "aliases"), ({"imap_host": ""}, "imap_host"), ({"imap_port": "99999"}, "imap_port"),
        ({"name": ""}, "name"),
    ],
)  # fmt: skip
def test_nonsense_is_told_at_its_field(admin, change, field):
    answer = admin.post("/settings/mailboxes/new/", {**FORM, **change})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_another_account_is_read_from_its_beginning(admin):
    admin.post("/settings/mailboxes/new/", FORM)
    box = Mailbox.objects.get(address="orders@hoshizora.example")
    Mailbox.objects.filter(pk=box.pk).update(imap_uidvalidity=7, imap_last_uid=900)
    admin.post(f"/settings/mailboxes/{box.pk}/", {**FORM, "name": "Only the name"})
    box.refresh_from_db()
    assert box.imap_last_uid == 900
    admin.post(f"/settings/mailboxes/{box.pk}/", {**FORM, "imap_folder": "Support"})
    box.refresh_from_db()
    assert (box.imap_uidvalidity, box.imap_last_uid) == (None, 0)


def test_there_is_one_default_mailbox_and_it_is_not_deleted_first(admin, cast):
    admin.post("/settings/mailboxes/new/", {**FORM, "is_default": "on"})
    assert list(Mailbox.objects.filter(is_default=True).values_list("address", flat=True)) == ["orders@hoshizora.example"]
    box = Mailbox.objects.get(is_default=True)
    assert admin.post(f"/settings/mailboxes/{box.pk}/delete/").status_code == 409
    assert admin.post(f"/settings/mailboxes/{cast.mailbox.pk}/delete/").status_code == 302
    assert Mailbox.objects.count() == 1


def test_the_connection_test_says_in_words_what_is_wrong(admin):
    admin.post("/settings/mailboxes/new/", FORM)
    box = Mailbox.objects.get(address="orders@hoshizora.example")
    assert admin.get(f"/settings/mailboxes/{box.pk}/test/").context["steps"] is None
    steps = admin.post(f"/settings/mailboxes/{box.pk}/test/").context["steps"]
    assert [step.ok for step in steps] == [False, False]
    assert "127.0.0.1:1 refused the connection" in steps[0].text
    assert "127.0.0.1:1" in steps[1].text


def test_a_dkim_key_signs_what_its_record_verifies(admin, cast):
    from madoguchi.channels.mail.letter import DkimKey, dkim_sign

    page = f"/settings/mailboxes/{cast.mailbox.pk}/dkim/"
    admin.post(page)
    cast.mailbox.refresh_from_db()
    record = record_of(cast.mailbox)
    shown = admin.get(page).content.decode()
    assert record.name in shown
    assert record.text.replace("+", "&#x2B;").replace("=", "&#x3D;") in shown or record.text in shown
    private = crypto.decrypt(cast.mailbox.dkim_key)
    assert "PRIVATE" in private
    assert private[40:80] not in shown
    mail = dkim_sign(
        b"From: support@hoshizora.example\r\nSubject: x\r\n\r\nHello\r\n", DkimKey(cast.mailbox.dkim_selector, "hoshizora.example", private)
    )
    assert dkim.verify(mail, dnsfunc=lambda name, timeout=5: record.text.encode() if name.decode().rstrip(".") == record.name else None)
    base64.b64decode(record.text.rpartition("p=")[2], validate=True)
    admin.post(f"{page}remove/")
    cast.mailbox.refresh_from_db()
    assert cast.mailbox.dkim_key == ""


def test_coming_back_from_google_needs_the_question_that_was_asked(admin, cast, monkeypatch):
    Mailbox.objects.filter(pk=cast.mailbox.pk).update(auth="google", oauth_client_id="c", oauth_client_secret=crypto.encrypt("s"))
    from urllib.parse import parse_qs, urlsplit

    from madoguchi.channels import views

    monkeypatch.setattr(views, "refresh_token_for", lambda grant, *, code, redirect_uri: f"refresh for {code}")
    page = admin.post(f"/settings/mailboxes/{cast.mailbox.pk}/connect/")
    state = parse_qs(urlsplit(page.context["address"]).query)["state"][0]
    assert admin.get("/settings/mailboxes/connected/", {"code": "1", "state": "forged"}).status_code == 403
    assert admin.get("/settings/mailboxes/connected/", {"code": "1", "state": state}).status_code == 302
    cast.mailbox.refresh_from_db()
    assert crypto.decrypt(cast.mailbox.oauth_refresh_secret) == "refresh for 1"
    assert admin.get("/settings/mailboxes/connected/", {"code": "2", "state": state}).status_code == 403, "a state is used once"


def test_only_those_who_manage_mailboxes_see_them(client, cast):
    client.force_login(cast.supervisor)
    assert client.get("/settings/mailboxes/").status_code == 403
    assert client.post(f"/settings/mailboxes/{cast.mailbox.pk}/dkim/").status_code == 403
