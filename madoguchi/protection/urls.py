"""Addresses of protection."""

from django.urls import path

from .views import original

app_name = "protection"
urlpatterns = [
    path("messages/<int:message_id>/original", original.original, name="original"),
]
