"""Rows of automation: canned replies, macros, triggers, and the log of what triggers did and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

AGENT = settings.AUTH_USER_MODEL


class When(models.TextChoices):
    """What an event trigger listens to. "Created" comes once a new ticket's first message has been read."""

    CREATED = "created", _("A ticket is created")
    MESSAGE = "message", _("The customer writes")
    REPLIED = "replied", _("We answer")
    NOTE = "note", _("A note is written")
    STATUS = "status", _("The status changes")
    PRIORITY = "priority", _("The priority changes")
    KIND = "kind", _("The kind changes")
    TEAM = "team", _("The team changes")
    ASSIGNEE = "assignee", _("The assignee changes")
    TAGS = "tags", _("The tags change")
    WARNED = "warned", _("A target is due soon")
    BREACHED = "breached", _("A target is missed")


class Do(models.TextChoices):
    """Everything that a macro or a trigger may do; the shape of each value stands in `actions.checking`."""

    REPLY = "reply", _("Reply to the customer")
    STATUS = "set_status", _("Set the status")
    PRIORITY = "set_priority", _("Set the priority")
    KIND = "set_kind", _("Set the kind")
    CAUSE = "set_cause", _("Set the cause")
    LANGUAGE = "set_language", _("Set the language")
    ADD_TAGS = "add_tags", _("Add tags")
    REMOVE_TAGS = "remove_tags", _("Remove tags")
    ASSIGN_AGENT = "assign_agent", _("Assign to")
    ASSIGN_TEAM = "assign_team", _("Give to the team")
    NOTE = "add_note", _("Write a note")
    WATCH = "add_watcher", _("Add a watcher")
    NOTIFY = "notify_agents", _("Tell agents")
    NOTIFY_LEAD = "notify_lead", _("Tell the team lead")


class CannedReply(models.Model):
    """A text that agents put into a reply by typing its shortcut. `owner` None: shared, with `team` or with everybody.

    `texts`: language -> Markdown with variables; see `variables`.
    """

    shortcut = models.SlugField(max_length=40, allow_unicode=True)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.CASCADE, related_name="canned_replies")
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.CASCADE)
    texts = models.JSONField(default=dict)

    class Meta:
        ordering = ["shortcut", "id"]
        constraints = [
            models.UniqueConstraint(fields=["shortcut"], condition=Q(owner=None), name="canned_shared_once"),
            models.UniqueConstraint(fields=["shortcut", "owner"], condition=~Q(owner=None), name="canned_own_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """Several actions that an agent takes with one choice. `actions`: [{"do": Do, "value": ...}], in order."""

    name = models.CharField(max_length=120)
    owner = models.ForeignKey(AGENT, null=True, blank=True, on_delete=models.CASCADE, related_name="macros")
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.CASCADE)
    actions = models.JSONField(default=list)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Trigger(models.Model):
    """What happens by itself to tickets that meet the conditions: at an event, or when nothing has happened for a while.

    `stop`: when it fires, no later trigger looks at the same event. `active_since`: when it was last switched on; a timed trigger
    concerns only tickets whose time comes after that, so that switching it on never acts on years of old tickets at once.
    """

    class Kind(models.TextChoices):
        EVENT = "event", _("When something happens")
        TIME = "time", _("When nothing happens for a while")

    name = models.CharField(max_length=120, unique=True)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    active_since = models.DateTimeField()
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.EVENT)
    event = models.CharField(max_length=10, choices=When, blank=True)
    after_minutes = models.PositiveIntegerField(default=0)
    conditions = models.JSONField(default=dict, blank=True)
    actions = models.JSONField(default=list)
    stop = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class TriggerRun(models.Model):
    """A trigger fired for a ticket (or was kept from it by a guard), once for each cause.

    `cause`: `event:<id>`, or `since:<seconds>`, the moment from which a timed trigger counted. `parent`: the run whose change was the
    cause; `depth`: how many runs lie before this one. `explanation`: conditions with what the ticket had, actions with their
    outcome, and `refused` with the guard's code when it did not fire. `mailed`: the customer got a mail.
    """

    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="runs")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="trigger_runs")
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    cause = models.CharField(max_length=40)
    at = models.DateTimeField()
    fired = models.BooleanField(default=True)
    mailed = models.BooleanField(default=False)
    depth = models.SmallIntegerField(default=0)
    explanation = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trigger", "ticket", "cause"], name="trigger_run_once")]
        indexes = [models.Index(fields=["trigger", "-id"], name="trigger_run_log")]
