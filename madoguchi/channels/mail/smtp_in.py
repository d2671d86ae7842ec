"""Our own SMTP and LMTP port: the answer 250 is given after the raw message lies safely in the database, never before.

Only mail to our own mailboxes is taken and nothing is ever passed on, so this cannot be an open relay. When the database has
trouble the answer is 451 and the sender's server tries again.
"""

import asyncio
import logging
import ssl
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from madoguchi.foundation import disk
from madoguchi.foundation.errors import Invalid

from ..actions import store_envelope
from ..models import Mailbox
from ..queries import base_address, own_addresses

log = logging.getLogger(__name__)

LINE_LIMIT = 128 * 1024  # RFC 5321 says 1,000; real senders break it, and refusing would lose their mail
MAX_RECIPIENTS = 100
ADDRESSES_KEPT = 5.0  # seconds until a new or changed mailbox is noticed
STORING_THREADS = 4
RETRY_BIND = 5.0
DRAIN_SECONDS = 10.0

TRY_LATER = "451 4.3.0 The message could not be stored, try again later"
DISK_FULL = "452 4.3.1 Insufficient system storage, try again later"


class AddressBook:
    """Our addresses, remembered for some seconds. Raises DatabaseError when they are unknown and cannot be read."""

    def __init__(self) -> None:
        self._addresses: dict[str, int] = {}
        self._read_at = float("-inf")

    def mailbox_for(self, address: str) -> int | None:
        """The mailbox of `address` (also with +detail), else None."""
        if time.monotonic() - self._read_at > ADDRESSES_KEPT:
            close_old_connections()
            self._addresses = own_addresses()
            self._read_at = time.monotonic()
        return self._addresses.get(base_address(address))


class Receiver:
    """aiosmtpd handler. Database work happens in threads, so a slow disk never stalls the other connections."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.addresses = AddressBook()

    async def _run(self, function: Any, *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.pool, function, *args)

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            mailbox = await self._run(self.addresses.mailbox_for, address)
        except DatabaseError:
            log.warning("recipient not checked: the database does not answer", exc_info=True)
            return TRY_LATER
        if mailbox is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient accepted"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        lmtp = isinstance(server, LMTP)
        answer = await self._run(self._store, session, envelope, "lmtp" if lmtp else "smtp")
        if lmtp:  # RFC 2033: one answer for each recipient
            return "\r\n".join([answer] * len(envelope.rcpt_tos))
        return answer

    def _store(self, session: Session, envelope: Envelope, source: str) -> str:
        try:
            close_old_connections()
            mailbox_id = self.addresses.mailbox_for(envelope.rcpt_tos[0])
            stored = store_envelope(
                raw=bytes(envelope.original_content or b""), source=source, mailbox=Mailbox(pk=mailbox_id) if mailbox_id else None,
                sender=(envelope.mail_from or "").strip("<>"), recipients=list(envelope.rcpt_tos), client_address=_peer(session),
                helo=str(session.host_name or ""),
            )  # fmt: skip
        except Invalid:
            return "552 5.3.4 Message too large"
        except DatabaseError as error:
            log.warning("mail not stored, sender asked to try again", exc_info=True)
            connection.close()
            return DISK_FULL if disk.is_full(error) else TRY_LATER
        except Exception:
            log.exception("mail not stored, sender asked to try again")
            return TRY_LATER
        return f"250 2.0.0 Stored as {stored.pk}" if stored else TRY_LATER


def _peer(session: Session) -> str:
    return str(session.peer[0])[:64] if isinstance(session.peer, tuple) else ""


class Gate:
    """Counts connections, in all and per client, so that one client cannot take every place."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()

    def enter(self, client: str) -> bool:
        if self.open.total() >= settings.SMTP_IN_CONNECTIONS or self.open[client] >= settings.SMTP_IN_CONNECTIONS_PER_CLIENT:
            return False
        self.open[client] += 1
        return True

    def leave(self, client: str) -> None:
        self.open[client] -= 1
        if not self.open[client]:
            del self.open[client]


class _Gated:
    """Mixed in before aiosmtpd's protocols: turns a client away with 421 when all places are taken."""

    line_length_limit = LINE_LIMIT
    gate: Gate
    _entered: str | None = None

    def connection_made(self, transport: Any) -> None:
        starts_tls = self._entered is not None  # aiosmtpd calls this again after STARTTLS
        client = str((transport.get_extra_info("peername") or ("local",))[0])
        if not starts_tls and not self.gate.enter(client):
            transport.write(b"421 4.7.0 Too many connections, try again later\r\n")
            transport.close()
            return
        self._entered = client
        super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, error: Exception | None) -> None:
        if self._entered is not None:
            self.gate.leave(self._entered)
            self._entered = None
            super().connection_lost(error)  # type: ignore[misc]


class _Smtp(_Gated, SMTP):
    pass


class _Lmtp(_Gated, LMTP):
    pass


def listen(stop: threading.Event) -> None:
    """Worker loop: serve the ports until `stop`; a port that is taken is tried again and again."""
    while not stop.is_set():
        try:
            asyncio.run(_serve(stop))
        except OSError as error:
            log.error("SMTP port %s cannot be used: %s. Set MADOGUCHI_SMTP_PORT to a free one", settings.SMTP_PORT, error.strerror)  # noqa: TRY400
            stop.wait(RETRY_BIND)
        except Exception:
            log.exception("the SMTP listener failed and is started again")
            stop.wait(RETRY_BIND)


async def _serve(stop: threading.Event) -> None:
    loop = asyncio.get_running_loop()
    gate = Gate()
    with ThreadPoolExecutor(STORING_THREADS, thread_name_prefix="smtp-store") as pool:
        receiver = Receiver(pool)
        servers = [await loop.create_server(_factory(_Smtp, receiver, gate, loop), settings.SMTP_BIND, settings.SMTP_PORT)]
        if settings.LMTP_PORT:
            servers.append(await loop.create_server(_factory(_Lmtp, receiver, gate, loop), settings.SMTP_BIND, settings.LMTP_PORT))
        log.info("listening for mail", extra={"smtp_port": settings.SMTP_PORT, "lmtp_port": settings.LMTP_PORT})
        while not stop.is_set():  # noqa: ASYNC110  `stop` belongs to threads
            await asyncio.sleep(0.1)
        for server in servers:
            server.close()
        deadline = loop.time() + DRAIN_SECONDS
        while gate.open and loop.time() < deadline:  # noqa: ASYNC110  a few looks at the end
            await asyncio.sleep(0.05)


def _factory(protocol: type, receiver: Receiver, gate: Gate, loop: asyncio.AbstractEventLoop) -> Any:
    tls = _tls()
    hostname = settings.SMTP_HOSTNAME

    def make() -> Any:
        made = protocol(
            receiver, data_size_limit=settings.MESSAGE_SIZE_LIMIT, enable_SMTPUTF8=True, hostname=hostname, ident="Madoguchi",
            tls_context=tls, timeout=settings.SMTP_SESSION_TIMEOUT.total_seconds(), auth_exclude_mechanism=["LOGIN", "PLAIN"], loop=loop,
        )  # fmt: skip
        made.gate = gate
        return made

    return make


def _tls() -> ssl.SSLContext | None:
    if not settings.SMTP_TLS_CERT:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.SMTP_TLS_CERT, settings.SMTP_TLS_KEY or None)
    return context
