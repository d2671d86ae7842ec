"""Addresses of the assistant's settings."""

from django.urls import path

from .views import administration as views

app_name = "bot"
urlpatterns = [
    path("", views.index, name="index"),
    path("brands/<int:pk>/", views.brand, name="brand"),
    path("connectors/<slug:operation>/", views.connector, name="connector"),
    path("report/", views.results, name="report"),
]
