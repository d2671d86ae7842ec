"""Leaving is easy: everything comes out, readable, without secrets."""

import json

import pytest

from madoguchi.channels.actions import store_envelope
from madoguchi.config.cli import main
from madoguchi.foundation import clock
from madoguchi.tickets.models import Attachment

pytestmark = pytest.mark.django_db


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_everything_comes_out(cast, tmp_path, capsys):
    ticket = cast.ticket(customer=cast.chinatsu, subject="返品について", text="返品送料はいくらですか。")
    message = ticket.messages.get()
    Attachment.objects.create(
        message=message, name="../../etc/passwd", content_type="text/plain", size=2, data=b"ok", created_at=clock.now()
    )
    store_envelope(raw=b"From: a@b.example\r\n\r\n\xff", source="smtp")
    assert main(["export", str(tmp_path / "out"), "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert (counts["tickets"], counts["customers"], counts["mails"], counts["files"]) == (1, 2, 1, 1)
    (row,) = lines(tmp_path / "out/tickets.jsonl")
    assert row["messages"][0]["text"] == "返品送料はいくらですか。"
    assert row["messages"][0]["attachments"][0]["size"] == 2
    assert [i["value"] for i in lines(tmp_path / "out/customers.jsonl")[0]["identities"]] == ["chinatsu@customer.example"]
    assert next((tmp_path / "out/mail").iterdir()).read_bytes().endswith(b"\xff")
    assert [path.parent for path in (tmp_path / "out/files").iterdir()] == [tmp_path / "out/files"]
    assert "argon2" not in "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.jsonl"))


def test_it_does_not_write_over_anything(cast, tmp_path, capsys):
    (tmp_path / "kept").write_text("mine")
    assert main(["export", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert (tmp_path / "kept").read_text() == "mine"
