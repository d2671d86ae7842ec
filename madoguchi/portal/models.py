"""Customers on our own pages: their links, their sessions, and what they ask about their data. Tokens are kept as digests only."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SignInLink(models.Model):
    """A link that was mailed to an address: it works once, until `expires_at`."""

    digest = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=320)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Session(models.Model):
    """A customer who is signed in; nothing of it has to do with the accounts of our people. `address`: the one they proved."""

    digest = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class ErasureRequest(models.Model):
    """A customer asks that what we keep about them be erased; a person decides. `answer`: why it was refused, as the customer reads it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("erasure request", "Open")
        ERASING = "erasing", pgettext_lazy("erasure request", "Being erased")
        ERASED = "erased", pgettext_lazy("erasure request", "Erased")
        REFUSED = "refused", pgettext_lazy("erasure request", "Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn by the customer")

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer"], condition=Q(state__in=["open", "erasing"]), name="erasure_asked_once")]
