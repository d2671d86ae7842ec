"""Rows of the promises about time: policies, the clocks that run under them, and the facts of each clock's life."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.tickets.models import Priority

from . import clockwork


class Metric(models.TextChoices):
    FIRST_REPLY = "first_reply", _("First reply")
    NEXT_REPLY = "next_reply", _("Next reply")
    RESOLUTION = "resolution", pgettext_lazy("SLA metric", "Resolution")


class Policy(models.Model):
    """A set of targets for the tickets that meet its conditions; the first active one in order of position counts.

    conditions: see tickets.conditions. calendar: empty means the brand's, else the default one. warn_percent: of the budget.
    """

    name = models.CharField(max_length=120, unique=True)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    conditions = models.JSONField(default=dict, blank=True)
    calendar = models.ForeignKey("workplace.Calendar", null=True, blank=True, on_delete=models.PROTECT)
    warn_percent = models.PositiveSmallIntegerField(default=75)
    pause_waiting_others = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=Q(warn_percent__gte=1, warn_percent__lte=99), name="policy_warns_before_due")]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """How long one metric may take, in working minutes; `priority` empty: for every priority without a target of its own."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="targets")
    metric = models.CharField(max_length=12, choices=Metric)
    priority = models.SmallIntegerField(choices=Priority, null=True, blank=True)
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "metric", "priority"], name="target_once"),
            models.UniqueConstraint(fields=["policy", "metric"], condition=Q(priority=None), name="target_for_all_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="target_takes_time"),
        ]
        ordering = ["metric", "priority"]


class EscalationStep(models.Model):
    """What happens at the warning, or some working minutes after the breach, of a policy's clocks."""

    class Moment(models.TextChoices):
        WARNING = "warning", _("When due soon")
        BREACH = "breach", _("When overdue")

    class Action(models.TextChoices):
        NOTIFY_ASSIGNEE = "notify_assignee", _("Tell the assignee")
        NOTIFY_LEAD = "notify_lead", _("Tell the team lead")
        NOTIFY_ROLE = "notify_role", _("Tell everybody with a role")
        REASSIGN_TEAM = "reassign_team", _("Hand over to a team")
        RAISE_PRIORITY = "raise_priority", _("Raise the priority")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="steps")
    metric = models.CharField(max_length=12, choices=Metric, blank=True)
    moment = models.CharField(max_length=8, choices=Moment)
    after_minutes = models.PositiveIntegerField(default=0)
    action = models.CharField(max_length=16, choices=Action)
    role = models.ForeignKey("staff.Role", null=True, blank=True, on_delete=models.CASCADE)
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        ordering = ["moment", "after_minutes", "id"]


class Deadline(models.Model):
    """One clock of one ticket, as its facts leave it; every column can be computed anew from them.

    is_open: neither met nor cancelled; closed_reason: why it was cancelled. due_at: NULL while paused with time left.
    budget, used: working seconds; used as of `counted_at`. warned_at and breached_at are set once that was announced.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="deadlines", db_index=False)
    metric = models.CharField(max_length=12, choices=Metric)
    policy = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, db_index=False)
    policy_name = models.CharField(max_length=120)
    calendar_version = models.ForeignKey("workplace.CalendarVersion", on_delete=models.PROTECT, db_index=False)
    is_open = models.BooleanField(default=True)
    closed_reason = models.CharField(max_length=12, blank=True)
    started_at = models.DateTimeField()
    budget = models.PositiveIntegerField()
    warn_percent = models.PositiveSmallIntegerField()
    used = models.IntegerField(default=0)
    counted_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "metric"], condition=Q(is_open=True), name="deadline_one_open"),
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="deadline_ticket"),
            models.Index(fields=["due_at"], name="deadline_to_breach", condition=Q(is_open=True, breached_at=None)),
            models.Index(fields=["warn_at"], name="deadline_to_warn", condition=Q(is_open=True, warned_at=None)),
        ]

    def as_started(self) -> "ClockFact":
        """The first fact of a clock to which nothing has happened yet: its row says with what it started."""
        return ClockFact(
            deadline=self, kind=clockwork.FactKind.STARTED, at=self.started_at, budget=self.budget, warn_percent=self.warn_percent,
            calendar_version_id=self.calendar_version_id,
        )  # fmt: skip

    @property
    def is_paused(self) -> bool:
        return self.is_open and self.paused_at is not None


class ClockFact(models.Model):
    """Something that happened to a clock; only ever added. Columns as in `clockwork.Fact`.

    A clock to which nothing has happened since its start has none: see `Deadline.as_started`. That spares the intake a row a clock.
    """

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField()
    budget = models.PositiveIntegerField(null=True)
    warn_percent = models.PositiveSmallIntegerField(null=True)
    calendar_version = models.ForeignKey("workplace.CalendarVersion", null=True, on_delete=models.PROTECT, db_index=False)
    reason = models.CharField(max_length=40, blank=True)

    def as_fact(self) -> clockwork.Fact:
        share = None if self.warn_percent is None else self.warn_percent / 100
        return clockwork.Fact(clockwork.FactKind(self.kind), self.at, self.budget, share, self.calendar_version_id, self.reason)


class Escalation(models.Model):
    """An escalation step that was carried out for a clock: when, and what came of it. Once for each due time."""

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="escalations")
    step = models.ForeignKey(EscalationStep, null=True, on_delete=models.SET_NULL)
    action = models.CharField(max_length=16, choices=EscalationStep.Action)
    about = models.DateTimeField()
    outcome = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deadline", "step", "about"], name="escalation_once")]
