"""Timed work about chats."""

from datetime import timedelta

from django.db.models import F

from madoguchi.foundation import clock
from madoguchi.foundation.actor import SYSTEM
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import Message

from . import actions
from .models import Conversation
from .queries import HERE

OLDEST = timedelta(days=2)  # what was not read for longer has been forgotten by both sides
AT_ONCE = 100


def look_after_absent() -> None:
    """Mail to visitors who left what we wrote since."""
    now = clock.now()
    gone = Conversation.objects.filter(state__in=Conversation.OPEN, visitor_seen_at__lt=now - HERE, visitor_seen_at__gt=now - OLDEST)
    for conversation in gone.exclude(mail="").select_related("widget", "ticket")[:AT_ONCE]:
        unread = Message.objects.filter(
            ticket=conversation.ticket_id, channel="chat", direction=Message.Direction.OUT, automatic="",
            pk__gt=max(conversation.visitor_read_id, conversation.mailed_id),
        ).order_by("id")  # fmt: skip
        messages = list(unread[:AT_ONCE])
        if messages and messages[0].created_at <= now - timedelta(minutes=conversation.widget.mail_after):
            actions.mail_unread(conversation=conversation, messages=messages)


def recognise_by_mail() -> None:
    """A visitor who only said their address has answered our mail from it: they could read it, so the ticket is that customer's."""
    said = Conversation.objects.filter(verified=False, ticket__unsolved=True).exclude(mail="")
    theirs = Message.objects.filter(
        ticket__in=said.values("ticket"), direction=Message.Direction.IN, channel="mail", automatic="", customer__isnull=False
    ).exclude(customer=F("ticket__customer"))
    for message in theirs.select_related("customer")[:AT_ONCE]:
        if message.customer is not None and said.filter(ticket=message.ticket_id, mail=message.from_address.lower()).exists():
            tickets.set_customer(ticket_id=message.ticket_id, customer=message.customer, by=SYSTEM)
