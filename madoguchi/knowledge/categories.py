"""What customers read as a category's name, and its icon. A company's own names come first."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from .models import Category

SHIPPED = {
    "delivery": (_("Delivery"), "truck"),
    "orders": (_("Orders"), "box"),
    "returns": (_("Returns and exchanges"), "undo"),
    "payments": (_("Payments and refunds"), "card"),
    "products": (_("Products and availability"), "tag"),
    "repairs": (_("Repairs and warranty"), "wrench"),
    "stores": (_("Stores"), "home"),
    "membership": (_("Membership and points"), "gift"),
    "account": (_("Your account"), "user"),
    "guesthouse": (_("Guest house"), "moon"),
    "handbook": (_("Handbook"), "book"),
}


def name_of(category: Category, language: str) -> str:
    own = category.names.get(language)
    if own:
        return str(own)
    with override(language):
        shipped = SHIPPED.get(category.key)
        return str(shipped[0]) if shipped else category.key.replace("-", " ").capitalize()


def icon_of(category: Category) -> str:
    return SHIPPED[category.key][1] if category.key in SHIPPED else "doc"
