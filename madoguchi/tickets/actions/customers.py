"""Merging customers together with their tickets; changing whose ticket it is."""

from django.db import transaction

from madoguchi.customers import actions as customers
from madoguchi.customers.models import Customer, CustomerMerge
from madoguchi.foundation import clock
from madoguchi.foundation.actor import Actor
from madoguchi.foundation.errors import Conflict

from ..models import Message, Ticket
from .changing import lock, record_change


@transaction.atomic
def merge_customers(*, kept_id: int, merged_id: int, by: Actor) -> CustomerMerge:
    """Make one customer part of another, with identities, notes and tickets. See `customers.actions.merge` for what is refused."""
    done = customers.merge(kept_id=kept_id, merged_id=merged_id, by=by)
    tickets = list(Ticket.objects.filter(customer=merged_id).values_list("id", flat=True))
    messages = list(Message.objects.filter(ticket__in=tickets, customer=merged_id).values_list("id", flat=True))
    Ticket.objects.filter(pk__in=tickets).update(customer=kept_id)
    Message.objects.filter(pk__in=messages).update(customer=kept_id)
    customers.remember_moved(done, tickets=tickets, messages=messages)
    return done


@transaction.atomic
def unmerge_customers(*, merged_id: int, by: Actor) -> CustomerMerge:
    """Take two customers apart again; tickets that came in since stay with the kept one."""
    done = customers.unmerge(merged_id=merged_id, by=by)
    Ticket.objects.filter(pk__in=done.moved.get("tickets", []), customer=done.kept_id).update(customer=merged_id)
    Message.objects.filter(pk__in=done.moved.get("messages", []), customer=done.kept_id).update(customer=merged_id)
    return done


@transaction.atomic
def set_customer(*, ticket_id: int, customer: Customer, by: Actor) -> Ticket:
    """The ticket is another customer's. Raises Conflict for a merged one."""
    if customer.merged_into_id:
        raise Conflict
    ticket = lock(ticket_id)
    if ticket.customer_id != customer.pk:
        old, ticket.customer, ticket.updated_at = ticket.customer_id, customer, clock.now()
        ticket.save(update_fields=["customer", "updated_at"])
        record_change(ticket, by=by, field="customer", old=old, new=customer.pk)
    return ticket
