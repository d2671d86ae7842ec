"""Rows of the ground floor: events (outbox), jobs, timed work, leases, the audit chain, rate windows."""

from django.db import models


class Event(models.Model):
    """A fact that a room announced, written in the transaction that made it true.

    The worker fans it out to the handlers named in `config.wiring`; desks tail the table for live updates; the API lists it.
    Ephemeral events (typing, presence) are for live desks only: they have no handlers and are pruned within minutes.
    `root_id` and `depth` tell what an event came from: announced while a handler ran, it is one deeper than the handled event.
    """

    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    ticket_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    root_id = models.BigIntegerField(null=True)
    depth = models.SmallIntegerField(default=0, db_default=0)
    ephemeral = models.BooleanField(default=False)
    fanned_out = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="event_waiting", condition=models.Q(fanned_out=False)),
            models.Index(fields=["at"], name="event_ephemeral_at", condition=models.Q(ephemeral=True)),
        ]


class Job(models.Model):
    """One piece of background work. A finished job's row is deleted in the transaction of its work, so work counts once.

    `key`: at most one unfinished job per key. `lock`: jobs with the same lock never run at the same time.
    A killed worker's claim ends with `lease_until`; the job is then claimed again.
    """

    WAITING, RUNNING, DEAD = "waiting", "running", "dead"

    queue = models.CharField(max_length=20, default="default")
    name = models.CharField(max_length=100)
    args = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, unique=True)
    lock = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, default=WAITING)
    attempts = models.IntegerField(default=0)
    run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["state", "queue", "run_at"], name="job_ready"),
            models.Index(fields=["state", "lease_until"], name="job_running"),
        ]


class Lease(models.Model):
    """The right to do something alone (read a mailbox, run the intake, fire a timer), held until a time."""

    name = models.CharField(max_length=120, unique=True)
    holder = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField()


class Timer(models.Model):
    """When a piece of timed work of `config.schedule` is next due."""

    name = models.CharField(max_length=100, unique=True)
    next_at = models.DateTimeField()
    last_started_at = models.DateTimeField(null=True)


class AuditEntry(models.Model):
    """One link of the audit chain; see foundation.audit."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=64, blank=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [models.Index(fields=["action", "-id"]), models.Index(fields=["subject", "-id"])]


class RateWindow(models.Model):
    """How often a key was used in a window of time; see foundation.ratelimit."""

    key = models.CharField(max_length=200)
    window = models.BigIntegerField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="rate_window_once")]
