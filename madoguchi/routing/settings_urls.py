"""Addresses of the settings screens about routing."""

from django.urls import path

from . import views

app_name = "routing"
urlpatterns = [
    path("", views.rules, name="rules"),
    path("new/", views.rule, name="new_rule"),
    path("<int:pk>/", views.rule, name="rule"),
    path("<int:pk>/move/<int:place>/", views.move_rule, name="move_rule"),
    path("<int:pk>/delete/", views.delete_rule, name="delete_rule"),
]
