"""Writes about customers, one file a verb family; this page lists what the rest of the house may call.

To merge customers call `tickets.actions.merge_customers`, which moves their tickets too.
"""

from .changing import add_identity, create_customer, make_primary, mark_verified, remove_identity, set_custom, update_customer
from .companies import company_of_domain, remove_company, save_company, set_company_custom
from .merging import merge, remember_moved, unmerge
from .notes import add_note, change_note, remove_note
from .recognising import Stranger, recognise_many
from .refusing import accept_again, refuse

__all__ = [
    "Stranger", "accept_again", "add_identity", "add_note", "change_note", "company_of_domain", "create_customer", "make_primary",
    "mark_verified", "merge", "recognise_many", "refuse",
    "remember_moved", "remove_company", "remove_identity", "remove_note", "save_company",
    "set_company_custom", "set_custom", "unmerge",
    "update_customer",
]  # fmt: skip
