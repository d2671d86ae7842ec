"""Chats on our own pages: the widget of a brand, and the conversation that each visitor has in it."""

from django.db import models
from django.utils.translation import pgettext_lazy

PATIENCE_MINUTES, MAIL_AFTER_MINUTES = 3, 5


class Widget(models.Model):
    """How a brand's pages embed the chat. `key` stands in the script tag and is no secret; `secret` is ciphertext and signs identities.

    `origins`: the web origins whose pages may use it, besides our own. `patience`: minutes without an answer after which mail or a call
    back is offered. `mail_after`: minutes after which what an absent visitor has not read goes out by mail.
    """

    brand = models.OneToOneField("workplace.Brand", on_delete=models.CASCADE, related_name="widget")
    key = models.CharField(max_length=40, unique=True)
    is_active = models.BooleanField(default=False)
    origins = models.JSONField(default=list)
    secret = models.TextField()
    colour = models.CharField(max_length=7, blank=True)
    ask_consent = models.BooleanField(default=False)
    privacy_url = models.CharField(max_length=300, blank=True)
    patience = models.SmallIntegerField(default=PATIENCE_MINUTES)
    mail_after = models.SmallIntegerField(default=MAIL_AFTER_MINUTES)


class Conversation(models.Model):
    """One visitor's chat; its messages are those of the ticket (a merge may bring two chats into one).

    Whoever has the token is the visitor; only its digest is kept.

    `mail`, `phone`: what the visitor gave. `verified`: the brand's site signed who this is; `identity_problem`: it tried and failed.
    `waiting_since` begins when a person is wanted, `picked_up_at` is their first answer. `visitor_read_id`, `agent_read_id`: the newest
    message of the other side that was on screen; `mailed_id`: the newest of ours that also went out by mail.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("chat", "Waiting")
        ASSISTED = "assisted", pgettext_lazy("chat", "With the assistant")
        ACTIVE = "active", pgettext_lazy("chat", "In conversation")
        MAIL = "mail", pgettext_lazy("chat", "Goes on by mail")
        ENDED = "ended", pgettext_lazy("chat", "Ended")

    OPEN = (State.WAITING, State.ASSISTED, State.ACTIVE)

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="conversations")
    widget = models.ForeignKey(Widget, on_delete=models.PROTECT, related_name="conversations")
    token_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    language = models.CharField(max_length=10)
    page = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=200, blank=True)
    mail = models.CharField(max_length=320, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    verified = models.BooleanField(default=False)
    identity_problem = models.CharField(max_length=40, blank=True)
    consent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    picked_up_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, blank=True)
    visitor_seen_at = models.DateTimeField(null=True)
    visitor_read_id = models.BigIntegerField(default=0)
    agent_read_id = models.BigIntegerField(default=0)
    mailed_id = models.BigIntegerField(default=0)
    rating = models.SmallIntegerField(null=True)
    rating_comment = models.TextField(blank=True)
    rated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(rating=None) | models.Q(rating__range=(1, 5)), name="rating_one_to_five")]
        indexes = [
            models.Index(fields=["widget", "waiting_since"], name="conversation_queue", condition=models.Q(state="waiting")),
            models.Index(fields=["picked_up_at"], name="conversation_picked_up", condition=models.Q(picked_up_at__isnull=False)),
        ]


class Said(models.Model):
    """A visitor's message by the id that their browser gave it, so that sending it again keeps it once."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="said", db_index=False)
    client_id = models.CharField(max_length=64)
    message = models.OneToOneField("tickets.Message", on_delete=models.CASCADE, related_name="said")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "client_id"], name="said_once")]
