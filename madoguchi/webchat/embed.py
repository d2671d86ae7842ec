"""The script tag that our own public pages carry when the chat is switched on; named in the settings as an addition to public pages."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from madoguchi.foundation.actor import SYSTEM
from madoguchi.workplace.queries import default_brand

from . import actions
from .queries import widget_of


def script_tag(html_lang: str) -> SafeString:
    """Of the default brand's widget, in the page's language; nothing while it is switched off."""
    widget = widget_of("")
    if widget is None:
        return SafeString("")
    return format_html('<script src="{}" data-brand="{}" data-lang="{}" defer></script>', reverse("webchat:script"), widget.key, html_lang)


def open_for_demo() -> None:
    """The demo company has its chat switched on."""
    brand = default_brand()
    if brand is not None:
        actions.save_widget(widget=actions.ensure_widget(brand=brand), by=SYSTEM, is_active=True)
