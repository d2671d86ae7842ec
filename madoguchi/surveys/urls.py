"""Addresses of surveys: the customer's pages, beside the ticket, the report, the settings."""

from django.urls import path

from . import views
from .customer_views import rate, stop

app_name = "surveys"
urlpatterns = [
    path("rate/<str:token>", rate, name="rate"),
    path("rate/<str:token>/stop", stop, name="stop"),
    path("rate/<str:token>/<int:score>", rate, name="rate_with"),
    path("reports/satisfaction", views.report, name="report"),
    path("tickets/<int:ticket_id>/surveys", views.panel, name="panel"),
    path("settings/surveys/", views.choices, name="choices"),
]
