from django.urls import path

from .views import fragments

urlpatterns = [path("deadlines/<int:deadline_id>/why", fragments.why, name="deadline_why")]
