"""Addresses of the first run."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.begin, name="welcome"),
    path("company/", views.company, name="welcome_company"),
    path("administrator/", views.administrator, name="welcome_administrator"),
    path("mailbox/", views.mailbox, name="welcome_mailbox"),
    path("mail/", views.first_mail, name="welcome_mail"),
]
