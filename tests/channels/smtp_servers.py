# ruff: noqa: N802  aiosmtpd names its hooks after commands
"""Real SMTP servers on loopback: a sink that keeps what it gets, and one that misbehaves as told."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Arrived:
    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def mail(self):
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def plain(self) -> str:
        return self.mail.get_body(("plain",)).get_content().replace("\r\n", "\n")

    @property
    def html(self) -> str:
        return self.mail.get_body(("html",)).get_content().replace("\r\n", "\n")


@dataclass
class Sink:
    """`answers`: what to say instead of taking it, by step: {"MAIL": "451 ...", "RCPT:bob@x": "550 ...", "DATA": "552 ..."}."""

    answers: dict[str, str] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.answers.get(f"RCPT:{address}") or self.answers.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.arrived.append(Arrived(envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content)))
        return f"250 2.0.0 kept as {len(self.arrived)}"


class running:  # noqa: N801  reads as a context: `with running(sink):`
    """Serve the sink on a free port. `password`: require this one; `tls`: STARTTLS with a certificate of our own."""

    def __init__(self, sink: Sink, *, password: str = "", certificate: Path | None = None, size: int = 33554432) -> None:
        options: dict = {"data_size_limit": size, "enable_SMTPUTF8": True}
        if password:
            options |= {
                "auth_required": True,
                "auth_require_tls": False,
                "authenticator": lambda *a: AuthResult(
                    success=isinstance(a[-1], LoginPassword) and a[-1].password == password.encode(), handled=False
                ),
            }
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            options |= {"tls_context": context}
        self.controller = Controller(sink, hostname="127.0.0.1", port=free_port(), **options)
        self.sink = sink

    def __enter__(self) -> Sink:
        self.controller.start()
        self.sink.port = self.controller.port
        return self.sink

    def __exit__(self, *_):
        self.controller.stop()


class scripted:  # noqa: N801
    """A raw server that follows a script for one connection: bytes to say, or an action: "hang", "close", "reset", "read_some"."""

    def __init__(self, *steps: bytes | str) -> None:
        self.steps = steps
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.listener.close()

    def _serve(self) -> None:
        try:
            conn, _ = self.listener.accept()
        except OSError:
            return
        with conn, contextlib.suppress(OSError):  # the client may hang up first
            for step in self.steps:
                if step == "hang":
                    self.done.wait(30)
                elif step == "close":
                    return
                elif step == "reset":
                    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                    return
                elif step == "line":
                    while not conn.recv(4096).endswith(b"\r\n"):
                        pass
                elif step == "message":
                    data = b""
                    while not data.endswith(b"\r\n.\r\n"):
                        data += conn.recv(65536)
                else:
                    conn.sendall(step)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def make_certificate(path: Path, name: str) -> Path:
    """A self-signed certificate and its key in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(pem))
    return path
