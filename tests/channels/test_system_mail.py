"""Mail of the system itself goes out through the default mailbox."""

import pytest
from django.core.mail import EmailMessage, get_connection

from madoguchi.channels.mail.problems import SendProblem

from .smtp_servers import Sink, running

BACKEND = "madoguchi.channels.mail.system.DefaultMailboxBackend"
pytestmark = pytest.mark.django_db


def send(**options) -> int:
    mail = EmailMessage("Your sign-in link", "Här: https://desk.example", to=["hana@hoshizora.example"], bcc=["b@x.example"])
    mail.from_email = ""
    return get_connection(BACKEND, **options).send_messages([mail])


def test_through_the_default_mailbox(cast):
    with running(Sink()) as sink:
        cast.mailbox.smtp_host, cast.mailbox.smtp_port, cast.mailbox.smtp_security = "127.0.0.1", sink.port, "none"
        cast.mailbox.save()
        assert send() == 1
    (arrived,) = sink.arrived
    assert arrived.sender == "support@hoshizora.example"
    assert arrived.recipients == ["hana@hoshizora.example", "b@x.example"]
    assert arrived.mail["Auto-Submitted"] == "auto-generated"
    assert arrived.mail.get_content().startswith("Här: ")


def test_through_the_folder_before_any_mailbox_exists(settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path
    assert send() == 1
    (file,) = tmp_path.glob("*.eml")
    assert b"Your sign-in link" in file.read_bytes()


def test_no_way_out_is_said_or_logged(cast):
    with pytest.raises(SendProblem):
        send()
    assert send(fail_silently=True) == 0
