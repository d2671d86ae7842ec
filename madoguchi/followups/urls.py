"""Addresses of follow-ups: the customer's pages, beside the ticket, the list, the rules."""

from django.urls import path, register_converter

from . import views
from .customer_views import stop, well


class Answer:
    regex = "yes|no"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Answer, "answer")
app_name = "followups"
urlpatterns = [
    path("well/<str:token>/stop", stop, name="stop"),
    path("well/<str:token>/<answer:answer>", well, name="well"),
    path("followups/", views.overview, name="overview"),
    path("followups/<int:followup_id>/outcome", views.outcome, name="outcome"),
    path("tickets/<int:ticket_id>/followups", views.panel, name="panel"),
    path("tickets/<int:ticket_id>/case-record", views.record, name="record"),
    path("settings/followups/", views.rules, name="rules"),
    path("settings/followups/new/", views.rule, name="new_rule"),
    path("settings/followups/<int:pk>/", views.rule, name="rule"),
    path("settings/followups/<int:pk>/delete/", views.delete_rule, name="delete_rule"),
]
