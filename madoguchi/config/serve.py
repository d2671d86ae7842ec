"""Start everything on one machine: a parent that loads the program once, and forked children for web and background work.

Forking after loading lets the children share the parent's memory. A child that dies is started again; SIGTERM and Ctrl-C
stop all of them cleanly.
"""

import argparse
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connections
from django.urls import get_resolver, resolve
from django.utils import translation
from django.utils.module_loading import autodiscover_modules

from madoguchi.console.welcome import token
from madoguchi.staff.queries import tokens

from .migrating import bring_up_to_date

log = logging.getLogger(__name__)

RESTART_PAUSE = 1.0
WARM_AFTER = 3.0  # seconds
STOP_SECONDS = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-worker", action="store_true", help="web only; run `madoguchi worker` elsewhere")
    parser.add_argument("--no-migrate", action="store_true", help="do not bring the database up to date first")


def run(options: argparse.Namespace) -> int:
    if not options.no_migrate:
        bring_up_to_date()
    call_command("collectstatic", verbosity=0, interactive=False)
    sock = _listen()
    _load_everything()
    roles: dict[str, Callable[[], None]] = {f"web-{i}": lambda: _web(sock) for i in range(settings.WEB_PROCESSES)}
    if not options.no_worker:
        roles["worker"] = _worker
    sys.stdout.write(f"Madoguchi is ready: {settings.BASE_URL}\n")
    if token.open_for_setup():
        sys.stdout.write(f"Nobody has an account yet. Set it up here: {settings.BASE_URL}/welcome/?token={token.ensure()}\n")
        connections.close_all()
    sys.stdout.flush()
    _supervise(roles)
    return 0


def _load_everything() -> None:
    """Import all that the children need, so that they share its memory; then keep the collector's hands off it."""
    import uvicorn  # noqa: F401, PLC0415

    import madoguchi.config.asgi  # noqa: PLC0415
    import madoguchi.config.worker  # noqa: F401, PLC0415

    get_resolver().url_patterns  # noqa: B018  reading it imports every room's views
    autodiscover_modules("jobs", "handlers", "forms")
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Save")
    connections.close_all()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)  # a page makes thousands of short-lived objects; reference counting frees them


def _listen() -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.BIND, settings.HTTP_PORT))
    except OSError as error:
        message = f"port {settings.HTTP_PORT} cannot be used ({error.strerror}). Set MADOGUCHI_HTTP_PORT to a free one"
        raise OSError(message) from error
    sock.listen(1024)
    sock.set_inheritable(True)
    return sock


def _web(sock: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415  only web children need it

    from .asgi import application  # noqa: PLC0415

    config = uvicorn.Config(
        application, log_config=None, access_log=False, loop="uvloop", http="httptools", lifespan="off",
        proxy_headers=True, forwarded_allow_ips=",".join(settings.TRUSTED_PROXIES), timeout_graceful_shutdown=5,
        server_header=False,
    )  # fmt: skip
    timer = threading.Timer(WARM_AFTER, _warm_api)
    timer.daemon = True
    timer.start()
    uvicorn.Server(config).run(sockets=[sock])


def _warm_api() -> None:
    """Load the API where programs call it, so that the first call does not wait for its framework.

    In each web process, after the first pages: before forking it would lengthen every start by a fifth, and a desk without access
    tokens would keep 15 MiB for nothing.
    """
    try:
        if not tokens().exists():
            return
    except DatabaseError:
        return
    finally:
        connections.close_all()
    resolve("/api/v1/openapi.json")
    from madoguchi.api.door import known_parameters  # noqa: PLC0415

    known_parameters()


def _worker() -> None:
    from .worker import work  # noqa: PLC0415

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(stop, mail=True)


def _start(role: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        role()
        status = 0
    except BaseException:
        log.exception("a process failed")
    finally:
        os._exit(status)


def _supervise(roles: dict[str, Callable[[], None]]) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    running = {_start(role): name for name, role in roles.items()}
    while not stopping.is_set():
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            stopping.wait(0.2)
        elif pid in running:
            name = running.pop(pid)
            log.error("a process ended and is started again", extra={"process_name": name, "status": status})
            stopping.wait(RESTART_PAUSE)
            if not stopping.is_set():
                running[_start(roles[name])] = name
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running and time.monotonic() < deadline:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        running.pop(pid, None)
        time.sleep(0.05)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
