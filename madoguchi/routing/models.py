"""Rows of routing: the rules, who was given what and why, and the queue of tickets that nobody can take."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from . import matching

AGENT = settings.AUTH_USER_MODEL


class RoutingRule(models.Model):
    """Which team and which person gets the tickets that meet the conditions; the first active rule in order counts.

    team: empty keeps the ticket's. alarm_minutes: working minutes after which a ticket that nobody can take raises an alarm.
    """

    class Method(models.TextChoices):
        ROUND_ROBIN = matching.Method.ROUND_ROBIN.value, _("In turn")
        LEAST_LOADED = matching.Method.LEAST_LOADED.value, _("To whoever has the most room")
        MANUAL = matching.Method.MANUAL.value, _("To the team only")

    class Language(models.TextChoices):
        IGNORED = matching.LanguageRule.IGNORED.value, _("Any language")
        PREFERRED = matching.LanguageRule.PREFERRED.value, _("The customer’s language if possible")
        REQUIRED = matching.LanguageRule.REQUIRED.value, _("Only who writes the customer’s language")

    name = models.CharField(max_length=120, unique=True)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    conditions = models.JSONField(default=dict, blank=True)
    team = models.ForeignKey("staff.Team", null=True, blank=True, on_delete=models.CASCADE)
    method = models.CharField(max_length=12, choices=Method, default=Method.ROUND_ROBIN)
    skills = models.ManyToManyField("staff.Skill", blank=True)
    language_rule = models.CharField(max_length=10, choices=Language, default=Language.PREFERRED)
    alarm_minutes = models.PositiveIntegerField(default=15)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A ticket was given to a person, or to a team only, by a rule: when, and why this person.

    reason: able, load, capacity, speaks, language, skills, waited_since.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="assignments")
    agent = models.ForeignKey(AGENT, null=True, on_delete=models.SET_NULL, db_index=False)
    team = models.ForeignKey("staff.Team", null=True, on_delete=models.SET_NULL)
    rule = models.ForeignKey(RoutingRule, null=True, on_delete=models.SET_NULL)
    rule_name = models.CharField(max_length=120)
    method = models.CharField(max_length=12)
    reason = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agent", "at"], name="assignment_turn")]


class Waiting(models.Model):
    """A ticket that nobody can take at the moment. It stays in its team's list; this row is what brings it up again."""

    class Reason(models.TextChoices):
        NOBODY_THERE = "nobody_there", _("Nobody is available")
        ALL_FULL = "all_full", _("Everybody has as many tickets as they can take")
        NOBODY_ABLE = "nobody_able", _("Nobody has the skills or the language")

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, related_name="waiting")
    rule = models.ForeignKey(RoutingRule, on_delete=models.CASCADE)
    reason = models.CharField(max_length=12, choices=Reason)
    refused = models.JSONField(default=dict)
    since = models.DateTimeField()
    alarm_at = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["alarm_at"], name="waiting_to_alarm", condition=models.Q(alarmed_at=None))]
