"""Addresses of the widget, and of a chat beside its ticket."""

from django.urls import path

from . import desk_views, views

app_name = "webchat"
urlpatterns = [
    path("chat/widget.js", views.script, name="script"),
    path("chat/config", views.config, name="config"),
    path("chat/messages", views.messages, name="messages"),
    path("chat/typing", views.typing, name="typing"),
    path("chat/read", views.read, name="read"),
    path("chat/end", views.end, name="end"),
    path("chat/rating", views.rating, name="rating"),
    path("chat/contact", views.contact, name="contact"),
    path("chat/transcript", views.transcript, name="transcript"),
    path("chat/files/<int:attachment_id>", views.file, name="file"),
    path("chat/sample", views.sample, name="sample"),
    path("tickets/<int:ticket_id>/chat", desk_views.panel, name="panel"),
    path("tickets/<int:ticket_id>/chat/seen", desk_views.seen, name="seen"),
    path("tickets/<int:ticket_id>/chat/end", desk_views.end, name="end_chat"),
    path("tickets/<int:ticket_id>/chat/transcript", desk_views.transcript, name="send_transcript"),
]
