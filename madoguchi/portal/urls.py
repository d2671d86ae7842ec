"""Addresses of the customers' side."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from .views import contact, entering, privacy, requests

# The contact form has no session that another site could misuse; its signed mark can be read from our page only.
urlpatterns = [
    path("help/<slug:language>/contact", csrf_exempt(contact.contact), name="help_contact"),
    path("help/<slug:language>/contact/sent", contact.sent, name="help_contact_sent"),
    path("help/<slug:language>/contact/<int:brand_id>", csrf_exempt(contact.contact), name="help_contact_of_brand"),
    path("help/<slug:language>/contact/<int:brand_id>/sent", contact.sent, name="help_contact_sent_of_brand"),
    path("my/", requests.requests, name="my"),
    path("my/sign-in", entering.sign_in, name="my_sign_in"),
    path("my/link/<str:token>", entering.link, name="my_link"),
    path("my/sign-out", entering.sign_out, name="my_sign_out"),
    path("my/requests/<int:ticket_id>", requests.one, name="my_request"),
    path("my/requests/<int:ticket_id>/close", requests.close, name="my_close"),
    path("my/requests/<int:ticket_id>/reopen", requests.reopen, name="my_reopen"),
    path("my/settings", privacy.choices, name="my_choices"),
    path("my/data", privacy.data, name="my_data"),
    path("my/data/download", privacy.download, name="my_download"),
    path("my/data/erasure", privacy.erasure, name="my_erasure"),
    path("my/files/<int:attachment_id>", requests.file, name="my_file"),
]
