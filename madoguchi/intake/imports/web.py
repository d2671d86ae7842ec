"""Asking another help desk's API politely: it is told when to come back, and the answer is bounded."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from madoguchi.foundation.errors import Upstream

ATTEMPTS = 6
LONGEST_WAIT = 120  # seconds a single answer may make us wait
TIMEOUT = 60.0
FILE_LIMIT = 25 * 2**20


class Web:
    """JSON over one HTTPS connection; 429 and 5xx are tried again, everything else is said in words."""

    def __init__(
        self, base: str, *, headers: dict[str, str] | None = None, auth: tuple[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep, transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self.sleep = sleep
        self.client = httpx.Client(base_url=base.rstrip("/"), headers=headers, auth=auth, timeout=TIMEOUT, transport=transport)

    def get(self, path: str, **params: object) -> Any:
        """The decoded answer. Raises Upstream with what is wrong and what to do."""
        for attempt in range(ATTEMPTS):
            try:
                answer = self.client.get(path, params={k: str(v) for k, v in params.items()})
            except httpx.HTTPError as error:
                if attempt == ATTEMPTS - 1:
                    raise Upstream(f"{self.client.base_url} does not answer: {error}", permanent=False) from error
                self.sleep(2**attempt)
                continue
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
                self.sleep(min(LONGEST_WAIT, _seconds(answer.headers.get("Retry-After"), 2**attempt)))
                continue
            if answer.status_code in {401, 403}:
                raise Upstream(f"{self.client.base_url} refuses the credentials (HTTP {answer.status_code})", permanent=True)
            if answer.is_error:
                raise Upstream(f"{answer.request.url} answered HTTP {answer.status_code}", permanent=True)
            try:
                return answer.json()
            except ValueError as error:
                raise Upstream(f"{answer.request.url} did not answer with JSON", permanent=True) from error
        raise Upstream(f"{self.client.base_url} kept refusing; run the import again later, it goes on from here", permanent=False)

    def file(self, url: str) -> bytes | None:
        """A file's bytes; None when it is gone or larger than 25 MiB. Credentials go to the system's own host only."""
        target = self.client.base_url.join(url)
        if target.scheme not in {"https", "http"}:
            return None
        own = target.host == self.client.base_url.host
        opened = self.client if own else httpx.Client(timeout=TIMEOUT)
        body = b""
        try:
            with opened.stream("GET", target, follow_redirects=True) as answer:
                if answer.is_error:
                    return None
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > FILE_LIMIT:
                        return None
        except httpx.HTTPError:
            return None
        return body


def _seconds(header: str | None, default: float) -> float:
    return float(header) if header and header.isdigit() else default
