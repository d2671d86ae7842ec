from django.urls import path

from . import views

urlpatterns = [path("deadlines/<int:deadline_id>/why", views.why, name="deadline_why")]
