from django.urls import path

from . import views

urlpatterns = [path("waiting/", views.waiting, name="waiting_tickets")]
