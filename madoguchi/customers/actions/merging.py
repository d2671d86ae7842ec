"""One person known twice becomes one customer, and can be taken apart again.

`tickets.actions.merge_customers` is what the house calls: it moves the tickets too.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid

from .. import index
from ..events import CustomersMerged, CustomersUnmerged
from ..models import Customer, CustomerMerge, CustomerNote, Identity
from .changing import lock

FILLED = ("name", "reading", "salutation", "company_id", "language", "time_zone")


@transaction.atomic
def merge(*, kept_id: int, merged_id: int, by: Actor) -> CustomerMerge:
    """Make `merged_id` part of `kept_id`: identities and notes move, empty fields are filled, tags join, nothing is lost.

    The caller chooses the direction. Raises Invalid for a customer with itself, Conflict when one was merged before.
    """
    if kept_id == merged_id:
        raise Invalid(_("A customer cannot be merged with themselves."))
    first, second = sorted((kept_id, merged_id))
    rows = {pk: lock(pk) for pk in (first, second)}
    kept, merged = rows[kept_id], rows[merged_id]
    if kept.merged_into_id or merged.merged_into_id:
        raise Conflict(_("One of these customers was merged already. Open the one they became part of."))
    moved: dict[str, list] = {
        "identities": list(Identity.objects.filter(customer=merged).values_list("id", flat=True)),
        "primary": list(Identity.objects.filter(customer=merged, is_primary=True).values_list("id", flat=True)),
        "notes": list(CustomerNote.objects.filter(customer=merged).values_list("id", flat=True)),
        "filled": [name for name in FILLED if not getattr(kept, name) and getattr(merged, name)],
        "tags": [tag for tag in merged.tags if tag not in kept.tags],
        "custom": [key for key in merged.custom if key not in kept.custom],
    }
    have = set(Identity.objects.filter(customer=kept, is_primary=True).values_list("kind", flat=True))
    Identity.objects.filter(customer=merged, kind__in=have).update(is_primary=False)
    Identity.objects.filter(customer=merged).update(customer=kept)
    CustomerNote.objects.filter(customer=merged).update(customer=kept)
    for name in moved["filled"]:
        setattr(kept, name, getattr(merged, name))
    kept.tags = [*kept.tags, *moved["tags"]]
    kept.custom = {**merged.custom, **kept.custom}
    kept.save()
    merged.merged_into = kept
    merged.save(update_fields=["merged_into"])
    done = CustomerMerge.objects.create(kept=kept, merged=merged, moved=moved, by_id=by.agent_id, at=clock.now())
    index.put_customers([kept.pk, merged.pk])
    audit.record("customers.merge", by=by, subject=f"customer:{kept.pk}", detail={"merged": merged.pk})
    events.emit(CustomersMerged(kept.pk, merged.pk), by=by)
    return done


def remember_moved(merge_row: CustomerMerge, **more: list[int]) -> None:
    """A room above moved rows of its own with the merge."""
    merge_row.moved = {**merge_row.moved, **more}
    merge_row.save(update_fields=["moved"])


@transaction.atomic
def unmerge(*, merged_id: int, by: Actor) -> CustomerMerge:
    """Give everything back; the returned row's `moved` tells rooms above what was theirs.

    What the merged customer filled in is emptied again where it still has that value. Raises Conflict when the customer is not
    merged, or the other one was merged itself since.
    """
    done = CustomerMerge.objects.filter(merged=merged_id, undone_at=None).order_by("-id").first()
    if done is None:
        raise Conflict(_("This customer is not merged with another one."))
    first, second = sorted((done.kept_id, merged_id))
    rows = {pk: lock(pk) for pk in (first, second)}
    kept, merged = rows[done.kept_id], rows[merged_id]
    if kept.merged_into_id:
        raise Conflict(_("The other customer was merged themselves since. Separate that one first."))
    moved = done.moved
    Identity.objects.filter(pk__in=moved["identities"], customer=kept).update(customer=merged)
    Identity.objects.filter(pk__in=moved["primary"], customer=merged).update(is_primary=True)
    CustomerNote.objects.filter(pk__in=moved["notes"], customer=kept).update(customer=merged)
    _empty_again(kept, merged, moved)
    merged.merged_into = None
    merged.save(update_fields=["merged_into"])
    done.undone_at = clock.now()
    done.save(update_fields=["undone_at"])
    index.put_customers([kept.pk, merged.pk])
    audit.record("customers.unmerge", by=by, subject=f"customer:{kept.pk}", detail={"merged": merged.pk})
    events.emit(CustomersUnmerged(kept.pk, merged.pk), by=by)
    return done


def _empty_again(kept: Customer, merged: Customer, moved: dict[str, list]) -> None:
    for name in moved["filled"]:
        if getattr(kept, name) == getattr(merged, name):
            setattr(kept, name, None if name == "company_id" else "")
    kept.tags = [tag for tag in kept.tags if tag not in moved["tags"]]
    kept.custom = {key: v for key, v in kept.custom.items() if key not in moved["custom"] or v != merged.custom.get(key)}
    kept.save()
