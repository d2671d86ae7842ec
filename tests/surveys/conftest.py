"""Everybody of the cast signed in, by name."""

import pytest
from django.test import Client


@pytest.fixture
def sign_in(db):
    def sign_in(agent, *, script=False):
        client = Client(headers={"HX-Request": "true"}) if script else Client()
        client.force_login(agent)
        return client

    return sign_in
