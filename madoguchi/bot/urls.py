"""Addresses beside the ticket."""

from django.urls import path

from .views import lessons, suggestion

urlpatterns = [
    path("knowledge/from-agents/", lessons.index, name="lessons"),
    path("knowledge/from-agents/<int:lesson_id>", lessons.act, name="lesson"),
    path("tickets/<int:ticket_id>/suggestion", suggestion.suggestion, name="ticket_suggestion"),
    path("suggestions/<int:suggestion_id>/inserted", suggestion.inserted, name="suggestion_inserted"),
    path("suggestions/turns/<int:turn_id>/wrong", suggestion.wrong, name="turn_wrong"),
    path("suggestions/<int:suggestion_id>/unhelpful", suggestion.unhelpful, name="suggestion_unhelpful"),
]
