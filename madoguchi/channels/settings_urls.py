"""Addresses of the settings screens about mailboxes."""

from django.urls import path

from . import views

app_name = "channels"
urlpatterns = [
    path("", views.mailboxes, name="mailboxes"),
    path("new/", views.mailbox, name="new_mailbox"),
    path("connected/", views.connected, name="connected"),
    path("<int:pk>/", views.mailbox, name="mailbox"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<int:pk>/connect/", views.connect, name="connect"),
    path("<int:pk>/dkim/", views.dkim, name="dkim"),
    path("<int:pk>/dkim/remove/", views.remove_dkim, name="remove_dkim"),
    path("<int:pk>/delete/", views.delete_mailbox, name="delete_mailbox"),
]
