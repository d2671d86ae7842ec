"""What is stored about a customer: shown, given, and erased when a person decides so."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from madoguchi.channels.models import Envelope
from madoguchi.customers import actions as customers
from madoguchi.customers.models import Customer, CustomerNote, Identity
from madoguchi.customers.queries import refuses
from madoguchi.foundation import audit, clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import AuditEntry
from madoguchi.portal.models import ErasureRequest, Session
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import REDACTED, Attachment, Message, Ticket
from madoguchi.tickets.search import message_ids
from tests.intake.letters import arrive, letter

pytestmark = pytest.mark.django_db(transaction=True)
RUTH = "ruth@customer.example"


@pytest.fixture
def story(cast):
    """A ticket of Ruth's that came by mail, was answered and has an internal note; and one of Chinatsu's."""
    arrive(letter("My secret kettle is blue.", message_id="<k@customer.example>"))
    ticket = Ticket.objects.get()
    by = agent_actor(cast.hana)
    tickets.add_note(ticket_id=ticket.pk, text="She sounds secret and tired.", by=by)
    answer = tickets.reply(ticket_id=ticket.pk, text="Dear Ruth, your secret is safe.", by=by)
    answer.delivery.state = "sent"
    answer.delivery.save()
    Attachment.objects.create(message=answer, name="plan.txt", content_type="text/plain", size=6, data=b"secret", created_at=clock.now())
    customers.add_note(customer_id=cast.ruth.pk, text="A secret note", by=by)
    cast.ticket(customer=cast.chinatsu, subject="Her secret teapot", text="Her secret")
    return ticket


def test_settings_are_kept(client, cast, signed_in):
    browser = signed_in(RUTH)
    answer = browser.post("/my/settings", {"language": "de", "survey": "on"})
    assert answer.status_code == 302
    assert Customer.objects.get(pk=cast.ruth.pk).language == "de"
    assert not refuses(cast.ruth.pk, "survey")
    assert refuses(cast.ruth.pk, "followup")
    browser.post("/my/settings", {"language": "de", "survey": "on", "followup": "on"})
    assert not refuses(cast.ruth.pk, "followup")
    assert browser.post("/my/settings", {"language": "xx"}).status_code == 422


def test_a_customer_takes_everything_along_but_our_notes(client, cast, story, signed_in):
    browser = signed_in(RUTH)
    assert RUTH in browser.get("/my/data").content.decode()
    assert browser.get("/my/data/download").status_code == 302
    answer = browser.post("/my/data/download")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    told = archive.read("data.json").decode()
    data = json.loads(told)
    assert [one["number"] for one in data["tickets"]] == [story.pk]
    assert "My secret kettle" in told
    assert "your secret is safe" in told
    for hidden in ("tired", "A secret note", "teapot", "chinatsu"):
        assert hidden not in told
    (file,) = [name for name in archive.namelist() if name != "data.json"]
    assert archive.read(file) == b"secret"
    assert AuditEntry.objects.filter(action="portal.download", subject=f"customer:{cast.ruth.pk}").exists()
    told = [browser.post("/my/data/download").status_code for _ in range(5)]
    assert told == [200] * 4 + [429]


def ask(browser) -> ErasureRequest:
    assert browser.post("/my/data/erasure").status_code == 302
    return ErasureRequest.objects.latest("id")


def test_erasure_leaves_figures_and_the_audit_log_and_nothing_else(client, cast, story, signed_in, post):
    browser = signed_in(RUTH)
    row = ask(browser)
    assert browser.post("/my/data/erasure").status_code == 409
    before = (Ticket.objects.count(), Message.objects.count(), story.created_at)
    client.force_login(cast.admin)
    assert "Ruth Castellan" in client.get("/settings/privacy/").content.decode()
    assert client.get(f"/settings/privacy/{row.pk}/erase/").status_code == 200
    assert client.post(f"/settings/privacy/{row.pk}/erase/").status_code == 302
    assert client.post(f"/settings/privacy/{row.pk}/erase/").status_code == 404
    mails = post()
    assert (mails[-1].to, "has been done" in mails[-1].body) == ([RUTH], True)
    row.refresh_from_db()
    assert row.state == "erased"
    story.refresh_from_db()
    assert (story.subject, story.status, story.customer_id) == (REDACTED, "closed", cast.ruth.pk)
    assert (Ticket.objects.count(), Message.objects.count(), story.created_at) == before
    kept = str([list(model.objects.filter(**which).values()) for model, which in (
        (Message, {"ticket": story}), (Envelope, {}), (Customer, {"pk": cast.ruth.pk}), (Attachment, {}), (Ticket, {"pk": story.pk}),
    )])  # fmt: skip
    for gone in ("secret", "Ruth", RUTH, "plan.txt", "tired"):
        assert gone not in kept
    assert not Identity.objects.filter(customer=cast.ruth).exists()
    assert not CustomerNote.objects.exists()
    assert not Session.objects.exists()
    assert browser.get("/my/")["Location"] == "/my/sign-in"
    assert set(Message.objects.filter(pk__in=message_ids(cast.admin, "secret")).values_list("customer", flat=True)) == {cast.chinatsu.pk}
    assert audit.verify().ok
    assert AuditEntry.objects.get(action="portal.erase").actor_name == "Aki Admin"
    assert client.get(f"/tickets/{story.pk}").status_code == 200
    assert client.get(f"/customers/{cast.ruth.pk}").status_code == 200


def test_every_room_that_tells_what_it_holds_also_erases_it(client, cast, story, signed_in, post):
    from madoguchi.bot.models import Dialogue
    from madoguchi.followups.models import CaseRecord
    from madoguchi.promises.models import Promise
    from madoguchi.surveys.models import Survey

    now = clock.now()
    Dialogue.objects.create(ticket=story, language="en", contact=RUTH, flow={"order": "secret"}, started_at=now, last_at=now)
    CaseRecord.objects.create(ticket=story, lesson="Ruth's secret", written_at=now)
    Promise.objects.create(ticket=story, text="We call Ruth.", due_at=now, state="open", made_at=now)
    Survey.objects.create(ticket=story, kind="csat", due_at=now, score=5, comment="Ruth liked it")
    row = ask(signed_in(RUTH))
    client.force_login(cast.admin)
    client.post(f"/settings/privacy/{row.pk}/erase/")
    post()
    left = str([list(model.objects.values()) for model in (Dialogue, CaseRecord, Promise, Survey)])
    assert "Ruth" not in left
    assert RUTH not in left
    assert "secret" not in left
    assert Survey.objects.get().score == 5


def test_evidence_stays(client, cast, story, signed_in, post):
    from madoguchi.protection.models import Evidence, Measure

    said = Message.objects.get(ticket=story, direction="in")
    measure = Measure.objects.create(
        customer=cast.ruth,
        ticket=story,
        step="ask",
        severity=2,
        reason="r",
        by_kind="agent",
        by_name="x",
        starts_at=clock.now(),
        created_at=clock.now(),
    )
    Evidence.objects.create(measure=measure, message=said, digest="d", raw=True, entry_id=1, chain="c")
    row = ask(signed_in(RUTH))
    client.force_login(cast.admin)
    client.post(f"/settings/privacy/{row.pk}/erase/")
    post()
    said.refresh_from_db()
    assert "secret kettle" in said.text
    assert bytes(said.envelope.raw)


def test_a_refusal_says_why(client, cast, story, signed_in, post):
    browser = signed_in(RUTH)
    row = ask(browser)
    client.force_login(cast.admin)
    assert client.post(f"/settings/privacy/{row.pk}/refuse/", {"answer": " "}).status_code == 422
    client.post(f"/settings/privacy/{row.pk}/refuse/", {"answer": "A bill is <b>open</b>."})
    mails = post()
    assert "A bill is <b>open</b>." in mails[-1].body
    assert "A bill is &lt;b&gt;open" in browser.get("/my/data").content.decode()
    assert browser.post("/my/data/erasure").status_code == 409
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert ask(browser).state == "open"
    assert Message.objects.filter(text__contains="secret kettle").exists()


def test_a_wish_can_be_taken_back(client, cast, signed_in):
    browser = signed_in(RUTH)
    row = ask(browser)
    browser.post("/my/data/erasure", {"do": "withdraw"})
    row.refresh_from_db()
    assert row.state == "withdrawn"
    client.force_login(cast.admin)
    assert client.post(f"/settings/privacy/{row.pk}/erase/").status_code == 404
    assert ask(browser).state == "open"


def test_only_who_may_decide_sees_the_wishes(client, cast):
    row = ErasureRequest.objects.create(customer=cast.ruth, asked_at=clock.now())
    for agent in (cast.hana, cast.supervisor, cast.observer):
        client.force_login(agent)
        assert client.get("/settings/privacy/").status_code == 403
        assert client.post(f"/settings/privacy/{row.pk}/erase/").status_code == 403


def test_who_was_erased_may_come_back_as_somebody_new(client, cast, story, signed_in, post):
    row = ask(signed_in(RUTH))
    client.force_login(cast.admin)
    client.post(f"/settings/privacy/{row.pk}/erase/")
    post()
    arrive(letter("Hello again", subject="New", message_id="<n@customer.example>"))
    assert Ticket.objects.latest("id").customer != cast.ruth
