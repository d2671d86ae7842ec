"""`madoguchi mail import | receive`: files of every kind through the real way, exit statuses that a mail server understands."""

import io
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from madoguchi.channels.mail.files import find_mails
from madoguchi.channels.models import Envelope
from madoguchi.config import cli
from madoguchi.intake import commands
from madoguchi.intake.commands import import_path
from madoguchi.tickets.models import Message
from tests.intake.letters import letter

pytestmark = pytest.mark.django_db(transaction=True)
FATES = ("stored", "duplicates", "quarantined", "bounces", "auto_replies", "loops", "spam")


def a_mail(number, text="Hello", **fields):
    return letter(text, **({"message_id": f"<{number}@x.example>"} | fields))


def test_every_file_of_a_folder_is_counted_once(cast, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "1.eml").write_bytes(a_mail(1))
    (tmp_path / "2.eml").write_bytes(a_mail(1))
    (tmp_path / "deep" / "3.eml").write_bytes(a_mail(2, auto_submitted="auto-replied"))
    (tmp_path / "4.txt").write_text("just a text\n")
    (tmp_path / "5.bin").write_bytes(b"")
    (tmp_path / "6.eml").write_bytes(a_mail(3, sender="support@hoshizora.example"))
    (tmp_path / "7.eml").write_bytes(a_mail(4, x_spam_flag="YES"))
    (tmp_path / ".hidden").write_bytes(a_mail(9))
    (tmp_path / "manifest.jsonl").write_text("{}\n")
    report = import_path(tmp_path, model=False)
    assert report["inputs"] == sum(report[fate] for fate in FATES) == 7
    assert [report[fate] for fate in FATES] == [1, 1, 2, 0, 1, 1, 1]


def test_an_mbox_is_cut_where_its_mails_begin(cast, tmp_path):
    body = "First line\n\n>From here on it is quoted\n\nFrom the beginning it was late.\n"
    box = b"From a@x Wed Nov 25 10:00:00 2026\n" + a_mail(1, body).replace(b">From", b">>From") + b"\n"
    box += b"From b@x Wed Nov 25 10:00:01 2026\n" + a_mail(2) + b"\n"
    (tmp_path / "box").write_bytes(box)
    report = import_path(tmp_path / "box", model=False)
    assert (report["inputs"], report["stored"]) == (2, 2)
    text = Message.objects.get(message_id="<1@x.example>").text
    assert text == body


def test_a_maildir_is_read_without_what_is_still_being_written(cast, tmp_path):
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    (tmp_path / "tmp" / "0").write_bytes(a_mail(0))
    (tmp_path / "new" / "1.host").write_bytes(a_mail(1))
    (tmp_path / "cur" / "2.host:2,S").write_bytes(a_mail(2))
    assert import_path(tmp_path, model=False)["stored"] == 2


def test_old_mail_is_never_answered_by_machine(cast, tmp_path):
    (tmp_path / "1.eml").write_bytes(a_mail(1))
    import_path(tmp_path, model=False)
    assert Message.objects.get().may_auto_answer is False


def test_a_mail_over_the_limit_is_counted_and_its_beginning_kept(cast, tmp_path, settings):
    settings.MESSAGE_SIZE_LIMIT = 10_000
    (tmp_path / "1.eml").write_bytes(a_mail(1, "line\n" * 5000))
    assert import_path(tmp_path, model=False)["quarantined"] == 1
    assert (Envelope.objects.get().reason, Envelope.objects.get().size > 10_000) == ("too_large", True)


def test_one_that_breaks_the_program_is_quarantined_and_the_rest_is_kept(cast, tmp_path, monkeypatch):
    from madoguchi.intake import pipeline

    to_inbound = pipeline.to_inbound

    def breaks(arrival, *rest, **more):
        if "<2@" in arrival.mail.message_id:
            raise RuntimeError("no way")
        return to_inbound(arrival, *rest, **more)

    monkeypatch.setattr(pipeline, "to_inbound", breaks)
    for number in (1, 2, 3):
        (tmp_path / f"{number}.eml").write_bytes(a_mail(number))
    report = import_path(tmp_path, model=False)
    assert (report["stored"], report["quarantined"]) == (2, 1)
    assert Envelope.objects.filter(stage="quarantined").count() == 1


def test_the_report_is_one_json_object(cast, tmp_path, capsys):
    (tmp_path / "1.eml").write_bytes(a_mail(1))
    assert cli._run("madoguchi.intake.commands", _options(action="import", path=tmp_path, json=True, read=False)) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["inputs", *FATES, "tickets", "seconds", "per_second"]


def test_a_path_that_is_not_there_is_bad_input(cast, tmp_path, capsys):
    assert commands.run(_options(action="import", path=tmp_path / "no", json=False, read=False)) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_pipe_keeps_the_mail(cast, monkeypatch):
    assert _pipe(monkeypatch, a_mail(1), sender="ruth@customer.example", recipient=["support@hoshizora.example"]) == 0
    envelope = Envelope.objects.get()
    assert (envelope.source, envelope.stage, envelope.sender) == ("pipe", "kept", "ruth@customer.example")


def test_a_pipe_says_what_a_mail_server_understands(cast, monkeypatch, settings):
    assert _pipe(monkeypatch, b"  \n") == 65
    settings.MESSAGE_SIZE_LIMIT = 10
    assert _pipe(monkeypatch, a_mail(1)) == 65
    settings.MESSAGE_SIZE_LIMIT = 10_000

    def away(**_):
        raise OperationalError("connection refused")

    monkeypatch.setattr(commands.channels, "store_envelope", away)
    assert _pipe(monkeypatch, a_mail(1)) == 75
    assert not Envelope.objects.exists()


def test_files_are_found_in_the_order_of_their_names(tmp_path):
    for name in ("b.eml", "a.eml", "c.eml"):
        (tmp_path / name).write_bytes(b"x")
    assert [mail.name[-5:] for mail in find_mails(tmp_path, limit=100)] == ["a.eml", "b.eml", "c.eml"]


def _options(**values):
    return SimpleNamespace(command="mail", **values)


def _pipe(monkeypatch, raw, *, sender="", recipient=()):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    return commands.run(_options(action="receive", sender=sender, recipient=list(recipient)))


@pytest.mark.parametrize(
    ("settings", "arguments", "status", "words"),
    [
        ({"MADOGUCHI_SMTP_PORT": "many"}, [], 75, "MADOGUCHI_SMTP_PORT must be a whole number"),
        ({"MADOGUCHI_HOME": "/proc/nowhere"}, [], 75, "MADOGUCHI_HOME=/proc/nowhere cannot be used"),
        ({"DATABASE_URL": "postgresql://x:y@127.0.0.1:9/none"}, [], 75, "try again later"),
        ({"DATABASE_URL": ""}, [], 75, "no such table"),
        ({"DATABASE_URL": ""}, ["--nonsense"], 2, "unrecognized arguments"),
    ],
)  # fmt: skip
def test_a_pipe_that_cannot_work_makes_the_mail_server_keep_the_mail(tmp_path, settings, arguments, status, words):
    env = os.environ | {"MADOGUCHI_HOME": str(tmp_path)} | settings
    done = subprocess.run(
        [sys.executable, "-m", "madoguchi", "mail", "receive", *arguments], env=env, input=a_mail(1), capture_output=True, check=False
    )
    assert (done.returncode, words in done.stderr.decode()) == (status, True), done.stderr.decode()
    assert b"Traceback" not in done.stderr
