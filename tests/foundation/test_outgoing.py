"""Calling addresses that a user typed: only public ones, only the one that was checked, never for long."""

import http.server
import socket
import threading
import time

import pytest

from madoguchi.foundation import outgoing
from madoguchi.foundation.errors import Invalid, Upstream


class Server:
    """Answers every request with the same bytes and counts."""

    def __init__(self, status=200, body=b"ok", headers=()):
        server = self
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                server.seen.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"] or 0))))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook?x=1"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()


def post(url, timeout=2.0, **fields):
    return outgoing.post(url, body=b"hello", headers={"Content-Type": "text/plain"}, timeout=timeout, **fields)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "gopher://example.com", "https://", "https:///path", "//example.com", "example.com",
        "https://user:pass@example.com/", "https://exa mple.com/", "https://example.com/\r\nX: y", "https://example.com:0/", "https://example.com:99999/",
        "https://ex\u0430mple.com/", "https://example.com#@127.0.0.1/", "https://example.com/" + "a" * 3000, "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(Invalid):
        outgoing.check_url(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.5", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255",
        "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[::ffff:a00:5]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "localhost",
        "intranet",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_when_typed_and_when_called(host):
    with pytest.raises(Invalid):
        outgoing.check_url(f"http://{host}/")
    with pytest.raises((Invalid, Upstream)):
        post(f"http://{host}:9/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "017700000001"])
def test_other_spellings_of_loopback_are_refused_when_called(host):
    with pytest.raises((Invalid, Upstream)):
        post(f"http://{host}:9/")


def test_a_name_that_leads_inside_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.1", 80))])
    with pytest.raises(Invalid):
        post("http://rebind.example/")


def test_a_name_is_looked_up_once(monkeypatch, settings):
    looked = []
    with Server() as server:
        settings.PRIVATE_WEBHOOK_HOSTS = ["hook.example"]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **__: looked.append(a[0]) or [(2, 1, 6, "", ("127.0.0.1", server.port))])
        answer = post(f"http://hook.example:{server.port}/")
    assert (answer.status, looked) == (200, ["hook.example"])
    assert server.seen[0][1]["Host"] == f"hook.example:{server.port}"


def test_an_allowed_private_host_is_called(settings):
    with Server(body=b"x" * 100_000) as server:
        settings.PRIVATE_WEBHOOK_HOSTS = [f"127.0.0.1:{server.port}"]
        outgoing.check_url(server.url)
        answer = post(server.url, limit=1000)
    assert (answer.status, len(answer.body)) == (200, 1000)
    assert server.seen == [("/hook?x=1", server.seen[0][1], b"hello")]
    with pytest.raises(Invalid):
        outgoing.check_url("http://127.0.0.1:1/")


def test_redirects_are_not_followed(settings):
    settings.PRIVATE_WEBHOOK_HOSTS = ["127.0.0.1"]
    with Server(status=302, headers=[("Location", "http://169.254.169.254/")]) as server:
        assert post(server.url).status == 302
    assert len(server.seen) == 1


def test_a_dripping_server_is_cut_off(settings):
    settings.PRIVATE_WEBHOOK_HOSTS = ["127.0.0.1"]
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        conn, _ = listener.accept()
        try:
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                conn.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            conn.close()

    threading.Thread(target=drip, daemon=True).start()
    start = time.monotonic()
    with pytest.raises(Upstream) as caught:
        post(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=0.6)
    assert not caught.value.permanent
    assert time.monotonic() - start < 2
    listener.close()


def test_nobody_there_is_said(settings):
    settings.PRIVATE_WEBHOOK_HOSTS = ["127.0.0.1"]
    with pytest.raises(Upstream) as caught:
        post("http://127.0.0.1:1/")
    assert "127.0.0.1" in str(caught.value.message)
