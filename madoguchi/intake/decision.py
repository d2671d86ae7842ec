"""What becomes of one arrival, told from what the parser saw. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from madoguchi.channels.mail.parsed import ParsedMail

MAX_HOPS = 50


class Fate(StrEnum):
    """The kinds that an import counts; every arrival has exactly one. STORED, AUTO_REPLY and SPAM keep a message in a ticket."""

    STORED = "stored"
    DUPLICATE = "duplicates"
    QUARANTINED = "quarantined"
    BOUNCE = "bounces"
    AUTO_REPLY = "auto_replies"
    LOOP = "loops"
    SPAM = "spam"


@dataclass(frozen=True)
class Verdict:
    """`reason`: a code; `explain_reason` of intake.queries has the words."""

    fate: Fate
    reason: str = ""
    may_auto_answer: bool = True

    @property
    def keeps_message(self) -> bool:
        return self.fate in {Fate.STORED, Fate.AUTO_REPLY, Fate.SPAM}


def first_verdict(mail: ParsedMail, *, hops: int) -> Verdict:
    """Before anything is looked up: can it be read, who wrote it, man or machine?"""
    if mail.unreadable:
        return Verdict(Fate.QUARANTINED, mail.unreadable)
    if mail.kind == "bounce":
        return Verdict(Fate.BOUNCE, may_auto_answer=False)
    if mail.kind == "loop":
        return Verdict(Fate.LOOP, "own_mail", may_auto_answer=False)
    if hops > MAX_HOPS:
        return Verdict(Fate.LOOP, "hops", may_auto_answer=False)
    if not mail.has_sender:
        return Verdict(Fate.QUARANTINED, "no_sender")
    if mail.kind == "auto_reply":
        return Verdict(Fate.AUTO_REPLY, may_auto_answer=False)
    if mail.spam:
        return Verdict(Fate.SPAM, may_auto_answer=False)
    return Verdict(Fate.STORED, may_auto_answer=not mail.no_auto_answer)


def rate_guarded(verdict: Verdict, *, recent: int, quiet_above: int, loop_above: int) -> Verdict:
    """Two machines that answer each other write often: first we fall silent, and far above that we stop listening.

    `recent`: messages of the same sender within the window, this one not counted.
    """
    if verdict.keeps_message and recent >= loop_above:
        return Verdict(Fate.LOOP, "flood", may_auto_answer=False)
    if verdict.may_auto_answer and recent >= quiet_above:
        return Verdict(verdict.fate, verdict.reason, may_auto_answer=False)
    return verdict
