"""Facts about customers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CustomerChanged:
    """`fields`: names of what changed (name, language, company, identities, custom ...)."""

    customer_id: int
    fields: list[str]


@dataclass(frozen=True)
class CustomersMerged:
    customer_id: int
    merged_id: int


@dataclass(frozen=True)
class CustomersUnmerged:
    customer_id: int
    merged_id: int
