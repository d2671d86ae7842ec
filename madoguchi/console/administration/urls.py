"""Addresses of the settings screens that are made of many rooms."""

from django.urls import path

from . import audit, company, index, operation

urlpatterns = [
    path("", index.index, name="settings"),
    path("company/", company.company, name="company"),
    path("company/brands/new/", company.brand, name="new_brand"),
    path("company/brands/<int:pk>/", company.brand, name="brand"),
    path("company/brands/<int:pk>/delete/", company.delete_brand, name="delete_brand"),
    path("audit/", audit.entries, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("jobs/", operation.waiting, name="jobs"),
    path("jobs/<int:pk>/revive/", operation.revive, name="job_revive"),
    path("jobs/<int:pk>/forget/", operation.forget, name="job_forget"),
    path("health/", operation.health, name="system_health"),
]
