"""A small name server on a local UDP port, with the records that a test gives it; other names do not exist."""

import socket
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class Names:
    """`records`: (name, kind) -> values in zone-file form; "silent" instead of values: no answer comes. `asked`: what was asked."""

    def __init__(self, records):
        self.records = {(name.lower().rstrip("."), kind): values for (name, kind), values in records.items()}
        self.asked = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = self._socket.getsockname()

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.address)
        self._thread.join(5)
        self._socket.close()

    def _serve(self):
        while True:
            data, client = self._socket.recvfrom(4096)
            if not data:
                return
            answer = self._answer(dns.message.from_wire(data))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), client)

    def _answer(self, query):
        question = query.question[0]
        key = (str(question.name).lower().rstrip("."), question.rdtype.name)
        self.asked.append(key)
        values = self.records.get(key)
        if values == "silent":
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if values:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", question.rdtype, *values))
        elif not any(name == key[0] for name, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
