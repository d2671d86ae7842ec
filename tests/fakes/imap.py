"""An IMAP server that can hang, lie and break off, for testing the reader. It knows only what the reader says."""

import contextlib
import re
import socketserver
import threading
import time


class FakeImap:
    """`messages`: uid -> raw. `faults`: uid -> what goes wrong when it is fetched (see `_fetch`), or "login", "select", "greeting".

    A fault that is a list is used up, one entry a time; anything else stays.
    """

    def __init__(self, messages=None, *, uidvalidity=1, capabilities="IMAP4rev1 IDLE MOVE"):
        self.messages = dict(messages or {})
        self.last_uid = max(self.messages, default=0)  # never given again, RFC 3501 2.3.1.1
        self.uidvalidity = uidvalidity
        self.capabilities = capabilities
        self.faults = {}
        self.commands = []
        self.connections = 0
        self.phantoms = []  # words that SEARCH names besides the messages
        self.exists = None  # a lie about how many there are
        self.changed = threading.Condition()
        fake = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                fake.connections += 1
                with contextlib.suppress(OSError, _BreakOff):
                    _Conversation(fake, self).run()

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=True)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    def put(self, raw):
        with self.changed:
            self.last_uid += 1
            self.messages[self.last_uid] = raw
            self.changed.notify_all()

    def fault(self, key):
        wrong = self.faults.get(key)
        if isinstance(wrong, list):
            return wrong.pop(0) if wrong else None
        return wrong


class _BreakOff(Exception):
    pass


class _Conversation:
    def __init__(self, fake, handler):
        self.fake, self.rfile, self.wfile = fake, handler.rfile, handler.wfile

    def say(self, *pieces):
        for piece in pieces:
            self.wfile.write(piece if isinstance(piece, bytes) else piece.encode())
        self.wfile.write(b"\r\n")

    def run(self):
        self._wrong("greeting")
        self.say("* OK ready")
        while line := self.rfile.readline().decode("utf-8", "replace").strip():
            tag, _, rest = line.partition(" ")
            self.fake.commands.append(rest)
            words = rest.upper().split(" ")
            name = f"{words[0]} {words[1]}" if words[0] == "UID" else words[0]
            answer = getattr(self, "do_" + name.replace(" ", "_").lower())(rest)
            if name == "LOGOUT":
                return
            self.say(f"{tag} {answer or 'OK done'}")

    def _wrong(self, key):
        wrong = self.fake.fault(key)
        if wrong == "hang":
            time.sleep(60)
        if wrong == "reset":
            raise _BreakOff
        return wrong

    def do_capability(self, rest):
        self.say("* CAPABILITY ", self.fake.capabilities)

    def do_login(self, rest):
        return self._wrong("login")

    def do_authenticate(self, rest):
        self.say("+ ")
        self.fake.commands.append("RESPONSE " + self.rfile.readline().decode().strip())
        return self._wrong("login")

    def do_select(self, rest):
        self.say(f"* {len(self.fake.messages) if self.fake.exists is None else self.fake.exists} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.fake.uidvalidity}] valid")
        return self._wrong("select")

    do_examine = do_select

    def do_uid_search(self, rest):
        low, high = re.search(r"UID (\d+):(\d+|\*)", rest).groups()
        uids = sorted(self.fake.messages)
        found = [uid for uid in uids if uid >= int(low) and (high == "*" or uid <= int(high))]
        found = found or (uids[-1:] if high == "*" else [])  # n:* always names the last one
        self.say("* SEARCH ", " ".join(map(str, [*found, *self.fake.phantoms])))
        return self._wrong("search")

    def do_uid_fetch(self, rest):
        uids = [int(uid) for uid in rest.split(" ")[2].split(",")]
        for uid in uids:
            if uid in self.fake.messages:
                self._fetch(uid, rest)

    def _fetch(self, uid, rest):
        raw = self.fake.messages[uid]
        if "BODY" not in rest:
            if self.fake.faults.get(uid) == ["not described"]:
                self.fake.faults[uid] = []
                return
            size = 10 if self.fake.faults.get(uid) == "small size" else len(raw)
            self.say(f'* {uid} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "25-Nov-2026 10:00:00 +0000")')
            return
        wrong = self._wrong(uid)
        if wrong == "empty":
            return
        if wrong == "truncated":
            self.wfile.write(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw[: len(raw) // 2])
            raise _BreakOff
        if wrong == "huge":
            self.say(f"* {uid} FETCH (UID {uid} BODY[] {{9999999999}}")
            time.sleep(60)
        if partial := re.search(r"<0\.(\d+)>", rest):
            raw = raw[: int(partial[1])]
        said = uid + 1000 if wrong == "wrong uid" else uid
        self.say(f"* {uid} FETCH (UID {said} BODY[] {{{len(raw)}}}\r\n", raw, ")")
        if wrong == "twice":
            self.say(f"* {uid} FETCH (UID {said} BODY[] {{{len(raw)}}}\r\n", raw, ")")

    def do_uid_move(self, rest):
        self._wrong("before move")
        for uid in rest.split(" ")[2].split(","):
            self.fake.messages.pop(int(uid), None)

        return self._wrong("move")

    def do_list(self, rest):
        self.say('* LIST () "/" Done')

    def do_noop(self, rest):
        return None

    def do_idle(self, rest):
        self.say("+ idling")
        before = len(self.fake.messages)
        waiter = threading.Thread(target=self._announce, args=(before,), daemon=True)
        waiter.start()
        self.rfile.readline()
        self._wrong("idle")
        with self.fake.changed:
            self.fake.changed.notify_all()

    def _announce(self, before):
        with self.fake.changed:
            self.fake.changed.wait_for(lambda: len(self.fake.messages) != before, timeout=30)
        with contextlib.suppress(OSError, ValueError):
            self.say(f"* {len(self.fake.messages)} EXISTS")

    def do_logout(self, rest):
        self.say("* BYE")
