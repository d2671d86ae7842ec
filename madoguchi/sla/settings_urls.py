"""Addresses of the settings screens about promises and business hours."""

from django.urls import path

from .views import settings

app_name = "sla"
urlpatterns = [
    path("policies/", settings.policies, name="policies"),
    path("policies/new/", settings.policy, name="new_policy"),
    path("policies/<int:pk>/", settings.policy, name="policy"),
    path("policies/<int:pk>/move/<int:place>/", settings.move_policy, name="move_policy"),
    path("policies/<int:pk>/delete/", settings.delete_policy, name="delete_policy"),
    path("hours/", settings.calendars, name="calendars"),
    path("hours/new/", settings.calendar, name="new_calendar"),
    path("hours/<int:pk>/", settings.calendar, name="calendar"),
    path("hours/<int:pk>/delete/", settings.delete_calendar, name="delete_calendar"),
]
