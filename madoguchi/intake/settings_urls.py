"""Addresses of the settings screens about arrived mail."""

from django.urls import path

from . import acknowledgement_settings, views

app_name = "intake"
urlpatterns = [
    path("", views.arrivals, name="arrivals"),
    path("acknowledgement/", acknowledgement_settings.acknowledgements, name="acknowledgements"),
    path("acknowledgement/<int:brand>/<str:language>/", acknowledgement_settings.acknowledgement, name="acknowledgement"),
    path("acknowledgement/<int:brand>/<str:language>/reset/", acknowledgement_settings.reset_acknowledgement, name="reset_acknowledgement"),
    path("<int:pk>/", views.arrival, name="arrival"),
    path("<int:pk>/raw/", views.raw, name="raw"),
    path("<int:pk>/retry/", views.retry, name="retry"),
    path("<int:pk>/discard/", views.discard, name="discard"),
]
