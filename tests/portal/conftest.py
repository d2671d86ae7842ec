import re

import pytest
from django.core import mail
from django.test import Client
from django.utils.module_loading import autodiscover_modules

from madoguchi.foundation import jobs
from madoguchi.intake import queue


@pytest.fixture
def post(settings):
    """`post()`: do all waiting work and return the mails of the system that went out."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    autodiscover_modules("jobs")
    mail.outbox = []

    def post():
        while queue.work_off():
            pass
        jobs.run_until_empty(queues=("default", "mail"))
        return mail.outbox

    return post


@pytest.fixture
def link_for(client, post):
    """`link_for(address)`: the path of the link that is mailed to somebody who asks for one; None when no mail goes out."""

    def link_for(address: str) -> str | None:
        before = len(mail.outbox)
        answer = client.post("/my/sign-in", {"address": address})
        assert (answer.status_code, answer["Location"]) == (302, "/my/sign-in?sent=1")
        sent = post()[before:]
        return re.search(r"http://localhost:8000(/my/link/\S+)", sent[0].body)[1] if sent else None

    return link_for


@pytest.fixture
def signed_in(link_for):
    """`signed_in(address)`: a browser of a customer who came by the link."""

    def signed_in(address: str) -> Client:
        browser = Client()
        link = link_for(address)
        assert link
        assert browser.post(link)["Location"] == "/my/"
        return browser

    return signed_in
