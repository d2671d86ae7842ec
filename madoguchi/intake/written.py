"""What was written on our own pages, as the intake takes it: a person's words, whole, and what was chosen beside them."""

from dataclasses import replace

from madoguchi.channels.mail.parsed import ParsedMail
from madoguchi.channels.web.written import facts_of
from madoguchi.tickets.models import Kind, Ticket
from madoguchi.understanding.readers.language import detect_language

from .decision import Fate, Verdict


def as_written(raw: bytes, mail: ParsedMail, *, model: bool) -> tuple[ParsedMail, Verdict, str, dict[str, object]]:
    """The words as they were typed (nothing in them is a quotation, a signature or a machine's), the verdict, the language, the facts."""
    facts = facts_of(raw)
    mail = replace(
        mail, kind="message", html="", reply_text=mail.text, quoted_text="", signature="", invitation=None, automatic=(), reply_to=(),
        in_reply_to="", references=(), recipients=(), no_auto_answer=False, problems=(),
    )  # fmt: skip
    if mail.unreadable or not mail.has_sender:
        return mail, Verdict(Fate.QUARANTINED, mail.unreadable or "no_sender"), "", facts
    language = detect_language(mail.text, fallback=str(facts.get("language", "")), model=model)
    if facts.get("trap"):
        return mail, Verdict(Fate.SPAM, may_auto_answer=False), language, facts
    return mail, Verdict(Fate.STORED), language, facts


def choose(ticket: Ticket, facts: dict[str, object]) -> None:
    """Give a new ticket the kind and the own fields that were filled in; they were checked before they were kept."""
    kind, custom = facts.get("kind"), facts.get("custom")
    if kind in Kind.values:
        ticket.kind = str(kind)
    if isinstance(custom, dict):
        ticket.custom = custom
