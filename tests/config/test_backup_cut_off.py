"""Backup and restore cut off by `kill -9`, and a backup made while mail comes in: what is left is always clear."""

import signal
import subprocess
import sys
import tarfile
import time

import pytest

from tests.config.test_backup import new_place, pattern, place  # noqa: F401  fixtures

pytestmark = pytest.mark.slow

MAIL = """
import sys
from madoguchi.config.cli import set_up
set_up()
from madoguchi.channels.actions import store_envelope
number = 0
while True:
    number += 1
    raw = f"From: a@a.example\\r\\nSubject: {number}\\r\\nMessage-ID: <{number}@a.example>\\r\\n\\r\\nhello".encode()
    print(store_envelope(raw=raw, source="smtp").pk, flush=True)
"""
COUNT = """
from madoguchi.config.cli import set_up
set_up()
from madoguchi.channels.models import Envelope
print(Envelope.objects.order_by("-id").values_list("id", flat=True).first(), Envelope.objects.count())
"""
DIE = """
import os, sys
from pathlib import Path
from madoguchi.config.cli import set_up
set_up()
from madoguchi.config import backup, postgres, restore
def die(*_, **__):
    os._exit(9)
module, name = sys.argv[1].split(".")
setattr({"backup": backup, "restore": restore, "postgres": postgres, "audit": restore.audit}[module], name, die)
if sys.argv[2] == "backup":
    backup.make(Path(sys.argv[3]))
else:
    restore.restore(Path(sys.argv[3]), force=True, migrate=True)
"""


def test_every_accepted_mail_is_in_the_backup_and_a_killed_one_leaves_no_file(place, new_place):  # noqa: F811
    writer = subprocess.Popen([sys.executable, "-c", MAIL], env=place.environment, stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(50):
            accepted = int(writer.stdout.readline())
        out = place.home / "out"
        for moment in ("backup._collect", "backup._pack"):
            assert place.python("-c", DIE, moment, "backup", str(out)).returncode == 9
            assert list(out.glob("madoguchi-*")) == []
        file = place.good("backup", str(out))
    finally:
        writer.send_signal(signal.SIGKILL)
        last = [*writer.stdout][-1]
        writer.wait()
    with tarfile.open(file) as archive:
        assert "manifest.json" in archive.getnames()
    other = new_place("second")
    other.good("restore", file)
    newest, count = map(int, other.python("-c", COUNT).stdout.split())
    assert accepted <= newest <= int(last) + 1
    assert newest == count, "one moment, without gaps"
    other.good("upgrade")


@pytest.mark.parametrize("moment", ["restore._put_in_place", "restore.call_command"])
def test_a_restore_that_was_cut_off_is_known_and_can_be_run_again(place, moment):  # noqa: F811
    file = place.good("backup")
    assert place.python("-c", DIE, moment, "restore", file).returncode == 9
    for command in (("doctor",), ("upgrade",)):
        refused = place.run(*command)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "was cut off" in refused.stderr
        assert file in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    place.good("restore", file)
    assert place.run("doctor").returncode == 0
    assert not list(place.home.glob(".restore-*"))


def test_a_restore_killed_at_any_time_can_be_run_again(place, new_place):  # noqa: F811
    file = place.good("backup")
    other = new_place("second")
    started = time.monotonic()
    new_place("third").good("restore", file)
    whole = time.monotonic() - started
    for part in (0.7, 0.9):
        process = subprocess.Popen([sys.executable, "-m", "madoguchi", "restore", file, "--force"], env=other.environment)
        time.sleep(whole * part)
        process.kill()
        process.wait()
    other.good("restore", file, "--force")
    assert '"ok": true' in other.run("doctor", "--json").stdout
