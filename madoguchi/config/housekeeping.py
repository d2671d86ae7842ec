"""Timed tidying: what has had its time is deleted in small steps."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from madoguchi.foundation import events, ratelimit
from madoguchi.portal import actions as portal
from madoguchi.staff import actions as staff
from madoguchi.tickets import actions as tickets


def prune() -> None:
    events.prune(keep=settings.EVENTS_KEPT, keep_ephemeral=timedelta(minutes=10))
    ratelimit.prune()
    staff.prune()
    portal.prune()
    tickets.forget_stale_viewings()
    tickets.forget_unsent()
    tickets.forget_old_undoables()
    SessionStore.clear_expired()
    if connection.vendor == "sqlite":  # PostgreSQL keeps its statistics up to date by itself
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize")
