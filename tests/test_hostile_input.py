"""Stored and reflected script, header injection, paths in file names, sizes: tried through the doors."""

import re

import pytest

from madoguchi.channels.models import Envelope, Mailbox
from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import Actor
from madoguchi.staff.models import Agent, Role, Skill, Team
from madoguchi.tickets.models import CustomField, SavedView, Tag
from madoguchi.workplace.models import Brand, Calendar, Workplace
from tests.test_doors import GUARDED, address, routes

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'
KINDS = {
    "settings/staff/agents/": Agent, "settings/staff/teams/": Team, "settings/staff/skills/": Skill, "settings/staff/roles/": Role,
    "settings/tickets/tags/": Tag, "settings/tickets/fields/": CustomField, "settings/tickets/views/": SavedView,
    "settings/company/brands/": Brand, "settings/mailboxes/": Mailbox, "settings/mail/": Envelope, "settings/sla/hours/": Calendar,
}  # fmt: skip
LIVE = re.compile(rb"<script>alert|<img src=x|onerror=alert\(1\)>(?!\{\{7)|>49<")


@pytest.fixture
def poisoned(cast):
    """Script in every text that a settings screen shows."""
    Agent.objects.update(name=SCRIPT[:150], signature=SCRIPT, languages=[SCRIPT])
    Team.objects.filter(pk=cast.orders.pk).update(name=SCRIPT)
    Skill.objects.create(name=SCRIPT)
    Role.objects.create(name=SCRIPT, permissions=[SCRIPT])
    Tag.objects.create(name=SCRIPT[:60])
    CustomField.objects.create(key="x", label={"en": SCRIPT}, choices=[SCRIPT], type="choice")
    SavedView.objects.create(name=SCRIPT[:80], owner=cast.admin, shared=True)
    Brand.objects.create(name=SCRIPT)
    Calendar.objects.update(name=SCRIPT[:120])
    Workplace.objects.update(name=SCRIPT)
    Mailbox.objects.update(name=SCRIPT, aliases=[SCRIPT], imap_error=SCRIPT, imap_host=SCRIPT, smtp_host=SCRIPT)
    Envelope.objects.create(
        source="smtp",
        raw=SCRIPT.encode(),
        size=9,
        received_at=clock.now(),
        stage="quarantined",
        reason=SCRIPT,
        sender=SCRIPT,
        recipients=[SCRIPT],
    )
    audit.record("x.y", by=Actor("agent", 1, SCRIPT), subject=SCRIPT[:100], detail={SCRIPT: [SCRIPT, SCRIPT]}, address=SCRIPT)
    ticket = cast.ticket(subject=SCRIPT, text=SCRIPT)
    ticket.messages.update(html=f"<p>{SCRIPT}</p>", from_name=SCRIPT, reply_text=SCRIPT, quoted_text=SCRIPT, signature=SCRIPT)
    type(cast.ruth).objects.update(name=SCRIPT)
    return ticket


def test_script_stored_anywhere_comes_out_inert(client, cast, poisoned):
    client.force_login(cast.admin)
    objects = {"ticket_id": poisoned.pk, "message_id": poisoned.messages.get().pk}
    looked = 0
    for route in routes():
        row = next((model.objects.order_by("id").first() for prefix, model in KINDS.items() if route.startswith(prefix)), None)
        answer = client.get(address(route, {**objects, "pk": row.pk if row else 1}), headers={"Accept": "text/html"})
        if answer.streaming or not answer["Content-Type"].startswith("text/html"):
            continue
        looked += 1
        found = LIVE.search(answer.content)
        assert found is None, (route, answer.content[max(0, found.start() - 80) : found.end() + 80])
    assert looked > 60


def test_script_in_the_address_comes_out_inert(client, cast):
    client.force_login(cast.admin)
    for route in [route for route in routes() if "<" not in route]:
        names = ("q", "action", "who", "subject", "state", "before", "next", "language", "view", "token", "sort", "cursor")
        answer = client.get(address(route), dict.fromkeys(names, SCRIPT))
        assert answer.status_code < 500, route
        if not answer.streaming:
            assert not LIVE.search(answer.content), route
    assert not LIVE.search(client.get(f"/{SCRIPT}").content)


def test_rejected_input_comes_back_inert(client, cast):
    client.force_login(cast.admin)
    for route in [route for route in routes() if route.endswith(("new/", "invite/"))]:
        form = client.get(address(route)).context["form"]
        answer = client.post(address(route), dict.fromkeys(form.fields, SCRIPT))
        assert answer.status_code in {302, 422}, route
        assert not LIVE.search(client.get(answer["Location"]).content if answer.status_code == 302 else answer.content), route


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client, cast, target):
    from tests.cast import PASSWORD

    answer = client.post("/accounts/login/", {"login": "hana@hoshizora.example", "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_line_breaks_in_fields_cannot_make_headers(client, cast):
    """A name with a line break reaches the mail's header; Django and our letters refuse it."""
    from django.core import mail
    from django.core.mail import BadHeaderError, EmailMessage

    with pytest.raises(BadHeaderError):
        EmailMessage("Hello\r\nBcc: evil@x.example", "x", "a@b.example", ["c@d.example"]).message()
    client.force_login(cast.admin)
    for value in ("a@b.example\r\nBcc: evil@x.example", "a@b.example%0d%0aBcc: x"):
        assert (
            client.post("/settings/staff/agents/invite/", {"email": value, "role": cast.hana.role_id, "language": "en"}).status_code == 422
        )
    answer = client.get("/accounts/login/", {"next": "/x\r\nSet-Cookie: a=b"})
    assert "Set-Cookie: a=b" not in str(answer.headers)
    assert mail.outbox == []


def test_a_request_id_from_outside_is_kept_only_when_harmless(client):
    assert client.get("/healthz", headers={"X-Request-ID": "good-request-1"})["X-Request-ID"] == "good-request-1"
    for bad in ("x", "a\r\nb", "<script>" * 3, "a" * 500):
        assert client.get("/healthz", headers={"X-Request-ID": bad})["X-Request-ID"] != bad


def test_a_body_above_the_limit_is_refused_in_words(client, cast):
    client.force_login(cast.admin)
    answer = client.post("/settings/staff/skills/new/", {"name": "x" * (13 * 2**20)})
    assert answer.status_code in {400, 413}
    assert b"Traceback" not in answer.content


def test_forms_from_elsewhere_are_refused(cast):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.admin)
    for route in [route for route in GUARDED if route in routes()]:
        status = strict.post(address(route)).status_code
        assert status in {403, 405}, (route, status)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "a\0b.txt", "con\r\nX: y.txt", "." * 300 + "x.txt", "\u202egpj.exe", "..", ""],
)
def test_an_uploaded_name_cannot_leave_its_place(cast, name):
    from madoguchi.tickets import actions

    kept = actions.add_upload(ticket_id=cast.ticket().pk, name=name, data=b"x", agent=cast.hana)
    assert kept.name not in {"", ".", ".."}
    assert not re.search(r"[/\\\x00-\x1f\u202e]", kept.name)
    assert len(kept.name) <= 255


def test_uploads_have_a_limit(cast, settings):
    from madoguchi.foundation.errors import Invalid
    from madoguchi.tickets import actions

    settings.UPLOAD_SIZE_LIMIT = 1000
    ticket = cast.ticket()
    actions.add_upload(ticket_id=ticket.pk, name="a.txt", data=b"x" * 900, agent=cast.hana)
    with pytest.raises(Invalid):
        actions.add_upload(ticket_id=ticket.pk, name="b.txt", data=b"x" * 200, agent=cast.hana)


@pytest.mark.parametrize(
    "name", ['a"; filename="evil.exe', "a\r\nSet-Cookie: x=y.txt", "../../../etc/passwd", "見積書.pdf", "<script>alert(1)</script>.html"]
)
@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", "text/plain"])
def test_a_file_from_a_mail_is_served_so_that_nothing_in_it_runs(client, cast, name, kind):
    from madoguchi.tickets.models import Attachment

    message = cast.ticket().messages.get()
    file = Attachment.objects.create(
        message=message, name=name, content_type=kind, size=40, data=SCRIPT.encode(), created_at=message.created_at
    )
    client.force_login(cast.admin)
    answer = client.get(f"/files/{file.pk}")
    assert answer.status_code == 200
    assert "Set-Cookie: x" not in str(answer.headers)
    disposition = answer["Content-Disposition"]
    assert not re.search(r"[\r\n/\\]", disposition.replace("UTF-8''", ""))
    assert 'filename="evil.exe' not in disposition
    inert = answer["Content-Type"].split(";")[0] in {"text/plain", "application/octet-stream", "application/pdf"}
    assert inert or disposition.startswith("attachment") or "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_formatted_mail_is_inert(client, cast):
    message = cast.ticket().messages.get()
    evil = (
        "<p onclick=alert(1)>Hello</p><script>alert(1)</script><img src=https://evil.example/pixel.gif><iframe src=//evil.example></iframe>"
        "<a href=javascript:alert(1)>x</a><form action=https://evil.example><input></form><svg onload=alert(1)><meta http-equiv=refresh content=0>"
        "<base href=https://evil.example/><style>@import url(https://evil.example/a.css)</style><link rel=stylesheet href=//evil.example/b.css>"
    )
    type(message).objects.filter(pk=message.pk).update(html=evil)
    client.force_login(cast.admin)
    answer = client.get(f"/messages/{message.pk}/html")
    body = answer.content.decode()
    assert "Hello" in body
    for piece in (
        "<script",
        "onclick",
        "onload",
        "javascript:",
        "<iframe",
        "<form",
        "<meta http-equiv=refresh",
        "<base",
        "@import",
        'src="https://evil',
    ):
        assert piece not in body, piece
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
