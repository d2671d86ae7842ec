"""Files that agents add: kept as soon as they are dropped on the page, moved to the message when it is sent."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from madoguchi.foundation import clock
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.staff.models import Agent

from ..filetypes import safe_name, sniff
from ..models import Attachment

MOST_FILES = 50  # unsent, of one agent in one ticket
KEPT_UNSENT = timedelta(days=14)


@transaction.atomic
def add_upload(*, agent: Agent, name: str, data: bytes, ticket_id: int | None = None) -> Attachment:
    """Keep a file for a message that is still being written; without `ticket_id` for a new ticket. Its type is told by its bytes.

    Raises Invalid for an empty or too large file, or when too many wait already.
    """
    if not data:
        raise Invalid(_("The file “{name}” is empty.").format(name=name[:100]))
    waiting = Attachment.objects.filter(message=None, ticket=ticket_id, uploaded_by=agent)
    total = waiting.aggregate(total=Sum("size"))["total"] or 0
    limit = settings.UPLOAD_SIZE_LIMIT
    if len(data) + total > limit:
        raise Invalid(_("The files of one message may have {size} MB together. Send a large file another way.").format(size=limit // 2**20))
    if waiting.count() >= MOST_FILES:
        raise Invalid(_("These are too many files. Send them in more than one message."))
    name = safe_name(name)
    return Attachment.objects.create(
        ticket_id=ticket_id, uploaded_by=agent, name=name, content_type=sniff(data, name), size=len(data), data=data, created_at=clock.now()
    )


@transaction.atomic
def discard_upload(*, agent: Agent, attachment_id: int) -> None:
    """Remove a file that was not sent yet. Raises NotFound for another's or a sent one."""
    gone, _rows = Attachment.objects.filter(pk=attachment_id, message=None, uploaded_by=agent).delete()
    if not gone:
        raise NotFound


def forget_unsent() -> int:
    """Remove files that were dropped on a page and never sent; returns how many."""
    old = Attachment.objects.filter(message=None, created_at__lt=clock.now() - KEPT_UNSENT, uploaded_by__isnull=False)
    gone, _rows = Attachment.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:500])).delete()
    return gone
