"""Answers to repeated writes, and webhooks: who wants to hear what, and what became of each delivery."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotentAnswer(models.Model):
    """The answer to a write that carried an Idempotency-Key; the same request with the same key gets it again."""

    token = models.ForeignKey("staff.ApiToken", on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    body = models.TextField(blank=True)  # ciphertext of JSON
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="idempotent_once")]


class WebhookEndpoint(models.Model):
    """An address that hears of events, signed as Standard Webhooks. Secrets hold ciphertext; the old one signs too until its time.

    `failing_since`: the first failure after the last success. `off_reason`: why we switched it off ourselves.
    """

    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)  # names of api.webhook_events.EVENTS; empty: all
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True)
    off_reason = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()

    @property
    def host(self) -> str:
        """Short enough for a heading, and without what the address may carry that is nobody else's business."""
        return urlsplit(self.url).netloc


class WebhookDelivery(models.Model):
    """One event for one endpoint. `webhook_id` stays the same over retries and replays, so the receiver can tell a repeat.

    `event_id` is empty for a test that somebody sent by hand.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        RETRY = "retry", _("Retrying")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.BigIntegerField(null=True)
    event_type = models.CharField(max_length=60)
    webhook_id = models.CharField(max_length=60)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.SmallIntegerField(default=0)
    status = models.SmallIntegerField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    milliseconds = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhook_delivery_once")]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
            models.Index(fields=["endpoint", "state", "-id"], name="webhook_log_of_state"),
        ]

    @property
    def is_test(self) -> bool:
        return self.event_id is None


class WebhookAttempt(models.Model):
    """One call: `status` 0 when there was no answer; `said`: the beginning of the answer, or why there was none."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField()
    status = models.SmallIntegerField(default=0)
    milliseconds = models.IntegerField(default=0)
    said = models.CharField(max_length=500, blank=True)
