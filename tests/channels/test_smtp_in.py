"""Our SMTP and LMTP port, from the outside: it answers 250 only for what it has stored."""

import contextlib
import smtplib
import socket
import threading
import time

import pytest
from django.db import OperationalError

from madoguchi.channels.mail import smtp_in
from madoguchi.channels.models import Envelope, Mailbox
from tests.intake.letters import SUPPORT, letter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listener(cast, settings):
    """The listener's loop in a thread, on ports of its own."""
    settings.SMTP_PORT, settings.LMTP_PORT = _free_port(), _free_port()
    stop = threading.Event()
    thread = threading.Thread(target=smtp_in.listen, args=(stop,))
    thread.start()
    for port in (settings.SMTP_PORT, settings.LMTP_PORT):
        _await(port)
    yield settings
    stop.set()
    thread.join(15)
    assert not thread.is_alive()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(port):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError("nobody listens")


def test_a_mail_is_stored_before_it_is_accepted(listener):
    raw = letter("Hello\n.\n..dots\n", message_id="<1@x.example>").replace(b"\n", b"\r\n")
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server:
        server.sendmail("ruth@customer.example", [SUPPORT], raw)
    envelope = Envelope.objects.get()
    assert bytes(envelope.raw) == raw
    assert (envelope.source, envelope.stage, envelope.sender) == ("smtp", "received", "ruth@customer.example")
    assert (envelope.recipients, envelope.mailbox.address, envelope.client_address) == ([SUPPORT], SUPPORT, "127.0.0.1")
    assert envelope.helo


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (SUPPORT, 250), ("SUPPORT@Hoshizora.example", 250), ("support+t-abc@hoshizora.example", 250), ("help@hoshizora.example", 250),
        ("nobody@hoshizora.example", 550), ("ruth@customer.example", 550), ("support@elsewhere.example", 550), ("closed@hoshizora.example", 550),
    ],
)  # fmt: skip
def test_only_our_own_addresses_are_taken(listener, cast, address, code):
    Mailbox.objects.filter(pk=cast.mailbox.pk).update(aliases=["Help@hoshizora.example"])
    Mailbox.objects.create(name="Closed", address="closed@hoshizora.example", is_active=False, created_at=cast.mailbox.created_at)
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server:
        server.ehlo()
        assert server.mail("anybody@elsewhere.example")[0] == 250
        assert server.rcpt(address)[0] == code


def test_a_bounce_without_sender_is_taken(listener):
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server:
        server.sendmail("", [SUPPORT], letter())
    assert Envelope.objects.get().sender == ""


def test_without_a_database_the_sender_is_asked_to_try_again(listener, monkeypatch):
    def away(**_):
        raise OperationalError("connection refused")

    monkeypatch.setattr(smtp_in, "store_envelope", away)
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server, pytest.raises(smtplib.SMTPDataError) as refused:
        server.sendmail("ruth@customer.example", [SUPPORT], letter())
    assert refused.value.smtp_code == 451
    monkeypatch.setattr(smtp_in, "store_envelope", lambda **_: (_ for _ in ()).throw(OperationalError("database or disk is full")))
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server, pytest.raises(smtplib.SMTPDataError) as refused:
        server.sendmail("ruth@customer.example", [SUPPORT], letter())
    assert refused.value.smtp_code == 452
    assert not Envelope.objects.exists()


def test_a_mail_over_the_limit_is_refused_for_good(listener):
    listener.MESSAGE_SIZE_LIMIT = 20_000
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server:
        server.ehlo()
        assert server.esmtp_features["size"] == "20000"
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            server.sendmail("ruth@customer.example", [SUPPORT], letter("x\n" * 30_000))
    assert refused.value.smtp_code == 552


def test_very_long_lines_are_no_reason_to_lose_a_mail(listener):
    raw = b"From: a@customer.example\r\nSubject: long\r\n\r\n" + b"x" * 60_000 + b"\r\n"
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server:
        server.sendmail("a@customer.example", [SUPPORT], raw)
    assert bytes(Envelope.objects.get().raw) == raw


def test_a_broken_off_mail_is_not_stored(listener):
    with socket.create_connection(("127.0.0.1", listener.SMTP_PORT), 5) as client:
        stream = client.makefile("rwb")
        stream.readline()
        for line in (b"HELO x", b"MAIL FROM:<a@customer.example>", b"RCPT TO:<support@hoshizora.example>", b"DATA"):
            stream.write(line + b"\r\n")
            stream.flush()
            assert stream.readline()[:1] in b"23"
        stream.write(b"From: a@customer.example\r\n\r\nhalf a sent")
        stream.flush()
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server:
        server.noop()
    assert not Envelope.objects.exists()


def test_too_many_connections_are_asked_to_come_back(listener):
    listener.SMTP_IN_CONNECTIONS_PER_CLIENT = 2
    with smtplib.SMTP("127.0.0.1", listener.SMTP_PORT), smtplib.SMTP("127.0.0.1", listener.SMTP_PORT):
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", listener.SMTP_PORT)
        assert refused.value.smtp_code == 421
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # until the listener has seen that they left
        with contextlib.suppress(smtplib.SMTPConnectError), smtplib.SMTP("127.0.0.1", listener.SMTP_PORT) as server:
            assert server.noop()[0] == 250
            return
    raise AssertionError("no place becomes free")


def test_lmtp_answers_for_each_recipient(listener):
    with socket.create_connection(("127.0.0.1", listener.LMTP_PORT), 5) as client:
        stream = client.makefile("rwb")
        stream.readline()
        stream.write(b"LHLO x\r\n")
        stream.flush()
        while not stream.readline().startswith(b"250 "):
            pass
        for line in (b"MAIL FROM:<>", b"RCPT TO:<support@hoshizora.example>", b"RCPT TO:<support+a@hoshizora.example>", b"DATA"):
            stream.write(line + b"\r\n")
            stream.flush()
            stream.readline()
        stream.write(letter().replace(b"\n", b"\r\n") + b".\r\n")
        stream.flush()
        assert [stream.readline()[:3], stream.readline()[:3]] == [b"250", b"250"]
    envelope = Envelope.objects.get()
    assert (len(envelope.recipients), envelope.source, envelope.helo) == (2, "lmtp", "x")
