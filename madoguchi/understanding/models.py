"""What the machine understood of a message."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Reading(models.Model):
    """The machine's reading of one message, made before people see it. A message without one was never to be read (old, or ours).

    `not_read`: it was tried and could not be done; what the rules found may still stand here. `owed`: the announcement that the message
    is ready waits for this reading. `reason`: why a person is needed (self_harm, danger, grief, vulnerable, harassment, asked, upset).
    `severity` 0 none, 1 rude, 2 harassment, 3 grave; `labels` as in `readers.rules`; `score` 0 to 1. `spans`: [start, end, label] in
    characters of the message's own text (`queries.text_of`), void once the message was redacted.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("reading of a message", "Waiting")
        READ = "read", pgettext_lazy("reading of a message", "Read")
        NOT_READ = "not_read", _("Not read")

    message = models.OneToOneField("tickets.Message", on_delete=models.CASCADE, related_name="reading")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    owed = models.BooleanField(default=False)
    attempts = models.SmallIntegerField(default=0)
    language = models.CharField(max_length=10, blank=True)
    intent = models.CharField(max_length=100, blank=True)
    intent_score = models.FloatField(default=0)
    emotion = models.CharField(max_length=12, blank=True)
    strength = models.FloatField(default=0)
    needs_person = models.BooleanField(default=False)
    reason = models.CharField(max_length=20, blank=True)
    severity = models.SmallIntegerField(default=0)
    labels = models.JSONField(default=list)
    score = models.FloatField(default=0)
    spans = models.JSONField(default=list)
    model = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="reading_waiting", condition=Q(state="waiting")),
            models.Index(fields=["severity", "-id"], name="reading_severe", condition=Q(severity__gt=0)),
        ]
