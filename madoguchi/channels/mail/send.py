"""Mail out: one message to one SMTP server (or into a folder, the twin for development), with the truth about what happened.

A send ends in a `Receipt` or a `SendProblem`. Codes 4xx are worth trying again, 5xx are not, except a refused sign-in, which an
administrator can repair. Nothing here touches the database except a rotated OAuth2 token (`oauth.access_token`).
"""

import contextlib
import hashlib
import re
import select
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from django.conf import settings

from madoguchi.foundation.errors import Upstream

from . import oauth
from .journal import HANDED_OVER, STARTED, Journal
from .problems import SendProblem

MAX_RECIPIENTS = 100
MAX_REPLY_LINES = 100
MAX_REPLY_LINE = 8192  # bytes; RFC 5321 asks for 512
END_OF_MESSAGE = b".\r\n"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_ADDRESS = re.compile(r"[^\s<>,;\x00-\x1f\x7f]+@[^\s<>,;@\x00-\x1f\x7f]+")
_LEADING_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class Route:
    """How a mailbox sends. `folder`: write files there instead of speaking SMTP."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    oauth: "oauth.Grant | None" = field(default=None, repr=False)
    folder: Path | None = None

    @property
    def name(self) -> str:
        return str(self.folder) if self.folder else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Outgoing:
    """A complete message for the wire. `sender` is the envelope's (bounces go there), empty for a null sender."""

    sender: str
    recipients: list[str]
    data: bytes
    message_id: str


@dataclass(frozen=True)
class Receipt:
    """The server took responsibility for `accepted`. `refused`: {address: [code, text]} of the others.

    `confirmed` is false when the server was given the whole message and then never answered: it may have it or not.
    """

    answer: str
    accepted: list[str]
    refused: dict[str, list]
    confirmed: bool = True


def send(route: Route, outgoing: Outgoing, journal: Journal | None = None) -> Receipt:
    """Give the message to the route's server. Raises SendProblem; with a `journal`, a kill at any point leaves the truth in it."""
    if not outgoing.recipients:
        raise SendProblem("no_recipient", permanent=True)
    for address in [*outgoing.recipients, *filter(None, [outgoing.sender])]:
        if not _ADDRESS.fullmatch(address):
            raise SendProblem("addresses", address, permanent=True)
    if len(outgoing.recipients) > MAX_RECIPIENTS:
        raise SendProblem("too_large", f"{len(outgoing.recipients)} recipients, at most {MAX_RECIPIENTS}", permanent=True)
    if route.folder:
        return _write_file(route.folder, outgoing)
    if not route.host:
        raise SendProblem("no_route", permanent=True)
    with _readable_failures(route):
        return _converse(route, outgoing, journal)


def check(route: Route) -> str:
    """Sign in and say goodbye, for the settings page; returns the server's greeting. Raises SendProblem."""
    if route.folder:
        return str(route.folder)
    if not route.host:
        raise SendProblem("no_route", permanent=True)
    with _readable_failures(route):
        server = _open(route)
        try:
            return (server.ehlo_resp or b"").decode(errors="replace").splitlines()[0]
        finally:
            server.close()


# --- The conversation ----------------------------------------------------------------------------


class _Conversation(smtplib.SMTP):
    """smtplib with two changes: a bounded reply, and the last three bytes of a message sent by themselves and noted."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = self.sock.makefile("rb")
        lines, code = [], -1
        for _ in range(MAX_REPLY_LINES):
            line = self.file.readline(MAX_REPLY_LINE + 1)
            if not line:
                self.close()
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
            lines.append(line[4:].strip(b" \t\r\n"))
            if len(line) > MAX_REPLY_LINE or not line[:3].isdigit():
                self.close()
                raise smtplib.SMTPResponseException(500, b"Unreadable reply: " + line[:80])
            code = int(line[:3])
            if line[3:4] != b"-":
                return code, b"\n".join(lines)
        self.close()
        raise smtplib.SMTPResponseException(500, b"Endless reply")

    def give(self, data: bytes, journal: Journal | None) -> tuple[int, bytes]:
        """DATA: returns the server's answer to the whole message (or to the command, when it does not want it)."""
        self.putcmd("data")
        code, text = self.getreply()
        if code != 354:
            return code, text
        sock = cast("socket.socket", self.sock)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(data)
        if not select.select([], [sock], [], self.timeout)[1]:
            raise TimeoutError("the message was not taken")
        if journal:
            hand_over, marks = sock.send, journal.marks
            try:
                marks[0] = HANDED_OVER  # these two lines stand together: between them a kill would make the journal wrong
                sent = hand_over(END_OF_MESSAGE)
            except OSError:
                marks[0] = STARTED  # the line was dead already: the server never saw the end
                raise
            sock.sendall(END_OF_MESSAGE[sent:])
            journal.flush()
        else:
            sock.sendall(END_OF_MESSAGE)
        sock.settimeout(settings.SMTP_ANSWER_TIMEOUT.total_seconds())
        code, text = self.getreply()
        if journal:
            journal.answered(code, text.decode(errors="replace"))
        return code, text


def _open(route: Route) -> _Conversation:
    timeout = settings.SMTP_TIMEOUT.total_seconds()
    server = _Conversation(local_hostname=settings.SMTP_HELLO, timeout=timeout)
    server._host = route.host  # type: ignore[attr-defined]  # the name that the certificate must carry
    try:
        server.sock = socket.create_connection((route.host, route.port), timeout)
        if route.security == "tls":
            server.sock = ssl.create_default_context().wrap_socket(server.sock, server_hostname=route.host)
        server.file = None
        code, text = server.getreply()
        _expect(code, text, 220, "busy")
        server.ehlo_or_helo_if_needed()
        if route.security == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
        _sign_in(server, route)
    except BaseException:
        server.close()
        raise
    return server


def _sign_in(server: _Conversation, route: Route) -> None:
    if route.oauth:
        try:
            token = oauth.access_token(route.oauth)
        except Upstream as error:
            raise SendProblem("oauth", str(error.message), permanent=False) from error
        code, text = server.docmd("AUTH", "XOAUTH2 " + oauth.xoauth2(route.user, token))
        if code == 334:
            code, text = server.docmd("")
        if code != 235:
            oauth.forget(route.oauth)
            raise SendProblem("oauth", _said(code, text), permanent=False)
    elif route.user:
        server.login(route.user, route.password)


def _converse(route: Route, outgoing: Outgoing, journal: Journal | None) -> Receipt:
    data = _on_the_wire(outgoing.data)
    server = _open(route)
    try:
        options = _mail_options(server, outgoing, len(data))
        code, text = server.mail(_ascii_domain(outgoing.sender), options)
        _expect(code, text, 250, "sender")
        accepted: list[str] = []
        refused: dict[str, list] = {}
        for address in outgoing.recipients:
            code, text = server.rcpt(_ascii_domain(address))
            if code in {250, 251}:
                accepted.append(address)
            else:
                refused[address] = [code, text.decode(errors="replace")[:500]]
                if code == 421:
                    raise SendProblem("busy", _said(code, text), permanent=False)
        if not accepted:
            code, said = max(refused.values(), key=lambda reply: reply[0] < 500)
            raise SendProblem("recipients", f"{code} {said}", permanent=code >= 500, refused=refused)
        if journal:
            journal.plan(accepted=accepted, refused=refused)
        try:
            code, text = server.give(data, journal)
        except (OSError, smtplib.SMTPException):
            if journal is None or journal.marks[0] != HANDED_OVER:
                raise
            return Receipt("", accepted, refused, confirmed=False)
        _expect(code, text, 250, "content")
        return Receipt(_said(code, text), accepted, refused)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.putcmd("quit")
        server.close()


def answer_of(story_answer: list, accepted: list[str], refused: dict[str, list]) -> Receipt:
    """The receipt that a killed attempt would have returned. Raises the SendProblem that it would have raised."""
    code, text = story_answer
    _expect(code, text.encode(), 250, "content")
    return Receipt(f"{code} {text}", accepted, refused)


def _on_the_wire(data: bytes) -> bytes:
    """CRLF line ends only (a bare LF would let a message smuggle in another), leading dots doubled (RFC 5321 4.5.2)."""
    data = _LINE_END.sub(b"\r\n", data)
    data = _LEADING_DOT.sub(b"..", data)
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _mail_options(server: _Conversation, outgoing: Outgoing, size: int) -> list[str]:
    options = []
    if server.has_extn("size"):
        limit = server.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < size:
            raise SendProblem("too_large", f"{size} > {limit} bytes", permanent=True)
        options.append(f"SIZE={size}")
    if server.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    if not all(_local_part(a).isascii() for a in [outgoing.sender, *outgoing.recipients]):
        if not server.has_extn("smtputf8"):
            odd = next(a for a in [outgoing.sender, *outgoing.recipients] if not _local_part(a).isascii())
            raise SendProblem("addresses", odd, permanent=True)
        options.append("SMTPUTF8")
    return options


def _local_part(address: str) -> str:
    return address.rpartition("@")[0]


def _ascii_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return local + at + domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise SendProblem("addresses", address, permanent=True) from error


def _said(code: int, text: bytes) -> str:
    return f"{code} {text.decode(errors='replace')}".strip()


def _expect(code: int, text: bytes, wanted: int, problem: str) -> None:
    if code == wanted:
        return
    permanent = code >= 500
    if code == 552 or text.startswith(b"5.3.4"):
        problem = "too_large"
    raise SendProblem(problem if permanent else "busy", _said(code, text), permanent=permanent)


@contextlib.contextmanager
def _readable_failures(route: Route):
    """Turn what sockets, TLS and smtplib raise into a SendProblem."""
    try:
        yield
    except socket.gaierror as error:
        raise SendProblem("unknown_host", route.host, permanent=False) from error
    except ssl.SSLError as error:
        raise SendProblem("encryption", error.reason or str(error), permanent=False) from error
    except TimeoutError as error:
        raise SendProblem("timeout", route.name, permanent=False) from error
    except smtplib.SMTPAuthenticationError as error:
        raise SendProblem("sign_in", _said(error.smtp_code, _bytes(error.smtp_error)), permanent=False) from error
    except smtplib.SMTPNotSupportedError as error:  # STARTTLS or AUTH, which the settings ask for, is not offered
        raise SendProblem("encryption" if "STARTTLS" in str(error) else "sign_in", str(error), permanent=False) from error
    except smtplib.SMTPResponseException as error:
        raise SendProblem("busy", _said(error.smtp_code, _bytes(error.smtp_error)), permanent=False) from error
    except (smtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError) as error:
        raise SendProblem("broken", route.name, permanent=False) from error
    except (smtplib.SMTPException, UnicodeError) as error:
        raise SendProblem("busy", str(error), permanent=False) from error
    except OSError as error:
        raise SendProblem("unreachable", f"{route.name}: {error.strerror or error}", permanent=False) from error


def _bytes(text: object) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()


# --- The twin ------------------------------------------------------------------------------------


def _write_file(folder: Path, outgoing: Outgoing) -> Receipt:
    """One file a message, named by its Message-ID: writing it again changes nothing."""
    name = hashlib.sha256(outgoing.message_id.encode()).hexdigest()[:24] + ".eml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{name}"
        trace = f"X-Envelope-From: <{outgoing.sender}>\r\nX-Envelope-To: {', '.join(outgoing.recipients)}\r\n"
        part.write_bytes(trace.encode() + _LINE_END.sub(b"\r\n", outgoing.data))
        part.rename(folder / name)
    except OSError as error:
        raise SendProblem("unreachable", f"{folder}: {error.strerror or error}", permanent=False) from error
    return Receipt(f"250 {name}", list(outgoing.recipients), {})
