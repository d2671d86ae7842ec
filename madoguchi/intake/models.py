"""What an import from another help desk remembers, so that it can be repeated until the day of the move; own acknowledgement texts."""

from django.conf import settings
from django.db import models


class ImportSource(models.Model):
    """One account of another system; `cursor` is where the next run goes on."""

    system = models.CharField(max_length=20)
    account = models.CharField(max_length=255)
    cursor = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "account"], name="import_source_once")]


class ImportedRow(models.Model):
    """Which row of ours stands for which of theirs; `version` tells whether theirs changed since."""

    source = models.ForeignKey(ImportSource, on_delete=models.CASCADE, related_name="rows")
    kind = models.CharField(max_length=10)  # ticket | message | customer
    foreign_id = models.CharField(max_length=100)
    row_id = models.BigIntegerField()
    version = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "kind", "foreign_id"], name="imported_once")]


class AcknowledgementText(models.Model):
    """The company's own words of the acknowledgement in one language; `brand` empty: of every brand that has none of its own.

    `texts`: part (see acknowledgement_wording) -> text; a part that is missing is sent as shipped.
    """

    brand = models.ForeignKey("workplace.Brand", null=True, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    texts = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brand", "language"], name="acknowledgement_once"),
            models.UniqueConstraint(fields=["language"], condition=models.Q(brand=None), name="acknowledgement_of_all_once"),
        ]
