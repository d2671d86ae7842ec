"""Which web pages may talk to a widget (CORS)."""

from django.conf import settings

from .models import Widget


def allowed_origin(origin: str, widget: Widget) -> bool:
    """Our own pages, and those of the sites that the brand lists."""
    return bool(origin) and (origin in widget.origins or origin == settings.BASE_URL)
