"""Reads for the customers' side."""

from madoguchi.channels.models import Mailbox
from madoguchi.foundation.errors import NotFound
from madoguchi.workplace.models import Brand
from madoguchi.workplace.queries import default_brand


def brand_for(brand_id: int | None) -> Brand | None:
    """The brand of an address, the default one where it names none. Raises NotFound."""
    if brand_id is None:
        return default_brand()
    brand = Brand.objects.filter(pk=brand_id).first()
    if brand is None:
        raise NotFound
    return brand


def mailbox_for(brand: Brand | None, language: str) -> Mailbox:
    """Where a brand's customers are answered from: its own mailbox, rather one of their language; else the default one. Raises NotFound."""
    boxes = list(Mailbox.objects.filter(is_active=True).order_by("-is_default", "id"))
    ours = [box for box in boxes if brand is not None and box.brand_id == brand.pk] or boxes
    chosen = next((box for box in ours if box.language == language), next(iter(ours), None))
    if chosen is None:
        raise NotFound
    return chosen
