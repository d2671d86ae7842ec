"""Reads of chats: who a token belongs to, what is said, the queue, the hours."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.errors import NotFound
from madoguchi.routing.queries import anybody_available
from madoguchi.staff.models import Agent
from madoguchi.tickets.models import Attachment, Message
from madoguchi.tickets.queries import ticket_for
from madoguchi.workplace import queries as workplace

from .models import Conversation, Widget

MOST_MESSAGES = 200
SHORTEST_TOKEN, LONGEST_TOKEN = 40, 100
HERE = timedelta(seconds=90)  # since a browser was last connected, until its visitor counts as gone
SAMPLE, FEWEST = 20, 5  # recent pick-ups that an expectation is made of
RECENT = timedelta(hours=3)
HOURS_SECONDS = 5


def widget_of(key: str) -> Widget | None:
    """The widget with this key; the default brand's without one. None when there is none or it is switched off."""
    found = Widget.objects.select_related("brand").filter(is_active=True)
    return (found.filter(key=key) if key else found.filter(brand__is_default=True)).first()


def good_token(token: str) -> bool:
    """Long enough that nobody guesses it, and of letters that a browser makes."""
    return SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN and token.replace("-", "").replace("_", "").isalnum() and token.isascii()


def conversation_of(token: str, widget: Widget) -> Conversation | None:
    """The visitor's conversation in this widget."""
    if not good_token(token):
        return None
    found = Conversation.objects.select_related("ticket__assignee", "widget__brand")
    return found.filter(token_hash=crypto.fingerprint(token), widget=widget).first()


def conversation_for(agent: Agent, ticket_id: int) -> Conversation:
    """The chat of a ticket that the agent may see. Raises NotFound."""
    ticket = ticket_for(agent, ticket_id)
    found = Conversation.objects.select_related("ticket__customer", "widget__brand").filter(ticket=ticket).order_by("-id").first()
    if found is None:
        raise NotFound
    return found


def messages_after(conversation: Conversation, after: int) -> list[Message]:
    """What both sides said since, oldest first. Mail of the same ticket is shown only to a visitor whose site vouches for them: whoever
    gave an address may not be who reads it.
    """
    found = _shown(conversation).filter(pk__gt=after).select_related("agent", "said").order_by("id")
    return list(found.prefetch_related(Prefetch("attachments", Attachment.objects.defer("data").order_by("id")))[:MOST_MESSAGES])


def latest_messages(conversation: Conversation) -> list[Message]:
    """The newest, oldest first: what a page that is opened anew shows."""
    newest = _shown(conversation).order_by("-id").values_list("id", flat=True)[:MOST_MESSAGES]
    return messages_after(conversation, min(newest, default=1) - 1)


def _shown(conversation: Conversation) -> QuerySet[Message]:
    """Of a ticket into which others were merged only what this visitor said, and what we said since they came."""
    ours = Q(direction=Message.Direction.OUT, channel="chat")
    theirs = Q(said__conversation=conversation)
    if conversation.verified:
        mine = Q(direction=Message.Direction.IN, customer=conversation.ticket.customer_id)
        ours |= Q(direction=Message.Direction.OUT, automatic="", delivery__state__in=["sent", "delivered"])
        theirs |= mine
    return Message.objects.filter(ours | theirs, ticket=conversation.ticket_id, created_at__gte=conversation.started_at)


def file_for_visitor(conversation: Conversation, attachment_id: int) -> Attachment:
    """A file of a message that the visitor sees. Raises NotFound."""
    found = Attachment.objects.select_related("message__envelope").filter(pk=attachment_id, message__in=_shown(conversation)).first()
    if found is None or found.is_redacted:
        raise NotFound
    return found


@dataclass(frozen=True)
class Hours:
    """`open`: within the brand's opening hours; `staffed`: and somebody is available; `opens_at`: when it opens next, if it is closed."""

    open: bool
    staffed: bool
    opens_at: datetime | None = None


_hours: dict[int, tuple[int, Hours]] = {}


def hours_of(widget: Widget) -> Hours:
    """Without a calendar we are always open. The same for all visitors, so it is asked once in HOURS_SECONDS a process."""
    at = int(clock.now().timestamp()) // HOURS_SECONDS
    known = _hours.get(widget.pk)
    if known is None or known[0] != at:
        known = _hours[widget.pk] = (at, _hours_now(widget))
    return known[1]


def _hours_now(widget: Widget) -> Hours:
    version = workplace.current_versions().choose(calendar_id=None, brand_id=widget.brand_id)
    now = clock.now()
    calendar = workplace.hours(version) if version else None
    if calendar is None or calendar.is_open(now):
        return Hours(open=True, staffed=None in anybody_available([None]))
    return Hours(open=False, staffed=False, opens_at=None if calendar.never_open else calendar.next_opening(now))


def queue(widget_id: int) -> list[int]:
    """Ids of the conversations that wait for a person and whose visitor is there, longest waiting first."""
    waiting = Conversation.objects.filter(widget=widget_id, state=Conversation.State.WAITING, visitor_seen_at__gt=clock.now() - HERE)
    return list(waiting.order_by("waiting_since", "id").values_list("id", flat=True))


def expected_minutes(widget_id: int) -> int | None:
    """How long three of four recent visitors waited at most, in minutes; None when too few were picked up lately to say."""
    recent = Conversation.objects.filter(widget=widget_id, picked_up_at__gt=clock.now() - RECENT, waiting_since__isnull=False)
    pairs = recent.order_by("-picked_up_at").values_list("waiting_since", "picked_up_at")[:SAMPLE]
    waits = sorted((end - start).total_seconds() for start, end in pairs if start and end)
    if len(waits) < FEWEST:
        return None
    return max(1, math.ceil(waits[math.ceil(0.75 * len(waits)) - 1] / 60))
