"""Settings about the company, tags, own fields, arrivals, deliveries, background work, audit: each does what its button says."""

import pytest

from madoguchi.channels.models import Envelope
from madoguchi.foundation import audit, clock, jobs
from madoguchi.foundation.actor import SYSTEM
from madoguchi.foundation.models import AuditEntry, Job
from madoguchi.tickets import actions as tickets
from madoguchi.tickets.models import CustomField, Delivery, Message, Tag
from madoguchi.workplace.models import Brand, Calendar
from madoguchi.workplace.queries import workplace


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.admin)
    return client


def test_the_company_and_its_brands(admin):
    assert admin.post("/settings/company/", {"name": "星空", "language": "ja", "time_zone": "Asia/Tokyo"}).status_code == 302
    assert (workplace().name, workplace().language) == ("星空", "ja")
    assert AuditEntry.objects.get(action="workplace.change").detail["name"] == ["Hoshizora", "星空"]
    assert admin.post("/settings/company/", {"name": "x", "language": "ja", "time_zone": "Moon/Base"}).status_code == 422
    admin.post("/settings/company/brands/new/", {"name": "Tsuki", "calendar": Calendar.objects.get().pk, "is_default": "on"})
    tsuki = Brand.objects.get(name="Tsuki")
    assert list(Brand.objects.filter(is_default=True)) == [tsuki]
    assert admin.post(f"/settings/company/brands/{tsuki.pk}/delete/").status_code == 409
    assert admin.post("/settings/company/brands/new/", {"name": "Tsuki"}).status_code == 422


def test_tags_are_renamed_merged_and_deleted(admin, cast):
    ticket, other = cast.ticket(), cast.ticket()
    tickets.tag(ticket_id=ticket.pk, names=["late"], by=SYSTEM)
    tickets.tag(ticket_id=other.pk, names=["late", "delayed"], by=SYSTEM)
    late, delayed = Tag.objects.get(name="late"), Tag.objects.get(name="delayed")
    assert admin.post(f"/settings/tickets/tags/{late.pk}/", {"name": "delayed"}).status_code == 422
    admin.post(f"/settings/tickets/tags/{delayed.pk}/", {"name": "overdue"})
    admin.post(f"/settings/tickets/tags/{late.pk}/merge/", {"into": delayed.pk})
    assert list(Tag.objects.values_list("name", flat=True)) == ["overdue"]
    assert set(delayed.tickets.values_list("id", flat=True)) == {ticket.pk, other.pk}
    admin.post(f"/settings/tickets/tags/{delayed.pk}/delete/")
    assert ticket.tags.count() == 0
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="tag.").order_by("id")] == [
        "tag.rename",
        "tag.merge",
        "tag.delete",
    ]


def test_own_fields_have_a_name_in_each_language(admin):
    form = {"target": "ticket", "key": "serial", "type": "choice", "choices": "A\nB\n", "label_ja": "製造番号", "label_en": "Serial number"}
    assert admin.post("/settings/tickets/fields/new/", {**form, "choices": ""}).status_code == 422
    assert admin.post("/settings/tickets/fields/new/", form).status_code == 302
    field = CustomField.objects.get()
    assert (field.label, field.choices) == ({"en": "Serial number", "ja": "製造番号"}, ["A", "B"])
    admin.post(f"/settings/tickets/fields/{field.pk}/", {"choices": "A\nB\nC", "label_en": "Serial", "key": "other", "type": "text"})
    field.refresh_from_db()
    assert (field.key, field.type, field.choices) == ("serial", "choice", ["A", "B", "C"])
    admin.post(f"/settings/tickets/fields/{field.pk}/hide/")
    field.refresh_from_db()
    assert not field.is_active


def _envelope(raw: bytes) -> Envelope:
    return Envelope.objects.create(
        source="smtp",
        raw=raw,
        size=len(raw),
        received_at=clock.now(),
        stage="quarantined",
        reason="failed: KeyError: 'x'",
        sender="a@b.example",
    )


def test_quarantine_shows_the_raw_mail_as_text_and_reads_it_again(admin, cast):
    envelope = _envelope(b"Subject: <script>alert(1)</script>\r\n\r\n<img src=x onerror=alert(1)>\xff\x00")
    page = admin.get(f"/settings/mail/{envelope.pk}/")
    assert b"&lt;script&gt;" in page.content
    assert b"<script>alert" not in page.content
    assert AuditEntry.objects.get(action="intake.see_raw").actor_id == cast.admin.pk
    raw = admin.get(f"/settings/mail/{envelope.pk}/raw/")
    assert raw["Content-Type"] == "application/octet-stream"
    assert raw["Content-Disposition"].startswith("attachment")
    assert "Reading this mail failed (KeyError" in admin.get("/settings/mail/").content.decode()
    admin.post(f"/settings/mail/{envelope.pk}/retry/")
    envelope.refresh_from_db()
    assert (envelope.stage, envelope.reason) == ("received", "")
    assert admin.post(f"/settings/mail/{envelope.pk}/discard/").status_code == 409


def test_raw_mail_is_for_roles_that_see_everything_and_may_see_originals(client, cast):
    envelope = _envelope(b"secret")
    for agent, status in ((cast.hana, 403), (cast.observer, 403), (cast.supervisor, 200)):
        client.force_login(agent)
        assert client.get(f"/settings/mail/{envelope.pk}/").status_code == status
        assert client.get(f"/settings/mail/{envelope.pk}/raw/").status_code == status


def test_failed_sends_say_why_and_are_sent_again(admin, cast):
    ticket = cast.ticket()
    message = Message.objects.create(
        ticket=ticket, direction="out", subject="Re", to=[["Ruth", "ruth@customer.example"]], created_at=clock.now()
    )
    row = Delivery.objects.create(
        message=message,
        mailbox=cast.mailbox,
        state="failed",
        send_at=clock.now(),
        updated_at=clock.now(),
        problem="sign_in",
        last_error="535 no",
        attempts=3,
    )
    page = admin.get("/settings/tickets/deliveries/").content.decode()
    assert "ruth@customer.example" in page
    assert "535 no" in page
    assert admin.post(f"/settings/tickets/deliveries/{row.pk}/retry/").status_code == 302
    row.refresh_from_db()
    assert row.state == "waiting"


def test_dead_work_is_revived_or_given_up(admin):
    jobs.enqueue("no.such_work", number=1)
    jobs.enqueue("no.such_work", number=2)
    jobs.run_until_empty()
    first, second = Job.objects.filter(name="no.such_work", state="dead").order_by("id")
    assert "No work is registered" in admin.get("/settings/jobs/").content.decode()
    admin.post(f"/settings/jobs/{first.pk}/revive/")
    first.refresh_from_db()
    assert (first.state, first.attempts) == ("waiting", 0)
    admin.post(f"/settings/jobs/{second.pk}/forget/")
    assert not Job.objects.filter(pk=second.pk).exists()
    assert admin.post(f"/settings/jobs/{first.pk}/forget/").status_code == 404, "only dead work is given up"


def test_the_audit_log_filters_pages_and_proves_itself(admin, cast):
    for number in range(60):
        audit.record("test.act", by=SYSTEM, subject=f"thing:{number}", detail={"level": [number, number + 1]})
    first = admin.get("/settings/audit/", {"action": "test."})
    assert len(first.context["entries"]) == 50
    second = admin.get("/settings/audit/" + first.context["next_url"])
    assert [row["entry"].subject for row in second.context["entries"]] == [f"thing:{n}" for n in range(9, -1, -1)]
    assert len(admin.get("/settings/audit/", {"subject": "thing:7"}).context["entries"]) == 1
    assert "whole" in admin.post("/settings/audit/verify/", follow=True).content.decode()
    AuditEntry.objects.filter(subject="thing:7").update(actor_name="Nobody")
    broken = admin.post("/settings/audit/verify/", follow=True).content.decode()
    assert str(AuditEntry.objects.get(subject="thing:7").pk) in broken


def test_health_and_index_show_only_what_the_role_allows(client, cast):
    client.force_login(cast.admin)
    assert client.get("/settings/health/").status_code == 200
    shown = client.get("/settings/").content.decode()
    assert "/settings/staff/agents/" in shown
    client.force_login(cast.hana)
    shown = client.get("/settings/").content.decode()
    assert "/settings/staff/agents/" not in shown
    assert "/accounts/profile/" in shown
