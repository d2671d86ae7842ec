"""Addresses of the settings screens about arrived mail."""

from django.urls import path

from . import views

app_name = "intake"
urlpatterns = [
    path("", views.arrivals, name="arrivals"),
    path("<int:pk>/", views.arrival, name="arrival"),
    path("<int:pk>/raw/", views.raw, name="raw"),
    path("<int:pk>/retry/", views.retry, name="retry"),
    path("<int:pk>/discard/", views.discard, name="discard"),
]
