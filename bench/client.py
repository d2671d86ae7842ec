"""A small measuring client: keep-alive connections, a signed-in session, percentiles."""

import http.client
import re
import threading
import time
import urllib.parse


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


class Client:
    """One keep-alive connection with cookies to a server on this machine."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port, self.cookies = port, dict(cookies or {})
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def request(self, method: str, path: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None):
        """Status, body, server time in ms (from Server-Timing, or the whole time when it is missing)."""
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Host": f"localhost:{self.port}"} | (headers or {})
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://localhost:{self.port}/"}
        start = time.perf_counter()
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        data = answer.read()
        elapsed = (time.perf_counter() - start) * 1000
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        timing = re.search(r"app;dur=([\d.]+)", answer.headers.get("Server-Timing", ""))
        return answer.status, data, float(timing.group(1)) if timing else elapsed, elapsed

    def sign_in(self, email: str, password: str) -> None:
        _, page, *_ = self.request("GET", "/accounts/login/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1).decode()
        status, page, *_ = self.request("POST", "/accounts/login/", {"login": email, "password": password, "csrfmiddlewaretoken": token})
        if status != 302 or "madoguchi_session" not in self.cookies:
            raise SystemExit(f"sign-in failed with HTTP {status}")


def latency(client: Client, path: str, *, repeats: int = 100) -> dict[str, float]:
    """Serial requests after a warm-up: server time and whole time, ms."""
    for _ in range(5):
        client.request("GET", path)
    server, whole = [], []
    for _ in range(repeats):
        status, _, inside, outside = client.request("GET", path)
        if status != 200:
            raise SystemExit(f"{path} answered HTTP {status}")
        server.append(inside)
        whole.append(outside)
    return {
        "p50": round(percentile(server, 0.5), 1), "p95": round(percentile(server, 0.95), 1), "whole_p95": round(percentile(whole, 0.95), 1),
    }  # fmt: skip


def load(client: Client, path: str, *, connections: int = 4, seconds: float = 5.0) -> float:
    """Pages per second in a closed loop of some connections, for a bounded time."""
    counts, end = [0] * connections, time.monotonic() + seconds

    def loop(index: int) -> None:
        mine = Client(client.port, client.cookies)
        while time.monotonic() < end:
            status, *_ = mine.request("GET", path)
            counts[index] += status == 200

    threads = [threading.Thread(target=loop, args=(i,)) for i in range(connections)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(sum(counts) / (time.perf_counter() - start), 1)
