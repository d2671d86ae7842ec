"""Addresses of the settings screens about webhooks."""

from django.urls import path

from . import views

app_name = "webhooks"
urlpatterns = [
    path("", views.webhooks, name="webhooks"),
    path("new/", views.webhook, name="new_webhook"),
    path("<int:pk>/", views.webhook, name="webhook"),
    path("<int:pk>/switch/", views.switch, name="switch"),
    path("<int:pk>/secret/", views.renew_secret, name="renew_secret"),
    path("<int:pk>/delete/", views.delete_webhook, name="delete_webhook"),
    path("<int:pk>/test/", views.send_test, name="send_test"),
    path("<int:pk>/deliveries/", views.deliveries, name="deliveries"),
    path("<int:pk>/deliveries/replay-failed/", views.replay_failed, name="replay_failed"),
    path("deliveries/<int:pk>/", views.delivery, name="delivery"),
    path("deliveries/<int:pk>/replay/", views.replay, name="replay"),
]
