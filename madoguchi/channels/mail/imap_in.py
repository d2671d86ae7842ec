"""Fetching mail by IMAP: one thread for each active mailbox, watched over; over all workers only one reads a mailbox.

A message is moved on the server, or passed over from then on, only after its envelope is committed. Killed between the two it is
fetched again, and the envelope's `provider_id` (mailbox, UIDVALIDITY, UID) keeps it once. When the server gives new UIDs to
everything, all is read again and recognised by Message-ID and content.
"""

import imaplib
import logging
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

import imap_tools
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.utils import translation

from madoguchi.foundation import crypto, timers
from madoguchi.foundation.errors import MadoguchiError
from madoguchi.foundation.jobs import worker_name

from .. import actions, queries
from ..models import Mailbox
from .imap_session import LOOK_UP, Account, Found, Session
from .imap_words import explain_imap, explain_move
from .oauth import grant_of

log = logging.getLogger(__name__)

LOOK_AFTER = 3.0  # seconds between looks at the list of mailboxes
LEASE_SECONDS = 30
RENEW_AFTER = 10.0
LONGEST_PAUSE = 300.0
AT_ONCE = 25  # messages between two notes of how far we are
MOVED_AT_BEGIN = 500  # messages left in the folder that a new conversation moves before it reads on
REFUSALS = 3  # times a message is asked for before only its place is kept, for people to see
BACKLOG_AGE = timedelta(days=1)  # older than the mailbox's set-up by this much: history, not answered by machine
SERVER_ERRORS = (OSError, imaplib.IMAP4.error, imap_tools.ImapToolsError, MadoguchiError)


def account_of(mailbox: Mailbox) -> Account:
    return Account(
        mailbox.imap_host, mailbox.imap_port, mailbox.imap_security, mailbox.imap_user or mailbox.address,
        crypto.decrypt(mailbox.imap_secret), mailbox.imap_folder or "INBOX", grant_of(mailbox),
    )  # fmt: skip


def watch(stop: threading.Event) -> None:
    """Worker loop: a reader for each active IMAP mailbox; started anew when its settings change or it died."""
    readers: dict[int, Reader] = {}
    while not stop.is_set():
        try:
            close_old_connections()
            wanted = {box.pk: box for box in Mailbox.objects.filter(is_active=True, incoming=Mailbox.Incoming.IMAP).exclude(imap_host="")}
            for pk in [pk for pk, reader in readers.items() if pk not in wanted or not reader.fits(wanted[pk])]:
                readers.pop(pk).stop.set()
            for pk, mailbox in wanted.items():
                if pk not in readers:
                    readers[pk] = Reader(mailbox)
                    readers[pk].start()
        except DatabaseError:
            log.warning("the list of mailboxes cannot be read; trying again", exc_info=True)
            connection.close()
        except Exception:
            log.exception("a mailbox cannot be set up")
        stop.wait(LOOK_AFTER)
    for reader in readers.values():
        reader.stop.set()
    for reader in readers.values():
        reader.join(timeout=5)
    connection.close()


@dataclass
class _Round:
    """What is known of one UIDVALIDITY: how far everything is stored, and messages that the server would not give."""

    uidvalidity: int
    last_uid: int
    stored: set[int] = field(default_factory=set)
    refused: dict[int, int] = field(default_factory=dict)

    def advance(self) -> None:
        below = min(self.refused, default=None)
        done = [uid for uid in self.stored if below is None or uid < below]
        self.last_uid = max([self.last_uid, *done])
        self.stored = {uid for uid in self.stored if uid > self.last_uid}


class Reader(threading.Thread):
    """Reads one mailbox until told to stop; daemon, since a hanging server must not hold up the end of the process."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(name=f"imap-{mailbox.pk}", daemon=True)
        self.mailbox = mailbox
        self.settings = _settings_of(mailbox)
        self.stop = threading.Event()
        self.holder = f"{worker_name()}:{id(self)}"
        self.renewed = 0.0
        self.trouble = ""

    def fits(self, mailbox: Mailbox) -> bool:
        return self.is_alive() and _settings_of(mailbox) == self.settings

    def run(self) -> None:
        failures = 0
        while not self.stop.is_set():
            pause = LOOK_AFTER
            try:
                close_old_connections()
                if self._may_read():
                    self._converse()
                failures = 0
            except DatabaseError:
                log.warning("mailbox waits: the database does not answer", extra={"mailbox": self.mailbox.pk}, exc_info=True)
                connection.close()
            except SERVER_ERRORS as error:
                failures += 1
                pause = min(LONGEST_PAUSE, 2.0**failures) * random.uniform(0.8, 1.2)  # noqa: S311
                self._tell(error)
            except Exception as error:
                failures += 1
                pause = min(LONGEST_PAUSE, 2.0**failures)
                log.exception("mailbox failed", extra={"mailbox": self.mailbox.pk})
                self._tell(error)
            self.stop.wait(pause)
        self._let_go()

    def _may_read(self) -> bool:
        """Hold the mailbox's lease; it runs for a while, so it is prolonged only now and then."""
        if time.monotonic() - self.renewed < RENEW_AFTER:
            return True
        mine = timers.hold_lease(f"imap:{self.mailbox.pk}", holder=self.holder, seconds=LEASE_SECONDS)
        self.renewed = time.monotonic() if mine else 0.0
        return mine

    def _converse(self) -> None:
        """One connection: fetch what is there, wait for more, until something breaks or the lease is lost."""
        self.mailbox = Mailbox.objects.get(pk=self.mailbox.pk)  # a provider may have rotated the token meanwhile
        session = Session(account_of(self.mailbox), writing=bool(self.mailbox.imap_move_to))
        try:
            at = self._begin(session.uidvalidity)
            self._move_left_behind(session, at)
            while not self.stop.is_set() and self._may_read():
                self._fetch_all(session, at)
                self._wait(session)
        finally:
            session.close()

    def _begin(self, uidvalidity: int) -> _Round:
        seen, last = Mailbox.objects.values_list("imap_uidvalidity", "imap_last_uid").get(pk=self.mailbox.pk)
        return _Round(uidvalidity, last if seen == uidvalidity else 0)

    def _fetch_all(self, session: Session, at: _Round) -> None:
        waiting = [message for message in session.look(after=at.last_uid) if message.uid not in at.stored]
        there = {message.uid for message in waiting}
        at.refused = {uid: count for uid, count in at.refused.items() if uid in there}
        for start in range(0, len(waiting), AT_ONCE):
            taken = []
            for message in waiting[start : start + AT_ONCE]:
                if self.stop.is_set() or not self._may_read():
                    return
                if self._take(session, at, message):
                    taken.append(message.uid)
            at.advance()
            self._note(at)
            self._move(session, taken)
        if not waiting:
            self._note(at)

    def _move_left_behind(self, session: Session, at: _Round) -> None:
        """Move what is stored here but was not moved any more, because we or the connection died in between."""
        if not self.mailbox.imap_move_to or not at.last_uid:
            return
        names = {f"imap:{at.uidvalidity}:{uid}": uid for uid in session.uids(1, at.last_uid)[:MOVED_AT_BEGIN]}
        stored = queries.stored_names(self.mailbox.pk, names)
        self._move(session, [uid for name, uid in names.items() if name in stored])

    def _move(self, session: Session, uids: list[int]) -> None:
        """Tidying up: that it fails is told, and mail comes in all the same."""
        if not self.mailbox.imap_move_to or not uids:
            return
        try:
            session.move(uids, self.mailbox.imap_move_to)
            self.trouble = ""
        except (imaplib.IMAP4.abort, OSError):
            raise
        except (imaplib.IMAP4.error, imap_tools.ImapToolsError) as error:
            with translation.override(settings.LANGUAGE_CODE):
                self.trouble = explain_move(error, self.mailbox.imap_move_to)
            log.warning("mail cannot be moved", extra={"mailbox": self.mailbox.pk, "error": self.trouble})

    def _note(self, at: _Round) -> None:
        actions.note_progress(mailbox_id=self.mailbox.pk, uidvalidity=at.uidvalidity, last_uid=at.last_uid, trouble=self.trouble)

    def _take(self, session: Session, at: _Round, message: Found) -> bool:
        """Fetch and store one message. True when it is safely here; one that the server refuses again and again is noted."""
        name = f"imap:{at.uidvalidity}:{message.uid}"
        try:
            fetched = session.fetch(message)
        except imaplib.IMAP4.abort:
            self._refused(at, message, name)
            raise  # the conversation has lost its thread; a new one begins
        except imaplib.IMAP4.error:
            fetched = None
        if fetched is None:
            self._refused(at, message, name)
            return False
        raw, size = fetched
        self._store(name, raw, size, message)
        at.refused.pop(message.uid, None)
        at.stored.add(message.uid)
        return True

    def _refused(self, at: _Round, message: Found, name: str) -> None:
        """Count; in the end keep an empty envelope with the message's place, so that people see what could not be fetched."""
        count = _refusals.get((self.mailbox.pk, name), 0) + 1
        _refusals[self.mailbox.pk, name] = count
        at.refused[message.uid] = count
        if count >= REFUSALS:
            self._store(name, b"", max(message.size, 1), message)
            del at.refused[message.uid], _refusals[self.mailbox.pk, name]
            at.stored.add(message.uid)
            at.advance()
            self._note(at)

    def _store(self, name: str, raw: bytes, size: int, message: Found) -> None:
        old = message.arrived_at is not None and message.arrived_at < self.mailbox.created_at - BACKLOG_AGE
        actions.store_envelope(
            raw=raw, source="backlog" if old else "imap", mailbox=self.mailbox, provider_id=name, recipients=[self.mailbox.address],
            size=max(size, len(raw)),
        )  # fmt: skip

    def _wait(self, session: Session) -> None:
        def go_on() -> bool:
            return not self.stop.is_set() and self._may_read()

        seconds = settings.IMAP_POLL.total_seconds()
        if session.can_wait:
            session.wait(seconds, go_on)
            return
        ends_at = time.monotonic() + seconds
        while go_on() and time.monotonic() < ends_at:
            self.stop.wait(LOOK_UP)
        session.stay()

    def _tell(self, error: Exception) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            words = explain_imap(error, account_of(self.mailbox))
        log.warning("mailbox cannot be read", extra={"mailbox": self.mailbox.pk, "error": words})
        try:
            actions.note_trouble(mailbox_id=self.mailbox.pk, words=words)
        except DatabaseError:
            connection.close()

    def _let_go(self) -> None:
        try:
            timers.release_lease(f"imap:{self.mailbox.pk}", holder=self.holder)
        except DatabaseError:
            log.warning("the mailbox's lease runs out by itself", exc_info=True)
        connection.close()


_refusals: dict[tuple[int, str], int] = {}  # outlives a conversation, since a refusal may end it


def _settings_of(mailbox: Mailbox) -> tuple:
    return (
        mailbox.address, mailbox.auth, mailbox.imap_host, mailbox.imap_port, mailbox.imap_security, mailbox.imap_user, mailbox.imap_secret,
        mailbox.imap_folder, mailbox.imap_move_to, mailbox.oauth_client_id, mailbox.oauth_client_secret, mailbox.oauth_tenant,
    )  # fmt: skip
