"""A server of the program under measurement, in a folder and on ports of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EMAIL, PASSWORD = "bench@madoguchi.example", "a long bench password"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def environment(home: Path, database_url: str) -> dict[str, str]:
    return os.environ | {
        "MADOGUCHI_HOME": str(home), "DATABASE_URL": database_url, "MADOGUCHI_LOG_LEVEL": "ERROR", "MADOGUCHI_ADMIN_PASSWORD": PASSWORD,
        "MADOGUCHI_HTTP_PORT": str(free_port()), "MADOGUCHI_SMTP_PORT": str(free_port()),
    }  # fmt: skip


def command(env: dict[str, str], *words: str) -> str:
    """Run `madoguchi WORDS`; its output. Ends the benchmark with its error when it fails."""
    done = subprocess.run([sys.executable, "-m", "madoguchi", *words], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"madoguchi {' '.join(words)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def serving(env: dict[str, str]) -> Iterator[tuple[subprocess.Popen, int, float]]:
    """The process, its port, and the seconds from its start to the first page."""
    port, start = int(env["MADOGUCHI_HTTP_PORT"]), time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "madoguchi", "serve"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=60).read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                if time.perf_counter() - start > 60 or process.poll() is not None:
                    raise SystemExit("the server does not start") from None
                time.sleep(0.02)
        yield process, port, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait(timeout=60)


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        out = subprocess.run(["pgrep", "-P", str(found[-1])], capture_output=True, text=True, check=False).stdout
        waiting += [int(line) for line in out.split()]
    return found


def memory_mib(pid: int) -> float:
    """Proportional set size of the whole family, MiB: shared pages are divided among their users."""
    total = 0
    for one in tree(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)
