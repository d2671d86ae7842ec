"""Addresses of the settings screens about automation."""

from django.urls import path

from . import views

app_name = "automation"
urlpatterns = [
    path("canned/", views.canned_replies, name="canned_replies"),
    path("canned/new/", views.canned, name="new_canned"),
    path("canned/<int:pk>/", views.canned, name="canned"),
    path("canned/<int:pk>/delete/", views.delete_canned, name="delete_canned"),
    path("macros/", views.macros, name="macros"),
    path("macros/new/", views.macro, name="new_macro"),
    path("macros/<int:pk>/", views.macro, name="macro"),
    path("macros/<int:pk>/delete/", views.delete_macro, name="delete_macro"),
    path("triggers/", views.triggers, name="triggers"),
    path("triggers/log/", views.log, name="log"),
    path("triggers/new/", views.trigger, name="new_trigger"),
    path("triggers/<int:pk>/", views.trigger, name="trigger"),
    path("triggers/<int:pk>/delete/", views.delete_trigger, name="delete_trigger"),
    path("triggers/<int:pk>/move/<int:place>/", views.move_trigger, name="move_trigger"),
    path("triggers/<int:pk>/try/", views.try_trigger, name="try_trigger"),
]
