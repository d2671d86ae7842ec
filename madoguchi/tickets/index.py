"""Keeps the search index of messages right: called by whatever writes messages, in the same transaction.

One document per message. Which ticket a message belongs to, its team and who may see it are read when somebody searches, so
merging, splitting and moving a ticket to another team need nothing here; a changed text, subject or file name does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Min

from madoguchi.foundation import search
from madoguchi.foundation.search import Document

from .models import Attachment, Message, Ticket

SHELF = "messages"
CHUNK = 2000
_TEXTS = ("pk", "ticket_id", "subject", "from_name", "from_address", "to", "cc", "text")


def document_of(message: Message, *, files: Sequence[str] = (), subject: str = "") -> Document:
    """What of a message can be found. `subject`: the ticket's, for its first message."""
    head = [message.subject, *([subject] if subject != message.subject else []), *files]
    who = [message.from_name, message.from_address]
    who.extend(word for pair in (*message.to, *message.cc) for word in pair)
    return Document(message.pk, head="\n".join(filter(None, head)), who="\n".join(filter(None, who)), body=message.text)


def put_new_messages(messages: Iterable[Message], *, files: Mapping[int, Sequence[str]] | None = None) -> None:
    """Index messages that were just written, without reading anything back. `files`: names of attachments by message id."""
    names = files or {}
    search.index_documents(SHELF, (document_of(message, files=names.get(message.pk, ())) for message in messages))


def put_messages(message_ids: Sequence[int]) -> None:
    """Index messages again as they stand in the database; those that are gone leave the index."""
    messages = list(Message.objects.filter(pk__in=message_ids).only(*_TEXTS))
    search.index_documents(SHELF, _documents(messages))
    if gone := set(message_ids).difference(message.pk for message in messages):
        search.remove_documents(SHELF, list(gone))


def put_ticket(ticket_id: int) -> None:
    """Index the message that carries the ticket's subject again."""
    first = Message.objects.filter(ticket=ticket_id).aggregate(first=Min("pk"))["first"]
    if first:
        put_messages([first])


def remove_messages(message_ids: Sequence[int]) -> None:
    """Take deleted messages out of the index."""
    search.remove_documents(SHELF, message_ids)


def rebuild() -> int:
    """Build the whole index again, in one go; the number of messages. Searches find nothing until it is done."""
    search.clear(SHELF)
    count = 0
    last = 0
    with search.bulk_loading(SHELF):
        while messages := list(Message.objects.filter(pk__gt=last).order_by("pk").only(*_TEXTS)[:CHUNK]):
            search.index_documents(SHELF, _documents(messages))
            count += len(messages)
            last = messages[-1].pk
    return count


def _documents(messages: list[Message]) -> Iterator[Document]:
    ticket_ids = {message.ticket_id for message in messages}
    firsts = dict(Message.objects.filter(ticket__in=ticket_ids).values_list("ticket").annotate(Min("pk")))
    subjects = dict(Ticket.objects.filter(pk__in=ticket_ids).values_list("pk", "subject"))
    files: dict[int, list[str]] = {}
    for attachment in Attachment.objects.filter(message__in=messages).only("message_id", "name").order_by("pk"):
        files.setdefault(attachment.message_id or 0, []).append(attachment.name)
    for message in messages:
        first = firsts.get(message.ticket_id) == message.pk
        yield document_of(message, files=files.get(message.pk, ()), subject=subjects.get(message.ticket_id, "") if first else "")
