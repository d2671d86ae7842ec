"""Addresses of the customers' side."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from .views import contact

# The contact form has no session that another site could misuse; its signed mark can be read from our page only.
urlpatterns = [
    path("help/<slug:language>/contact", csrf_exempt(contact.contact), name="help_contact"),
    path("help/<slug:language>/contact/sent", contact.sent, name="help_contact_sent"),
    path("help/<slug:language>/contact/<int:brand_id>", csrf_exempt(contact.contact), name="help_contact_of_brand"),
    path("help/<slug:language>/contact/<int:brand_id>/sent", contact.sent, name="help_contact_sent_of_brand"),
]
