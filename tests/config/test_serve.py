"""The whole program as a process: it starts, answers, restarts a dead child and stops cleanly."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wait_for(condition, seconds: float = 90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := condition():
                return found
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail("it did not happen in time")


def children(pid: int) -> list[int]:
    out = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(line) for line in out.split()]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    port = free_port()
    env = os.environ | {
        "MADOGUCHI_HOME": str(tmp_path_factory.mktemp("home")), "MADOGUCHI_HTTP_PORT": str(port), "MADOGUCHI_SMTP_PORT": str(free_port()), "DATABASE_URL": "",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "madoguchi", "serve"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(lambda: get(port, "/healthz")[0] == 200)
    yield process, port
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=40)


def test_the_live_stream_needs_a_session(server):
    _, port = server
    assert get(port, "/live")[0] == 401


def test_a_taken_port_is_said_in_one_line(server, tmp_path):
    _, port = server
    env = os.environ | {"MADOGUCHI_HOME": str(tmp_path / "second"), "MADOGUCHI_HTTP_PORT": str(port), "DATABASE_URL": ""}
    second = subprocess.run([sys.executable, "-m", "madoguchi", "serve"], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 2
    assert "MADOGUCHI_HTTP_PORT" in second.stderr
    assert "Traceback" not in second.stderr


def test_last_of_all_it_restarts_a_killed_child_and_stops_cleanly(server):
    process, port = server
    assert json.loads(get(port, "/readyz")[1]) == {"ok": True, "database": True, "disk": True}
    victim = children(process.pid)[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in children(process.pid) and len(children(process.pid)) == 3)
    wait_for(lambda: get(port, "/healthz")[0] == 200)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MADOGUCHI_HTTP_PORT", "eighty"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "postgresql://x:y@z:port/w"),
        ("MADOGUCHI_DEBUG", "perhaps"),
        ("MADOGUCHI_SECRET_KEY", "short"),
        ("MADOGUCHI_URL", "desk"),
        ("MADOGUCHI_LOG_LEVEL", "LOUD"),
        ("MADOGUCHI_SMTP_TLS_CERT", "/nowhere"),
    ],
)
def test_nonsense_in_the_environment_is_said_in_one_line(tmp_path, variable, value):
    env = os.environ | {"MADOGUCHI_HOME": str(tmp_path), variable: value}
    run = subprocess.run([sys.executable, "-m", "madoguchi", "doctor"], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 2
    assert variable in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("words", [("--email", "nonsense"), ("--email", "a@a.example", "--time-zone", "Mars/Crater")])
def test_an_installation_is_not_made_from_nonsense(tmp_path, words):
    env = os.environ | {"MADOGUCHI_HOME": str(tmp_path), "DATABASE_URL": "", "MADOGUCHI_ADMIN_PASSWORD": "a very long password"}
    run = subprocess.run(
        [sys.executable, "-m", "madoguchi", "init", *words], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert words[-2] in run.stderr
    assert not list(tmp_path.glob("*.sqlite3"))
