from django.urls import path

from . import views

urlpatterns = [
    path("promises/", views.overview, name="promises"),
    path("tickets/<int:ticket_id>/promises", views.panel, name="ticket_promises"),
    path("tickets/<int:ticket_id>/promises/add", views.add, name="promise_add"),
    path("promises/<int:promise_id>/<str:what>", views.decide, name="promise_decide"),
]
