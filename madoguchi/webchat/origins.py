"""Which web pages may talk to a widget (CORS)."""

from urllib.parse import urlsplit

from django.conf import settings

from .models import Widget


def allowed_origin(origin: str, widget: Widget, *, host: str) -> bool:
    """The sites that the brand lists, and our own pages, under the address of the settings or the one that was asked (`host`)."""
    if not origin:
        return False
    return origin in widget.origins or origin == settings.BASE_URL or (bool(host) and urlsplit(origin).netloc == host)
