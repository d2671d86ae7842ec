"""Rows of surveys."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.tickets.models import Message, Ticket


class Kind(models.TextChoices):
    CSAT = "csat", _("Satisfaction (CSAT, 1 to 5)")
    CES = "ces", _("Effort (CES, 1 to 7, where 7 is easy)")
    NPS = "nps", _("Recommendation (NPS, 0 to 10)")


class Choices(models.Model):
    """The company's choices about surveys; one row. `every_days`: a customer is asked once in so many days."""

    is_on = models.BooleanField(default=False)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.CSAT)
    delay_hours = models.PositiveSmallIntegerField(default=4)
    every_days = models.PositiveSmallIntegerField(default=30)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="survey_choices_once")]


class Survey(models.Model):
    """One question to one customer after a ticket was solved, and the answer.

    `asked`: sent and not answered so far. `called_back`: a low score has been made somebody's task. `why`: why it was not sent.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("survey", "Planned")
        ASKED = "asked", pgettext_lazy("survey", "Sent")
        ANSWERED = "answered", pgettext_lazy("survey", "Answered")
        CANCELLED = "cancelled", pgettext_lazy("survey", "Not sent")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="surveys")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    kind = models.CharField(max_length=4, choices=Kind)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    why = models.CharField(max_length=20, blank=True)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    score = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    called_back = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="planned"), name="survey_planned_once"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__range=(0, 10)), name="survey_score_range"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="planned"), name="survey_due"),
            models.Index(fields=["sent_at"], name="survey_sent"),
        ]
