"""Who our customers are and how to reach them."""

from django.conf import settings
from django.db import models


class Company(models.Model):
    """A firm that customers belong to."""

    name = models.CharField(max_length=200)
    domains = models.JSONField(default=list, blank=True)
    notes = models.TextField(blank=True)
    custom = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()


class Customer(models.Model):
    """A person who contacts us. `reading` is the name's reading (フリガナ) for sorting and address.

    A merged customer keeps its row and points to the one it became part of, so that it can be taken apart again.
    """

    name = models.CharField(max_length=200, blank=True)
    reading = models.CharField(max_length=200, blank=True)
    salutation = models.CharField(max_length=20, blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers")
    language = models.CharField(max_length=10, blank=True, choices=settings.LANGUAGES)
    time_zone = models.CharField(max_length=60, blank=True)
    tags = models.JSONField(default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class Identity(models.Model):
    """One way a customer is known: kind mail | phone | line ..., value in normal form (lower-case address, E.164 number)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=320)
    is_primary = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="identity_once"),
            models.CheckConstraint(condition=~models.Q(value=""), name="identity_not_empty"),
        ]


class CustomerNote(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()


class CustomerMerge(models.Model):
    """What a merge moved (identity, note and ticket ids), so that unmerge gives everything back."""

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges_in")
    merged = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges_out")
    moved = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)


class Refusal(models.Model):
    """What a customer does not want to hear from us unasked: purpose survey | followup. Answers to what they ask always go out."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="refusals")
    purpose = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "purpose"], name="refusal_once")]
