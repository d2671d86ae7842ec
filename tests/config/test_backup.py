"""Backup, restore, drill, upgrade and rollback through the command line, on the database under test, while somebody writes."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

pytestmark = pytest.mark.slow  # each test makes whole installations

WRITE = """
import sys
from madoguchi.config.cli import set_up
set_up()
from madoguchi.foundation import audit, crypto
from madoguchi.foundation.actor import SYSTEM
from madoguchi.channels.models import Mailbox
from madoguchi.foundation import clock
first, count = int(sys.argv[1]), int(sys.argv[2])
for i in range(first, first + count):
    audit.record("test.write", by=SYSTEM, detail={"n": i})
    Mailbox.objects.create(name=f"Box {i}", address=f"box{i}@a.example", smtp_secret=crypto.encrypt(f"secret {i}"), created_at=clock.now())
"""
READ = """
from madoguchi.config.cli import set_up
set_up()
from madoguchi.foundation import crypto
from madoguchi.channels.models import Mailbox
from madoguchi.foundation.models import AuditEntry
boxes = list(Mailbox.objects.order_by("id"))
print(len(boxes), AuditEntry.objects.filter(action="test.write").count(), crypto.decrypt(boxes[-1].smtp_secret))
"""


class Place:
    """One installation of its own, driven from outside."""

    def __init__(self, folder, url: str) -> None:
        self.home = folder
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("MADOGUCHI_", "DATABASE_", "DJANGO_"))}
        self.environment |= {
            "MADOGUCHI_HOME": str(folder),
            "DATABASE_URL": url,
            "MADOGUCHI_HTTP_PORT": "18997",
            "DJANGO_SETTINGS_MODULE": "madoguchi.config.settings",
        }

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        return self.python("-m", "madoguchi", *arguments, **more)

    def python(self, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, *arguments], env={**self.environment, **more}, capture_output=True, text=True, check=False, timeout=120
        )

    def good(self, *arguments: str, **more: str) -> str:
        done = self.run(*arguments, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def new_place(tmp_path, request):
    """Makes fresh installations; on PostgreSQL each has a database of its own, dropped afterwards."""
    server = os.environ.get("DATABASE_URL", "")
    made: list[str] = []

    def make(name: str, like: Place | None = None) -> Place:
        if not server:
            return Place(tmp_path / name, "")
        database = f"madoguchi_{name}_{secrets.token_hex(4)}"
        template = f' TEMPLATE "{urlsplit(like.environment["DATABASE_URL"]).path[1:]}"' if like else ""
        _on_server(server, f'CREATE DATABASE "{database}"{template}')
        made.append(database)
        return Place(tmp_path / name, urlunsplit(urlsplit(server)._replace(path="/" + database)))

    yield make
    for database in made:
        _on_server(server, f'DROP DATABASE "{database}" WITH (FORCE)')


def _on_server(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(urlunsplit(urlsplit(server)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """An installation that the tests begin with, made once; on PostgreSQL its database is dropped afterwards."""
    server, name = os.environ.get("DATABASE_URL", ""), f"madoguchi_pattern_{secrets.token_hex(4)}"
    if server:
        _on_server(server, f'CREATE DATABASE "{name}"')
    url = urlunsplit(urlsplit(server)._replace(path="/" + name)) if server else ""
    made = Place(tmp_path_factory.mktemp("pattern") / "home", url)
    made.good("init", "--email", "a@a.example", MADOGUCHI_ADMIN_PASSWORD="a very long password")
    assert made.python("-c", WRITE, "0", "5").returncode == 0
    yield made
    if server:
        _on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def place(pattern, new_place) -> Place:
    made = new_place("first", like=pattern)
    shutil.copytree(pattern.home, made.home)
    return made


def test_a_backup_made_while_somebody_writes_restores_whole(place, new_place):
    writer = threading.Thread(target=place.python, args=("-c", WRITE, "100", "300"))
    writer.start()
    file = place.good("backup", str(place.home / "out"))
    writer.join()
    assert Path(file).stat().st_mode & 0o077 == 0
    with tarfile.open(file) as archive:
        assert archive.getnames()[0] == "manifest.json"
    other = new_place("second")
    assert "The audit chain is whole" in other.good("restore", file)
    boxes, entries, last = other.python("-c", READ).stdout.split(" ", 2)
    assert 5 <= int(boxes) <= int(entries) <= int(boxes) + 1, "rows and their audit entries are of one moment"
    assert last.startswith("secret"), "the key came along"
    assert json.loads(other.run("doctor", "--json").stdout)["audit_ok"]


def test_restore_refuses_a_place_in_use_and_keeps_what_was_there_when_forced(place):
    file = place.good("backup")
    assert place.python("-c", WRITE, "5", "3").returncode == 0
    refused = place.run("restore", file)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    place.good("restore", file, "--force")
    assert place.python("-c", READ).stdout.startswith("5 5 ")
    kept = list(place.home.glob("before-restore-*/madoguchi.sqlite3")) or list(place.home.glob("backups/*.tar.gz"))[1:]
    assert kept, "the state before the restore is still there"


def test_a_damaged_or_foreign_file_is_refused_before_anything_changes(place, new_place, tmp_path):
    file = place.good("backup")
    other = new_place("third")
    content = Path(file).read_bytes()
    for name, broken in {
        "cut": content[: len(content) // 2],
        "flipped": content[:-2000] + bytes([content[-2000] ^ 0xFF]) + content[-1999:],
        "empty": b"",
        "text": b"hello",
    }.items():
        path = tmp_path / f"{name}.tar.gz"
        path.write_bytes(broken)
        refused = other.run("restore", str(path))
        assert refused.returncode == 2, name
        assert "Traceback" not in refused.stderr
        assert not (other.home / "madoguchi.sqlite3").exists()
    assert other.run("restore", str(tmp_path / "nowhere.tar.gz")).returncode == 2
    other.good("restore", file)


def test_a_member_outside_the_place_is_refused(place, new_place, tmp_path):
    import io

    path = tmp_path / "evil.tar.gz"
    manifest = {
        "format": 1,
        "version": "9",
        "made_at": "x",
        "database": "sqlite",
        "key": "",
        "migrations": [],
        "files": {"../evil": {"sha256": "", "bytes": 1}},
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, body in (("manifest.json", json.dumps(manifest).encode()), ("../evil", b"x")):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    other = new_place("fourth")
    assert other.run("restore", str(path)).returncode == 2
    assert not list(tmp_path.rglob("evil"))


def test_the_drill_says_good_and_finds_a_forged_audit_entry(place):
    assert "The backup is good" in place.good("backup", "--verify", place.good("backup"))
    forge = "from madoguchi.config.cli import set_up; set_up()\nfrom madoguchi.foundation.models import AuditEntry\nAuditEntry.objects.filter(action='test.write').update(actor_name='somebody else')"
    assert place.python("-c", forge).returncode == 0
    told = place.run("audit", "verify")
    assert told.returncode == 1
    assert "test.write" in told.stdout
    bad = place.run("backup", "--verify", place.good("backup"))
    assert bad.returncode == 2
    assert "audit chain" in bad.stderr


def test_upgrade_backs_up_first_and_can_be_rolled_back(place):
    assert "nothing to do" in place.good("upgrade")
    place.good("migrate", "staff", "0001")
    told = place.good("upgrade")
    assert "Upgraded" in told
    saved = next(word for word in told.split() if word.endswith(".tar.gz"))
    place.good("upgrade", "--rollback", saved)
    assert "0002_sign_in" in place.good("showmigrations", "staff", "--plan")
    assert "[ ]  staff.0002_sign_in" in place.good("showmigrations", "staff", "--plan")
    assert "Upgraded" in place.good("upgrade")


def test_a_key_from_the_environment_must_be_the_right_one(new_place):
    key = "k" * 40
    first = new_place("keyed")
    first.good("init", "--email", "a@a.example", MADOGUCHI_ADMIN_PASSWORD="a very long password", MADOGUCHI_SECRET_KEY=key)
    file = first.good("backup", MADOGUCHI_SECRET_KEY=key)
    with tarfile.open(file) as archive:
        assert "secret.key" not in archive.getnames()
    second = new_place("keyed2")
    assert second.run("restore", file).returncode == 2
    assert second.run("restore", file, MADOGUCHI_SECRET_KEY="x" * 40).returncode == 2
    second.good("restore", file, MADOGUCHI_SECRET_KEY=key)
