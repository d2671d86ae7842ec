"""The digest: what an agent has not read in the desk, by mail. Sent once, also through `kill -9` (docs/adr/0007-sending-once.md)."""

import logging

from madoguchi.channels.mail import journal
from madoguchi.channels.mail.problems import SendProblem
from madoguchi.channels.mail.system import send_now
from madoguchi.design.formats import zone_of
from madoguchi.foundation import clock
from madoguchi.foundation.jobs import enqueue, job
from madoguchi.staff import actions as staff
from madoguchi.staff.digests import KEPT, due, latest_included
from madoguchi.staff.models import Agent
from madoguchi.staff.queries import waiting_for_digest

from .digest import digest_mail

log = logging.getLogger(__name__)

PLACE = "sending-digests"  # under MADOGUCHI_HOME


def mail_digests() -> None:
    """Timed work: resolve what a kill cut off, then ask for the digests that are due."""
    recover()
    for agent_id in due(waiting_for_digest(), clock.now()):
        enqueue("console.mail_digest", key=f"digest:{agent_id}", agent=agent_id)


@job("console.mail_digest", queue="mail", own_transaction=True)
def mail_digest(*, agent: int) -> None:
    """Send one agent's digest; nothing when it is no longer wanted or all was read meanwhile."""
    reader = Agent.objects.select_related("role").filter(pk=agent, is_active=True, digest_minutes__gt=0).first()
    if reader is None:
        return
    now = clock.now()
    before = latest_included(reader.digest_minutes, zone_of(reader.time_zone), now)
    attempt = journal.begin(reader.pk, PLACE)
    try:
        found = staff.take_for_digest(agent_id=reader.pk, token=attempt.token, before=before, since=now - KEPT)
        mail = digest_mail(reader, found)
        if mail is not None:
            send_now(mail, attempt)
        staff.digest_sent(token=attempt.token)
    except SendProblem as problem:
        if problem.permanent:  # the desk still shows them; the dead job says why
            staff.digest_sent(token=attempt.token)
        else:
            staff.digest_not_sent(token=attempt.token)
        attempt.close()
        raise
    except BaseException:
        attempt.abandon()
        raise
    attempt.close()


def recover() -> None:
    """Attempts of processes that are gone: what the mail server was given, or may have been given, is not sent again."""
    for token, story, found in journal.ended(PLACE):
        try:
            if story.phase == journal.STARTED or (story.answer and story.answer[0] >= 400):  # noqa: PLR2004
                staff.digest_not_sent(token=token)
            else:
                staff.digest_sent(token=token)
        except Exception:
            found.abandon()
            raise
        log.warning("a digest was cut off", extra={"attempt": token, "phase": chr(story.phase)})
        found.close()
