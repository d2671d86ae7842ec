"""Addresses of the settings screens that are made of many rooms."""

from django.urls import path

from . import audit, index, operation

urlpatterns = [
    path("", index.index, name="settings"),
    path("audit/", audit.entries, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("jobs/", operation.waiting, name="jobs"),
    path("jobs/<int:pk>/revive/", operation.revive, name="job_revive"),
    path("jobs/<int:pk>/forget/", operation.forget, name="job_forget"),
    path("health/", operation.health, name="system_health"),
]
