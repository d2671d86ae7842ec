"""Addresses of the settings screens about chat."""

from django.urls import path

from . import settings_views

app_name = "webchat_settings"
urlpatterns = [
    path("", settings_views.widgets, name="widgets"),
    path("<int:brand_id>/", settings_views.widget, name="widget"),
    path("<int:brand_id>/secret/", settings_views.rotate, name="rotate"),
]
