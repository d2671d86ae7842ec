"""Notes about a customer, for colleagues."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Invalid, NotFound

from .. import index
from ..models import CustomerNote
from .changing import lock

LONGEST = 20_000


@transaction.atomic
def add_note(*, customer_id: int, text: str, by: Actor) -> CustomerNote:
    """Write a note. Raises Invalid when there is nothing in it."""
    customer = lock(customer_id)
    note = CustomerNote.objects.create(customer=customer, text=_text(text), author_id=by.agent_id, created_at=clock.now())
    index.put_customers([customer.pk])
    return note


@transaction.atomic
def change_note(*, note_id: int, text: str, by: Actor) -> CustomerNote:
    note = _note(note_id)
    note.text = _text(text)
    note.save(update_fields=["text"])
    index.put_customers([note.customer_id])
    audit.record("customers.change_note", by=by, subject=f"customer:{note.customer_id}")
    return note


@transaction.atomic
def remove_note(*, note_id: int, by: Actor) -> None:
    note = _note(note_id)
    note.delete()
    index.put_customers([note.customer_id])
    audit.record("customers.remove_note", by=by, subject=f"customer:{note.customer_id}")


def _note(note_id: int) -> CustomerNote:
    note = CustomerNote.objects.filter(pk=note_id).first()
    if note is None:
        raise NotFound
    return note


def _text(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(_("Write something before you save the note."))
    if len(text) > LONGEST:
        raise Invalid(_("The text is too long. Shorten it or attach it as a file."))
    return text
