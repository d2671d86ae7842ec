"""Addresses of protection."""

from django.urls import path

from .views import appeals, desk, lists, original

app_name = "protection"
urlpatterns = [
    path("", lists.home, name="home"),
    path("measures/", lists.measures, name="measures"),
    path("measures/<int:pk>/lift/", lists.lift, name="lift"),
    path("measures/<int:pk>/review/", lists.review, name="review"),
    path("messages/<int:message_id>/original", original.original, name="original"),
    path("messages/<int:message_id>/judge", desk.judge, name="judge"),
    path("tickets/<int:ticket_id>/panel", desk.panel, name="panel"),
    path("tickets/<int:ticket_id>/ask", desk.ask, name="ask"),
    path("tickets/<int:ticket_id>/come/<int:request_id>", desk.come, name="come"),
    path("tickets/<int:ticket_id>/protect", desk.protect, name="protect"),
    path("tickets/<int:ticket_id>/step/<slug:step>", desk.step, name="step"),
    path("appeals/<int:pk>/decide/", appeals.decide, name="decide"),
    path("appeals/<str:token>", appeals.appeal, name="appeal"),
]
