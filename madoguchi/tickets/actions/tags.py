"""Tags as a whole: renaming, merging, deleting. Tagging a ticket is in `changing`."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid

from ..models import Tag, Ticket

NAME_LENGTH = 60


@transaction.atomic
def rename_tag(*, tag: Tag, name: str, by: Actor) -> Tag:
    """Give a tag another name; all its tickets show it. Raises Conflict when another tag has it (merge them instead)."""
    name = " ".join(name.split())[:NAME_LENGTH]
    if not name:
        raise Invalid(fields={"name": _("Give the tag a name.")})
    if Tag.objects.filter(name=name).exclude(pk=tag.pk).exists():
        message = _("A tag with this name exists. Merge this one into it instead.")
        raise Conflict(message, fields={"name": message})
    if tag.name != name:
        audit.record("tag.rename", by=by, subject=f"tag:{tag.pk}", detail={"name": [tag.name, name]})
        tag.name = name
        tag.save(update_fields=["name"])
    return tag


@transaction.atomic
def merge_tag(*, tag: Tag, into: Tag, by: Actor) -> None:
    """Give all tickets of `tag` the tag `into`, and remove `tag`."""
    if tag.pk == into.pk:
        raise Invalid(fields={"into": _("Choose another tag.")})
    through = Ticket.tags.through
    have = set(through.objects.filter(tag=into).values_list("ticket_id", flat=True))
    moving = set(through.objects.filter(tag=tag).values_list("ticket_id", flat=True))
    through.objects.bulk_create([through(ticket_id=pk, tag_id=into.pk) for pk in sorted(moving - have)], ignore_conflicts=True)
    audit.record("tag.merge", by=by, subject=f"tag:{into.pk}", detail={"merged": tag.name, "into": into.name, "tickets": len(moving)})
    tag.delete()


@transaction.atomic
def delete_tag(*, tag: Tag, by: Actor) -> None:
    """Remove a tag from all tickets."""
    audit.record("tag.delete", by=by, subject=f"tag:{tag.pk}", detail={"name": tag.name, "tickets": tag.tickets.count()})
    tag.delete()
