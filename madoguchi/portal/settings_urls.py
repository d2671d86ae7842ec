"""Addresses of the settings screens about customers' data."""

from django.urls import path

from .views import settings

app_name = "privacy"
urlpatterns = [
    path("", settings.erasures, name="erasures"),
    path("<int:pk>/erase/", settings.erase, name="erase"),
    path("<int:pk>/refuse/", settings.refuse, name="refuse"),
]
