"""Background work about arrivals."""

from dataclasses import asdict
from datetime import timedelta

from django.db import transaction

from madoguchi.channels import actions as channels
from madoguchi.channels.mail.origin import spf_address, wants_check
from madoguchi.channels.mail.parse import parse
from madoguchi.channels.models import Envelope
from madoguchi.foundation import clock
from madoguchi.foundation.jobs import enqueue, job
from madoguchi.tickets import actions as tickets

CHECK_TRIES = 3
CHECK_AGAIN = timedelta(minutes=10)


@job("intake.check_origin", queue="dns", own_transaction=True)
def check_origin(*, envelope: int, tries: int = 1) -> None:
    """SPF, DKIM and DMARC of a mail that came to our own port. It asks name servers that strangers run, so it has a queue of its own."""
    row = Envelope.objects.filter(pk=envelope).first()
    if row is None or not (wants_check(row) or tries > 1):
        return
    from madoguchi.channels.mail import authentication_check as origin  # noqa: PLC0415  slow to load, used by the worker alone

    raw = bytes(row.raw)
    found = origin.check(
        raw, ip=spf_address(row), helo=row.helo, mail_from=row.sender, from_addr=parse(raw).from_addr, resolver=origin.SystemResolver()
    )
    with transaction.atomic():
        channels.note_origin(envelope_id=row.pk, auth=asdict(found))
        tickets.note_origin(envelope_id=row.pk, auth=asdict(found))
        if "temperror" in (found.spf, found.dkim, found.dmarc) and tries < CHECK_TRIES:
            enqueue("intake.check_origin", run_at=clock.now() + CHECK_AGAIN * tries, envelope=row.pk, tries=tries + 1)
