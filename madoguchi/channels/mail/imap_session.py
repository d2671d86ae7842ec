"""One conversation with an IMAP server (RFC 3501, IDLE RFC 2177, MOVE RFC 6851). No database.

The server is not trusted: every read has a time limit, literals are bounded, an answer about another message than the one asked
for is refused, and what it says about the size of a message is checked by the bytes that come.
"""

import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import imap_tools
from django.conf import settings
from imap_tools.utils import encode_folder

from . import oauth

SLACK = 64 * 1024  # bytes a literal may be larger than a message may be
READ_STEP = 64 * 1024
SLOWEST = 2_000  # bytes a second; a server that drips slower is hanging
HEAD_BYTES = 100_000  # kept of a message over the size limit
CHUNK = 100
LARGEST = 2**32 - 1  # of UIDs and UIDVALIDITY (RFC 3501 2.3.1.1)
LOOK_UP = 1.0  # seconds of IDLE between looks at whether to go on
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')


@dataclass(frozen=True)
class Account:
    """How to reach a mailbox."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    folder: str
    grant: oauth.Grant | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Found:
    """A message on the server, not yet fetched."""

    uid: int
    size: int
    arrived_at: datetime | None


class _Bounded(imaplib.IMAP4):
    def read(self, size: int) -> bytes:
        """A literal: bounded in size and in time."""
        if size > settings.MESSAGE_SIZE_LIMIT + SLACK:
            raise self.abort(f"the server announced {size} bytes at once")
        ends_at = time.monotonic() + settings.IMAP_TIMEOUT.total_seconds() + size / SLOWEST
        pieces, left = [], size
        while left:
            piece = self.file.read1(min(left, READ_STEP))
            if not piece:
                raise self.abort("the connection ended in the middle of a message")
            pieces.append(piece)
            left -= len(piece)
            if time.monotonic() > ends_at:
                raise TimeoutError
        return b"".join(pieces)


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    pass


class _Box(imap_tools.BaseMailBox):
    def __init__(self, account: Account) -> None:
        self.account = account
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        account, timeout = self.account, settings.IMAP_TIMEOUT.total_seconds()
        if account.security == "tls":
            return _BoundedTls(account.host, account.port, ssl_context=ssl.create_default_context(), timeout=timeout)
        client = _Bounded(account.host, account.port, timeout=timeout)
        if account.security == "starttls":
            client.starttls(ssl.create_default_context())
        return client


class Session:
    """A signed-in connection with one folder chosen. Raises OSError, imaplib.IMAP4.error, imap_tools' errors, Upstream."""

    def __init__(self, account: Account, *, writing: bool) -> None:
        self.account = account
        self.box = _Box(account)
        try:
            sign_in(self.box, account)
            _, offered = self.client.capability()  # servers offer more after the sign-in; imaplib remembers only what came before
            self.capabilities = set(b" ".join(line for line in offered if line).decode("ascii", "replace").upper().split())
            self.box.folder.set(account.folder, readonly=not writing)
            self.uidvalidity = self._uidvalidity()
        except BaseException:
            self.close()
            raise

    @property
    def client(self) -> imaplib.IMAP4:
        return self.box.client

    def _uidvalidity(self) -> int:
        _, values = self.client.response("UIDVALIDITY")
        first = next((value for value in values or [] if value), b"0")
        return int(first) if first.isdigit() and int(first) <= LARGEST else 0

    def look(self, *, after: int) -> list[Found]:
        """Messages with a UID above `after`, in order."""
        uids = self.uids(after + 1)
        found: list[Found] = []
        for start in range(0, len(uids), CHUNK):
            found += self._sizes(uids[start : start + CHUNK])
        return found

    def uids(self, first: int, last: int = LARGEST) -> list[int]:
        """The UIDs that the folder holds from `first` to `last`, in order."""
        answer = self._ask("SEARCH", None, f"UID {first}:{'*' if last == LARGEST else last}")
        words = b" ".join(line for line in answer if isinstance(line, bytes)).split()
        return sorted({int(word) for word in words if word.isdigit() and first <= int(word) <= last})

    def _sizes(self, uids: Sequence[int]) -> Iterator[Found]:
        """What the server says of each; of one that it names but says nothing about, the size shows when it comes."""
        known: dict[int, Found] = {}
        for line in self._ask("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)"):
            text = line[0] if isinstance(line, tuple) else line or b""
            uid, size, date = _UID.search(text), _SIZE.search(text), _DATE.search(text)
            if uid:
                known[int(uid[1])] = Found(int(uid[1]), int(size[1]) if size else 0, _internal_date(date[1]) if date else None)
        return (known.get(uid) or Found(uid, 0, None) for uid in uids)

    def fetch(self, message: Found) -> tuple[bytes, int] | None:
        """The raw message and its size; over the limit only its beginning. None when it is gone. Never marks it as read."""
        beginning = min(HEAD_BYTES, settings.MESSAGE_SIZE_LIMIT)
        part = "BODY.PEEK[]" if message.size <= settings.MESSAGE_SIZE_LIMIT else f"BODY.PEEK[]<0.{beginning}>"
        for line in self._ask("FETCH", str(message.uid), f"(UID {part})"):
            if not isinstance(line, tuple):
                continue
            uid = _UID.search(line[0])
            if uid and int(uid[1]) != message.uid:
                raise self.client.abort(f"asked for message {message.uid}, the server answered with {int(uid[1])}")
            return (bytes(line[1][:beginning]), message.size) if "<" in part else (bytes(line[1]), len(line[1]))
        return None

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Move messages that are safely stored; the folder is made when it is missing."""
        if not uids:
            return
        if not self.box.folder.exists(folder):
            self.box.folder.create(folder)
        chosen = ",".join(map(str, uids))
        if "MOVE" in self.capabilities:
            self._ask("MOVE", chosen, encode_folder(folder))
            return
        self._ask("COPY", chosen, encode_folder(folder))
        self._ask("STORE", chosen, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self.capabilities:
            self._ask("EXPUNGE", chosen)  # only ours: a bare EXPUNGE would also remove what others have marked

    def wait(self, seconds: float, go_on: Callable[[], bool]) -> bool:
        """True as soon as the server says that something came; False after `seconds` or when `go_on` says no."""
        self.box.idle.start()
        ends_at = time.monotonic() + seconds
        said: list[bytes] = []
        while not said and time.monotonic() < ends_at and go_on():
            asked_at = time.monotonic()
            said = self.box.idle.poll(timeout=LOOK_UP)
            if not said and time.monotonic() - asked_at < LOOK_UP / 2:
                raise self.client.abort("the connection ended")
        self.box.idle.stop()
        return bool(said)

    @property
    def can_wait(self) -> bool:
        return "IDLE" in self.capabilities

    def stay(self) -> None:
        """Keep the connection and see that it still stands."""
        self.client.noop()

    def close(self) -> None:
        try:
            self.client.logout()
        except (OSError, imaplib.IMAP4.error, imap_tools.ImapToolsError):
            self.client.shutdown()

    def _ask(self, command: str, *arguments: object) -> list:
        status, answer = self.client.uid(command, *arguments)  # type: ignore[arg-type]
        if status != "OK":
            raise self.client.error(f"{command}: {status} {answer}")
        return answer or []


def sign_in(box: imap_tools.BaseMailBox, account: Account) -> None:
    if account.grant is not None:
        box.xoauth2(account.user, oauth.access_token(account.grant), initial_folder=None)
    elif account.user.isascii() and account.password.isascii():
        box.login(account.user, account.password, initial_folder=None)
    else:
        box.login_utf8(account.user, account.password, initial_folder=None)


def _internal_date(text: bytes) -> datetime | None:
    try:
        return datetime.strptime(text.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None
