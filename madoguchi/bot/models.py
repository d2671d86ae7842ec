"""Rows of the assistant: what it suggested to agents."""

from django.conf import settings
from django.db import models

AGENT = settings.AUTH_USER_MODEL


class Suggestion(models.Model):
    """What the articles say to one message of a customer, as the desk showed it, and what became of it.

    `score`: the estimated probability that the first hit is right; from `bar` on it is sure. `hits`: [{slug, lang, title, passage, score}],
    best first, public articles only; who shows them asks again whether they still are. `inserted`: the slug of the one that was used.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="suggestions", db_index=False)
    message = models.OneToOneField("tickets.Message", on_delete=models.CASCADE, related_name="suggestion")
    language = models.CharField(max_length=10)
    score = models.FloatField(default=0)
    bar = models.FloatField(default=1)
    hits = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    inserted = models.CharField(max_length=100, blank=True)
    inserted_by = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    unhelpful_at = models.DateTimeField(null=True)
    unhelpful_by = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["ticket", "-id"], name="suggestion_of_ticket")]
