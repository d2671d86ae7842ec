"""Rows of promises to customers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.tickets.models import Message, Ticket


class Promise(models.Model):
    """What we told a customer we would do, by when, and who sees to it.

    `offered` was found by the machine and waits for a person to say whether it is one; only then it counts. `text` is our own sentence.
    `settled_at`: when it was kept, withdrawn or declined; one kept after `due_at` was kept late.
    """

    class State(models.TextChoices):
        OFFERED = "offered", pgettext_lazy("promise", "Found")
        OPEN = "open", pgettext_lazy("promise", "Open")
        KEPT = "kept", pgettext_lazy("promise", "Kept")
        WITHDRAWN = "withdrawn", pgettext_lazy("promise", "Withdrawn")
        DECLINED = "declined", _("Not a promise")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="promises")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    text = models.CharField(max_length=500)
    due_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    made_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "text"], name="promise_once"),
            models.CheckConstraint(condition=~Q(state="open") | Q(due_at__isnull=False), name="promise_open_has_due"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="open"), name="promise_open_due"),
            models.Index(fields=["remind_at"], condition=Q(state="open", reminded_at=None), name="promise_remind"),
            models.Index(fields=["made_at"], name="promise_made"),
        ]

    def __str__(self) -> str:
        return self.text
