"""Settings: background work and system health."""

from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import madoguchi
from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.foundation import audit, clock, jobs
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import Job, Timer
from madoguchi.staff.access import allow
from madoguchi.staff.permissions import Permission
from madoguchi.tickets.models import Delivery

SHOWN = 200
LATE_SECONDS = 600  # work that was due ten minutes ago and still waits: no worker runs


@allow(Permission.OPERATE)
def waiting(request: HttpRequest) -> HttpResponse:
    counts = dict(Job.objects.values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    dead = list(Job.objects.filter(state=Job.DEAD).order_by("-id")[:SHOWN])
    reasons = [(job.last_error.strip().splitlines() or [""])[-1][:160] for job in dead]  # the exception's own line
    page = {
        "title": _("Background work"), "counts": {state: counts.get(state, 0) for state in (Job.WAITING, Job.RUNNING, Job.DEAD)},
        "dead": list(zip(dead, reasons, strict=True)),
        "next": Job.objects.exclude(state=Job.DEAD).order_by("run_at", "id")[:20],
    }  # fmt: skip
    return render(request, "console/administration/jobs.html", page)


@allow(Permission.OPERATE)
@require_POST
def revive(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a dead job again."""
    job = get_object_or_404(Job, pk=pk)
    if jobs.revive(job_id=pk):
        audit.record("job.revive", by=agent_actor(request.user), subject=f"job:{pk}", detail={"name": job.name})
        messages.success(request, _("It is tried again"))
    return redirect("jobs")


@allow(Permission.OPERATE)
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a dead job up for good."""
    job = get_object_or_404(Job, pk=pk, state=Job.DEAD)
    audit.record("job.forget", by=agent_actor(request.user), subject=f"job:{pk}", detail={"name": job.name, "args": list(job.args)})
    jobs.forget(job_id=pk)
    return redirect("jobs")


@allow(Permission.OPERATE)
def health(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    oldest = Job.objects.filter(state=Job.WAITING, run_at__lte=now).aggregate(at=Min("run_at"))["at"]
    stages = dict(Envelope.objects.values_list("stage").annotate(n=Count("id")).values_list("stage", "n"))
    deliveries = dict(Delivery.objects.values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    dead = Job.objects.filter(state=Job.DEAD).count()
    late = bool(oldest and (now - oldest).total_seconds() > LATE_SECONDS)
    problems = list(Mailbox.objects.filter(is_active=True).exclude(imap_error=""))
    page = {
        "title": _("System health"), "version": madoguchi.__version__, "database": connection.vendor, "home": settings.HOME,
        "oldest": oldest, "late": late, "dead": dead, "quarantined": stages.get(Envelope.Stage.QUARANTINED, 0),
        "waiting_mails": stages.get(Envelope.Stage.RECEIVED, 0), "failed": deliveries.get(Delivery.State.FAILED, 0),
        "boxes": problems, "timers": Timer.objects.order_by("name"), "well": not (late or dead or problems),
    }  # fmt: skip
    return render(request, "console/administration/health.html", page)
