"""Fields that the company added: their definitions, and their values on tickets, customers and companies."""

import re
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers import actions as customers
from madoguchi.customers.models import Company, Customer
from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict, Invalid, NotFound

from ..custom_values import clean_values
from ..models import CustomField, Kind, Ticket
from .changing import lock, record_change

TARGETS = ("ticket", "customer", "company")
KEY = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
MOST_CHOICES, MOST_FIELDS, LABEL_LENGTH = 200, 100, 100


@transaction.atomic
def set_custom(*, ticket_id: int, values: Mapping[str, object], by: Actor) -> Ticket:
    """Set custom fields of a ticket (None or "" empties one); others keep their values. Raises Invalid naming each wrong one.

    A field that is empty and stays empty is no error, required or not: the page sends all fields whenever one of them changes.
    """
    ticket = lock(ticket_id)
    given = {key: value for key, value in values.items() if (value is not None and value != "") or key in ticket.custom}
    cleaned = clean_values(CustomField.objects.filter(target="ticket", is_active=True), given)
    old = dict(ticket.custom)
    new = {key: value for key, value in {**old, **cleaned}.items() if value is not None}
    if new != old:
        ticket.custom, ticket.updated_at = new, clock.now()
        ticket.save(update_fields=["custom", "updated_at"])
        record_change(ticket, by=by, field="custom", old=old, new=new)
    return ticket


@transaction.atomic
def set_customer_custom(*, customer_id: int, values: Mapping[str, object], by: Actor) -> Customer:
    """The same for the fields of a customer."""
    cleaned = clean_values(CustomField.objects.filter(target="customer", is_active=True), values)
    return customers.set_custom(customer_id=customer_id, values=cleaned, by=by)


@transaction.atomic
def set_company_custom(*, company_id: int, values: Mapping[str, object], by: Actor) -> Company:
    """The same for the fields of a company."""
    cleaned = clean_values(CustomField.objects.filter(target="company", is_active=True), values)
    return customers.set_company_custom(company_id=company_id, values=cleaned, by=by)


@transaction.atomic
def save_custom_field(
    *,
    by: Actor,
    key: str,
    label: Mapping[str, str],
    type: str = CustomField.Type.TEXT,  # noqa: A002  the field's own word
    target: str = "ticket",
    choices: list[str] | None = None,
    kinds: list[str] | None = None,
    required: bool = False,
    for_customers: bool = False,
    field_id: int | None = None,
) -> CustomField:
    """Add a field, or change one (`field_id`): key, type and target of an existing one stay, since values are kept under them.

    `label`: language -> text, English or the workplace's at least. `kinds`: the ticket kinds it is for, none given: all.
    `for_customers`: the contact form asks for it.
    """
    labels = {language: " ".join(text.split())[:LABEL_LENGTH] for language, text in label.items() if text.strip()}
    options = list(dict.fromkeys(" ".join(str(choice).split())[:LABEL_LENGTH] for choice in choices or [] if str(choice).strip()))
    _check_field(key=key, labels=labels, kind=type, target=target, choices=options, kinds=kinds or [])
    if field_id is None:
        if CustomField.objects.filter(target=target, key=key).exists():
            raise Conflict(_("A field with this key exists already."))
        if CustomField.objects.filter(target=target).count() >= MOST_FIELDS:
            raise Conflict(_("There are too many fields. Remove one first."))
        field = CustomField(target=target, key=key, type=type, position=CustomField.objects.filter(target=target).count())
    else:
        field = custom_field(field_id)
        if (field.key, field.type, field.target) != (key, type, target):
            raise Conflict(_("Key and type of a field cannot change, because tickets hold values. Make a new field instead."))
    field.label, field.choices, field.kinds, field.required = labels, options, kinds or [], required
    field.for_customers, field.is_active = for_customers and target == "ticket", True
    field.save()
    audit.record("tickets.save_field", by=by, subject=f"field:{field.pk}", detail={"key": key, "type": type, "target": target})
    return field


def custom_field(field_id: int) -> CustomField:
    field = CustomField.objects.filter(pk=field_id).first()
    if field is None:
        raise NotFound
    return field


def _check_field(*, key: str, labels: dict[str, str], kind: str, target: str, choices: list[str], kinds: list[str]) -> None:
    wrong: dict[str, object] = {}
    if not KEY.match(key):
        wrong["key"] = _("Use small letters, digits and _, beginning with a letter.")
    if not labels or not set(labels) <= {code for code, _name in settings.LANGUAGES}:
        wrong["label"] = _("Write the name of the field.")
    if kind not in CustomField.Type.values:
        wrong["type"] = _("Choose one of the list.")
    if target not in TARGETS:
        wrong["target"] = _("Choose one of the list.")
    if kind == CustomField.Type.CHOICE and not 1 <= len(choices) <= MOST_CHOICES:
        wrong["choices"] = _("Write the choices, one a line.")
    if not set(kinds) <= set(Kind.values):
        wrong["kinds"] = _("Choose one of the list.")
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def retire_custom_field(*, field_id: int, by: Actor) -> None:
    """Hide a field; tickets keep its values, and saving the field again brings it back."""
    field = custom_field(field_id)
    field.is_active = False
    field.save(update_fields=["is_active"])
    audit.record("tickets.retire_field", by=by, subject=f"field:{field.pk}", detail={"key": field.key})


@transaction.atomic
def order_custom_fields(*, field_ids: list[int]) -> None:
    """Show the fields in this order."""
    for position, field_id in enumerate(field_ids):
        CustomField.objects.filter(pk=field_id).update(position=position)
