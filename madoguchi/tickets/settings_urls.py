"""Addresses of the settings screens about the record."""

from django.urls import path

from .views import deliveries, settings

app_name = "tickets"
urlpatterns = [
    path("fields/", settings.fields, name="fields"),
    path("fields/new/", settings.field, name="new_field"),
    path("fields/<int:pk>/", settings.field, name="field"),
    path("fields/<int:pk>/hide/", settings.retire_field, name="retire_field"),
    path("tags/", settings.tags, name="tags"),
    path("tags/<int:pk>/", settings.tag, name="tag"),
    path("tags/<int:pk>/merge/", settings.merge_tag, name="merge_tag"),
    path("tags/<int:pk>/delete/", settings.delete_tag, name="delete_tag"),
    path("views/", settings.shared_views, name="shared_views"),
    path("views/<int:pk>/remove/", settings.remove_shared_view, name="remove_shared_view"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/retry/", deliveries.retry, name="retry_delivery"),
]
