"""SPF, DKIM and DMARC of mail that comes straight to our port: checked after the mail is kept, against a local name server."""

import base64
import time
from dataclasses import asdict
from ipaddress import ip_network

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from madoguchi.channels.mail.origin import is_relay
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import jobs
from madoguchi.foundation.models import Event, Job
from madoguchi.intake import jobs as _registered  # noqa: F401
from madoguchi.tickets.models import Message
from tests.fakes.dns import Names
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = "93.184.216.9"  # a documentation address would not be public
SENDER = "Kei <kei@shop.example>"


@pytest.fixture(scope="module")
def key():
    made = rsa.generate_private_key(65537, 2048)
    pem = made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    der = made.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, base64.b64encode(der).decode()


@pytest.fixture
def names(cast, key, settings):
    public = key[1]
    records = {
        ("shop.example", "TXT"): [f'"v=spf1 ip4:{PUBLIC} -all"'],
        ("_dmarc.shop.example", "TXT"): ['"v=DMARC1; p=reject"'],
        ("s._domainkey.shop.example", "TXT"): [f'"v=DKIM1; k=rsa; p={public[:200]}" "{public[200:]}"'],
    }
    with Names(records) as server:
        settings.DNS_SERVER = server.address
        yield server


def take(raw, address, **fields):
    [envelope] = arrive(raw, client_address=address, helo="mx.shop.example", sender="kei@shop.example", **fields)
    assert envelope.auth == {}  # the mail does not wait for name servers
    jobs.run_until_empty(queues=("dns",))
    envelope.refresh_from_db()
    message = Message.objects.get(envelope=envelope)
    assert message.auth == envelope.auth
    return tuple(message.auth.get(name, "") for name in ("spf", "dkim", "dmarc"))


def signed(key):
    raw = letter(sender=SENDER, message_id="<1@shop.example>").replace(b"\n", b"\r\n")
    return dkim.sign(raw, b"s", b"shop.example", key[0], include_headers=[b"from", b"subject"]) + raw


@pytest.mark.parametrize(
    ("address", "with_signature", "expected"),
    [
        (PUBLIC, False, ("pass", "none", "pass")),
        ("::ffff:" + PUBLIC, False, ("pass", "none", "pass")),
        ("93.184.216.7", False, ("fail", "none", "fail")),
        ("93.184.216.7", True, ("fail", "pass", "pass")),
        # A relay's address says nothing about the sender: neither SPF nor a failed DMARC may be shown.
        ("127.0.0.1", False, ("", "none", "")),
        ("10.1.2.3", True, ("", "pass", "pass")),
    ],
)  # fmt: skip
def test_what_a_mail_proves_stands_in_its_ticket(names, key, address, with_signature, expected):
    raw = signed(key) if with_signature else letter(sender=SENDER, message_id="<1@shop.example>")
    assert take(raw, address) == expected
    assert Event.objects.filter(name="tickets.OriginChecked", ticket_id=Message.objects.get().ticket_id).count() == 1


def test_the_ticket_shows_it_like_a_reported_result(names, cast, client):
    take(letter(sender=SENDER), "93.184.216.7")
    client.force_login(cast.admin)
    page = client.get(reverse("ticket", args=[Message.objects.get().ticket_id])).content.decode()
    assert "Sender not verified" in page
    assert "SPF fail · DKIM none · DMARC fail" in page


def test_a_stranger_cannot_vouch_for_himself(names, cast, settings):
    Mailbox.objects.update(trusted_authserv="mx.hoshizora.example")
    claim = letter(sender=SENDER, authentication_results="mx.hoshizora.example; dmarc=pass header.from=shop.example")
    assert take(claim, "93.184.216.7")[2] == "fail"
    settings.SMTP_RELAYS = [ip_network("93.184.216.0/24")]
    [envelope] = arrive(claim.replace(b"Order", b"Two"), client_address="93.184.216.7")
    assert (envelope.auth["dmarc"], envelope.auth["source"]) == ("pass", "mx.hoshizora.example")


@pytest.mark.parametrize("source", ["lmtp", "pipe", "imap", "import"])
def test_what_another_server_took_in_is_not_checked_again(names, cast, source):
    from madoguchi.channels.actions import store_envelope
    from madoguchi.intake import queue

    store_envelope(raw=letter(sender=SENDER), source=source, client_address=PUBLIC)
    assert queue.work_off() == 1
    assert not Job.objects.filter(name="intake.check_origin").exists()


def test_it_can_be_switched_off(names, settings):
    settings.CHECK_ORIGIN = False
    assert take(letter(sender=SENDER), PUBLIC) == ("", "", "")
    assert names.asked == []


def test_silent_name_servers_hold_nothing_up_and_are_asked_again(names, cast, monkeypatch):
    names.records["_dmarc.shop.example", "TXT"] = "silent"
    monkeypatch.setattr("madoguchi.channels.mail.authentication_check.SystemResolver", _hasty())
    began = time.monotonic()
    [envelope] = arrive(letter(sender=SENDER), client_address=PUBLIC, sender="kei@shop.example")
    assert envelope.stage == "kept"
    assert time.monotonic() - began < 2
    jobs.run_until_empty(queues=("dns",))
    assert Message.objects.get().auth["dmarc"] == "temperror"
    again = Job.objects.get(name="intake.check_origin")
    assert again.args["tries"] == 2
    names.records["_dmarc.shop.example", "TXT"] = ['"v=DMARC1; p=none"']
    Job.objects.update(run_at=again.created_at)
    jobs.run_until_empty(queues=("dns",))
    assert Message.objects.get().auth["dmarc"] == "pass"


def _hasty():
    from functools import partial

    from madoguchi.channels.mail.authentication_check import SystemResolver

    return partial(SystemResolver, seconds=0.4)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0" * 50, b"DKIM-Signature: v=1; a=rsa-sha256; d=; s=\r\nFrom: @\r\n\r\nx", b"From: a@" + b"x." * 400 + b"example\r\n\r\n"],
)
def test_hostile_mail_is_checked_without_a_crash(names, raw):
    from madoguchi.channels.mail.authentication_check import SystemResolver, check

    found = check(raw, ip=PUBLIC, helo="\0", mail_from="a@" + "b" * 300, from_addr="@", resolver=SystemResolver(seconds=1))
    assert set(asdict(found)) >= {"spf", "dkim", "dmarc"}


def test_relays(settings):
    settings.SMTP_RELAYS = [ip_network("2001:db8::/32")]
    assert [is_relay(a) for a in ("127.0.0.1", "::1", "fe80::1%eth0", "192.168.0.9", "2001:db8::5", "local", PUBLIC, "2606:4700::1")] == [
        True, True, True, True, True, True, False, False,
    ]  # fmt: skip
