"""Rows of what comes after solving: rules, planned follow-ups, case records."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.tickets.models import Message, Priority, Ticket

AGENT = settings.AUTH_USER_MODEL


class Means(models.TextChoices):
    MAIL = "mail", _("Ask by mail")
    CALL = "call", _("Task: call the customer")


class Rule(models.Model):
    """Which solved tickets are followed up, how, and when. Empty conditions fit everything; the first active rule that fits counts.

    `tiers`: a tag of the customer or the name of their company, any of them. `channels`, `causes`, `kinds`: any of them.
    `second_days` 0: no second step.
    """

    name = models.CharField(max_length=80, unique=True)
    is_active = models.BooleanField(default=True)
    position = models.SmallIntegerField(default=0)
    kinds = models.JSONField(default=list, blank=True)
    causes = models.JSONField(default=list, blank=True)
    channels = models.JSONField(default=list, blank=True)
    tiers = models.JSONField(default=list, blank=True)
    from_priority = models.SmallIntegerField(choices=Priority, default=Priority.LOW)
    first_hours = models.PositiveSmallIntegerField(default=24)
    first_means = models.CharField(max_length=4, choices=Means, default=Means.MAIL)
    second_days = models.PositiveSmallIntegerField(default=0)
    second_means = models.CharField(max_length=4, choices=Means, default=Means.MAIL)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(first_hours__range=(24, 48)), name="followup_first_step"),
            models.CheckConstraint(condition=Q(second_days=0) | Q(second_days__range=(7, 15)), name="followup_second_step"),
        ]


class FollowUp(models.Model):
    """One question to one customer whether all is well, planned when the ticket was solved.

    `planned_for`: as the rule says; `due_at`: when it is tried next. `attempts`: mails sent or tasks given. `why`: why it was called off.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("follow-up", "Planned")
        ASKED = "asked", pgettext_lazy("follow-up", "Asked")
        DONE = "done", pgettext_lazy("follow-up", "Done")
        CANCELLED = "cancelled", pgettext_lazy("follow-up", "Called off")

    class Outcome(models.TextChoices):
        VERIFIED = "verified", _("All is well")
        REOPENED = "reopened", _("Not solved, taken up again")
        NOT_REACHED = "not_reached", _("Not reached")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="followups")
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="+")
    step = models.SmallIntegerField(default=1)
    means = models.CharField(max_length=4, choices=Means)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    why = models.CharField(max_length=20, blank=True)
    planned_for = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    solved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "step", "solved_at"], name="followup_once"),
            models.CheckConstraint(condition=Q(due_at__gte=F("planned_for")), name="followup_not_early"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="planned"), name="followup_due"),
            models.Index(fields=["solved_at"], name="followup_solved"),
        ]


class CaseRecord(models.Model):
    """What a solved ticket teaches: why it came to it, what helped, what we should do otherwise. For colleagues only."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="case_record")
    cause = models.TextField(blank=True)
    solution = models.TextField(blank=True)
    lesson = models.TextField(blank=True)
    written_by = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField()
