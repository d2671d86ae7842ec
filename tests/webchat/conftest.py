"""A brand's switched-on widget, and a visitor who speaks its protocol."""

import json
import secrets

import pytest
from django.test import Client

from madoguchi.foundation.actor import SYSTEM
from madoguchi.webchat import actions, queries
from madoguchi.workplace.models import Brand


class Visitor:
    """A browser with the widget: its token, and requests as the script makes them."""

    def __init__(self, widget, origin="https://shop.example"):
        self.widget, self.origin = widget, origin
        self.token = secrets.token_urlsafe(32)
        self.client = Client()

    def _headers(self):
        headers = {"Authorization": f"Bearer {self.token}"}
        return headers | ({"Origin": self.origin} if self.origin else {})

    def get(self, path, **query):
        return self.client.get(f"/chat/{path}", {"brand": self.widget.key, "lang": "en"} | query, headers=self._headers())

    def post(self, path, **data):
        url = f"/chat/{path}?brand={self.widget.key}&lang=en"
        return self.client.post(url, json.dumps(data), content_type="application/json", headers=self._headers())

    def upload(self, text="", *files, **more):
        url = f"/chat/messages?brand={self.widget.key}&lang=en"
        return self.client.post(
            url, {"client_id": secrets.token_urlsafe(9), "text": text, "file": list(files)} | more, headers=self._headers()
        )

    def say(self, text="Hello", client_id=None, **more):
        return self.post("messages", client_id=client_id or secrets.token_urlsafe(9), text=text, language="en", **more)

    def heard(self, after=0):
        return self.get("messages", **({"after": after} if after else {})).json()


@pytest.fixture(autouse=True)
def _no_hours_known():
    """What a process remembers of the hours must not outlive a test."""
    queries._hours.clear()


@pytest.fixture
def widget(cast):
    row = actions.ensure_widget(brand=Brand.objects.get(is_default=True))
    return actions.save_widget(widget=row, by=SYSTEM, is_active=True, origins=["https://shop.example"])


@pytest.fixture
def visitor(widget):
    return Visitor(widget)
