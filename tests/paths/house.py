"""An installation of its own for tests that kill it: on a SQLite file, or on a PostgreSQL database beside the tests'.

It is driven by a process that has loaded the program once, takes commands on stdin, and forks the processes that get killed, so that
a kill costs no start. A house is a module with COMMANDS that calls `keep` as its main program.
"""

import atexit
import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time


class House:
    """The driver's side. `ask("report")` sends one command and gives its answer."""

    def __init__(self, home, module: str, database: str = "", **settings: object) -> None:
        given = {name: str(value) for name, value in settings.items()}
        self.env = os.environ | {"MADOGUCHI_HOME": str(home), "MADOGUCHI_LOG_LEVEL": "CRITICAL", "DATABASE_URL": database} | given
        self.process = subprocess.Popen(
            [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.env
        )

    def ask(self, command: str):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the house is gone"
        return json.loads(line)

    def start(self, *words: str) -> subprocess.Popen:
        """The real command, in a session of its own, so that all its processes can be killed together."""
        return subprocess.Popen(
            [sys.executable, "-m", "madoguchi", *words], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


def kill_group(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def house_at(home, module: str, **settings: object):
    home.mkdir(parents=True, exist_ok=True)
    if not os.environ.get("DATABASE_URL"):
        shutil.copy(_pattern_file(), home / "madoguchi.sqlite3")
    with database_for(home.name) as database:
        house = House(home, module, database, **settings)
        try:
            yield house
        finally:
            house.close()


@functools.cache
def _pattern_file() -> str:
    """A SQLite file with all migrations: a house begins with a copy, since to migrate anew would take as long as a test."""
    home = tempfile.mkdtemp(prefix="madoguchi-pattern-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    _migrate(home, "")
    return f"{home}/madoguchi.sqlite3"


@functools.cache
def _pattern_database() -> str:
    """The same on PostgreSQL: the name of a database that others are made from."""
    name = f"{os.environ['DATABASE_URL'].rpartition('/')[2]}_pattern_{os.getpid()}"
    _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    atexit.register(_on_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    with tempfile.TemporaryDirectory() as home:
        _migrate(home, f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}")
    return name


def _migrate(home: str, database: str) -> None:
    env = os.environ | {"MADOGUCHI_HOME": home, "DATABASE_URL": database, "MADOGUCHI_LOG_LEVEL": "CRITICAL"}
    subprocess.run([sys.executable, "-m", "madoguchi", "migrate", "-v0"], env=env, check=True)


def _on_server(*statements: str) -> None:
    import psycopg

    with psycopg.connect(f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/postgres", autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)


@contextlib.contextmanager
def database_for(name: str):
    """The address of a fresh database on the server under test; empty text for SQLite."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        yield ""
        return
    base, _, own = server.rpartition("/")
    own = f"{own}_{name}_{os.getpid()}"
    _on_server(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)', f'CREATE DATABASE "{own}" TEMPLATE "{_pattern_database()}"')
    try:
        yield f"{base}/{own}"
    finally:
        _on_server(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')


# --- Inside the house ----------------------------------------------------------------------------


def keep(commands) -> None:
    """Bring the database up to date, then answer each line of stdin by one line of JSON."""
    import django

    django.setup(set_prefix=False)
    from django.core.management import call_command
    from django.db import connections
    from django.utils.module_loading import autodiscover_modules

    autodiscover_modules("jobs", "handlers")
    call_command("migrate", verbosity=0, interactive=False)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # killed children leave no zombies: their pid is free when they are gone
    for line in sys.stdin:
        command, *arguments = line.split()
        answer = commands[command](*arguments)
        connections.close_all()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def fork(work) -> int:
    """Run `work` in a child; its pid."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        work()
    finally:
        os._exit(0)


def start(mail: str = "") -> int:
    """Fork a worker; its pid."""
    from madoguchi.config.worker import work

    return fork(lambda: work(threading.Event(), mail=bool(mail)))
