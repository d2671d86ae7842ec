"""The bytes of a file, for agents who may see its message."""

from dataclasses import dataclass

from madoguchi.channels.mail.parse import part_bytes
from madoguchi.foundation.errors import NotFound
from madoguchi.staff.models import Agent
from madoguchi.staff.permissions import Permission

from .filetypes import PREVIEWABLE, UNKNOWN, safe_name, sniff
from .models import Attachment, Message
from .queries import tickets_visible_to


@dataclass(frozen=True)
class File:
    """`content_type` is what the bytes are, not what the sender called them; `previewable`: a browser may show it in the page."""

    name: str
    content_type: str
    data: bytes
    previewable: bool


def file_of(agent: Agent, attachment_id: int) -> File:
    """The file. Raises NotFound when it does not exist, was redacted, or the agent may not see its message."""
    attachment = Attachment.objects.select_related("message__envelope").filter(pk=attachment_id).first()
    if attachment is None or not _visible(agent, attachment):
        raise NotFound
    data = data_of(attachment)
    if data is None:
        raise NotFound
    kind = sniff(data, attachment.name)
    return File(safe_name(attachment.name), kind or UNKNOWN, data, kind in PREVIEWABLE)


def _visible(agent: Agent, attachment: Attachment) -> bool:
    message = attachment.message
    if message is None:
        return attachment.uploaded_by_id == agent.pk
    if message.direction == Message.Direction.NOTE and not agent.may(Permission.TICKET_NOTE):
        return False
    return tickets_visible_to(agent).filter(pk=message.ticket_id).exists()


def data_of(attachment: Attachment) -> bytes | None:
    """The stored or extracted bytes; None when there are none any more. For code that has checked who asks."""
    if attachment.data is not None:
        return bytes(attachment.data)
    if attachment.part is None or attachment.message is None or attachment.message.envelope is None:
        return None
    try:
        return part_bytes(bytes(attachment.message.envelope.raw), attachment.part)
    except LookupError:
        return None
