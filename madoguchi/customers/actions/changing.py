"""Making and changing customers and their identities."""

import zoneinfo
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.foundation import audit, clock, events
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound

from .. import index
from ..events import CustomerChanged
from ..identities import normal_form
from ..models import Company, Customer, Identity
from .companies import company_of_domain

FIELDS = ("name", "reading", "salutation", "company", "language", "time_zone", "tags")
LENGTHS = {"name": 200, "reading": 200, "salutation": 20}
MOST_TAGS, TAG_LENGTH = 50, 60


def lock(customer_id: int) -> Customer:
    """The customer's row, locked for the rest of the transaction. Raises NotFound."""
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise NotFound
    return customer


@transaction.atomic
def create_customer(*, by: Actor, name: str = "", mail: str = "", phone: str = "", **fields: object) -> Customer:
    """Make a customer by hand. `fields`: reading, salutation, company, language, time_zone, tags.

    Raises Invalid with `fields`; Conflict when an address or number belongs to somebody already (`fields["customer"]` has their id).
    """
    if not (name.strip() or mail.strip() or phone.strip()):
        raise Invalid(fields={"name": _("Write a name, an address or a number.")})
    customer = Customer(created_at=clock.now(), **_cleaned({"name": name, **fields}))
    if customer.company is None and mail.strip():
        customer.company = company_of_domain(mail)
    customer.save()
    for kind, value in (("mail", mail), ("phone", phone)):
        if value.strip():
            _add(customer, kind, value, verified=False)
    index.put_customers([customer.pk])
    audit.record("customers.create", by=by, subject=f"customer:{customer.pk}")
    return customer


@transaction.atomic
def update_customer(*, customer_id: int, by: Actor, **fields: object) -> Customer:
    """Change name, reading, salutation, company (a Company or None), language, time_zone or tags. Raises Invalid with `fields`."""
    customer = lock(customer_id)
    cleaned = _cleaned(fields)
    changed = [name for name, value in cleaned.items() if getattr(customer, name) != value]
    if not changed:
        return customer
    for name in changed:
        setattr(customer, name, cleaned[name])
    customer.save(update_fields=changed)
    _changed(customer, changed, by)
    return customer


@transaction.atomic
def set_custom(*, customer_id: int, values: Mapping[str, object], by: Actor) -> Customer:
    """Keep already validated values of custom fields; None empties one. `tickets.actions.set_customer_custom` validates."""
    customer = lock(customer_id)
    new = {key: value for key, value in {**customer.custom, **values}.items() if value is not None}
    if new != customer.custom:
        customer.custom = new
        customer.save(update_fields=["custom"])
        _changed(customer, ["custom"], by)
    return customer


@transaction.atomic
def add_identity(*, customer_id: int, kind: str, value: str, by: Actor, verified: bool = False) -> Identity:
    """A further address, number or name on a channel. Raises Invalid, or Conflict when it is another customer's."""
    customer = lock(customer_id)
    identity = _add(customer, kind, value, verified=verified)
    _changed(customer, ["identities"], by)
    return identity


def mark_verified(*, kind: str, value: str) -> None:
    """Whoever reads this address or number has proved it. `value` in normal form."""
    Identity.objects.filter(kind=kind, value=value, verified=False).update(verified=True)


@transaction.atomic
def remove_identity(*, identity_id: int, by: Actor) -> None:
    """Take an identity away; the next one of its kind becomes primary. Raises Conflict for the last one of all."""
    identity = Identity.objects.filter(pk=identity_id).first()
    if identity is None:
        raise NotFound
    customer = lock(identity.customer_id)
    rest = Identity.objects.filter(customer=customer).exclude(pk=identity.pk)
    if not rest.exists():
        raise Conflict(_("This is the only way to reach the customer. Add another one first."))
    identity.delete()
    following = rest.filter(kind=identity.kind).order_by("id").first()
    if identity.is_primary and following is not None:
        Identity.objects.filter(pk=following.pk).update(is_primary=True)
    _changed(customer, ["identities"], by)


@transaction.atomic
def make_primary(*, identity_id: int, by: Actor) -> None:
    """Write to this one from now on."""
    identity = Identity.objects.filter(pk=identity_id).first()
    if identity is None:
        raise NotFound
    customer = lock(identity.customer_id)
    Identity.objects.filter(customer=customer, kind=identity.kind).update(is_primary=False)
    Identity.objects.filter(pk=identity.pk).update(is_primary=True)
    _changed(customer, ["identities"], by)


def _add(customer: Customer, kind: str, value: str, *, verified: bool) -> Identity:
    try:
        normal = normal_form(kind, value)
    except ValueError as error:
        raise Invalid(fields={kind: _("This is not a valid address or number.")}) from error
    owner = Identity.objects.filter(kind=kind, value=normal).first()
    if owner is not None and owner.customer_id == customer.pk:
        return owner
    taken = Conflict(_("This address or number belongs to another customer. Merge the two customers if they are the same person."))
    if owner is not None:
        taken.fields["customer"] = owner.customer_id
        raise taken
    primary = not Identity.objects.filter(customer=customer, kind=kind, is_primary=True).exists()
    try:
        with transaction.atomic():
            return Identity.objects.create(customer=customer, kind=kind, value=normal, is_primary=primary, verified=verified)
    except IntegrityError as error:
        raise taken from error


def _changed(customer: Customer, fields: list[str], by: Actor) -> None:
    index.put_customers([customer.pk])
    audit.record("customers.change", by=by, subject=f"customer:{customer.pk}", detail={"fields": fields})
    events.emit(CustomerChanged(customer.pk, fields), by=by)


def _cleaned(fields: Mapping[str, object]) -> dict[str, object]:
    cleaned: dict[str, object] = {}
    wrong: dict[str, object] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            raise Invalid
        if name in LENGTHS:
            cleaned[name] = " ".join(str(value).split())[: LENGTHS[name]]
        elif name == "tags":
            tags = [" ".join(str(tag).split())[:TAG_LENGTH] for tag in value if str(tag).strip()] if isinstance(value, list | tuple) else []
            cleaned[name] = list(dict.fromkeys(tags))[:MOST_TAGS]
        else:
            cleaned[name] = value
    if cleaned.get("language") and cleaned["language"] not in dict(settings.LANGUAGES):
        wrong["language"] = _("Choose one of the list.")
    if cleaned.get("time_zone") and cleaned["time_zone"] not in zoneinfo.available_timezones():
        wrong["time_zone"] = _("Choose one of the list.")
    if not isinstance(cleaned.get("company"), Company | None):
        wrong["company"] = _("Choose one of the list.")
    if wrong:
        raise Invalid(fields=wrong)
    return cleaned
