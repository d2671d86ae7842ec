"""The shield through every door: page, list, search, palette, notices, mail, API, raw and formatted mail, export of one's own data."""

import json

import pytest
from django.test import Client

from madoguchi.console.digest import digest_mail
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.models import AuditEntry
from madoguchi.protection import actions, shield
from madoguchi.protection.models import Look
from madoguchi.staff.actions import create_token, notify
from madoguchi.staff.models import Notice
from madoguchi.tickets.models import Attachment, Message, Ticket

ABUSE = "この能無しが"
TEXT = f"{ABUSE}。返金はいつですか。"


@pytest.fixture
def message(cast):
    ticket = cast.ticket(customer=cast.chinatsu, subject=f"{ABUSE} 返金", text=TEXT, team=cast.orders, assignee=cast.hana)
    Ticket.objects.filter(pk=ticket.pk).update(language="ja")
    found = Message.objects.get(ticket=ticket)
    actions.judge(message_id=found.pk, severity=2, labels=["insult"], spans=[(0, len(ABUSE), "insult")], by=agent_actor(cast.supervisor))
    return found


@pytest.fixture
def hana(cast):
    client = Client()
    client.force_login(cast.hana)
    return client


def test_the_message_arrives_folded_and_softened_and_the_record_is_as_it_was(message, hana):
    page = hana.get(f"/tickets/{message.ticket_id}").content.decode()
    assert ABUSE not in page
    assert "返金はいつですか。" in page
    assert "Shielded" in page
    assert "2 Harassment" in page
    assert Message.objects.get(pk=message.pk).text == TEXT


def test_one_deliberate_click_shows_the_original_and_is_noted_for_the_reader_alone(cast, message, hana):
    address = f"/protection/messages/{message.pk}/original"
    assert hana.get(address).status_code == 405
    before = AuditEntry.objects.count()
    assert TEXT in hana.post(address, headers={"HX-Request": "true"}).content.decode()
    assert TEXT in hana.post(address).content.decode()
    looks = Look.objects.all()
    assert [(look.agent, look.severity) for look in looks] == [(cast.hana, 2)] * 2
    assert AuditEntry.objects.count() == before


def test_who_may_not_see_the_ticket_gets_no_original(cast, message):
    client = Client()
    client.force_login(cast.kenji)
    assert client.post(f"/protection/messages/{message.pk}/original").status_code == 404
    assert not Look.objects.exists()


@pytest.mark.parametrize("address", ["/?view=open", "/?view=mine", "/search?q=返金", "/palette?q=返金"])
def test_lists_search_and_palette_show_no_word_of_it(message, hana, address):
    page = hana.get(address).content.decode()
    page = json.dumps(json.loads(page), ensure_ascii=False) if address.startswith("/palette") else page
    assert str(message.ticket_id) in page
    assert ABUSE not in page


def test_the_list_says_that_it_is_shielded(message, hana):
    assert "Shielded" in hana.get("/?view=open").content.decode()


def test_search_finds_the_message_by_its_abuse_without_showing_it(message, hana):
    page = hana.get("/search", {"q": ABUSE}).content.decode()
    assert f'href="/tickets/{message.ticket_id}#m-{message.pk}"' in page
    hits = page[page.index('class="hits"') :]
    assert ABUSE not in hits


def test_notices_and_the_digest_show_no_word_of_it(cast, message, hana):
    notify(agent_ids=[cast.hana.pk], kind="assigned", ticket_id=message.ticket_id, subject=message.ticket.subject, by="Sora")
    assert ABUSE not in hana.get("/notices").content.decode()
    mail = digest_mail(cast.hana, list(Notice.objects.all()))
    assert str(message.ticket_id) in mail.body
    assert ABUSE not in mail.body + mail.alternatives[0][0]


def test_the_customers_page_shows_veils(message, hana):
    page = hana.get(f"/customers/{message.customer_id}").content.decode()
    assert "返金はいつですか" in page
    assert ABUSE not in page


def test_the_api_says_shielded_and_gives_the_original_only_by_a_second_call_that_is_noted(cast, message):
    secret = create_token(agent=cast.hana, name="t", by=agent_actor(cast.hana))
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    body = client.get(f"/api/v1/tickets/{message.ticket_id}/messages").json()["items"][0]
    assert body["shielded"] is True
    assert ABUSE not in json.dumps(body, ensure_ascii=False)
    for address in (f"/api/v1/tickets/{message.ticket_id}", "/api/v1/tickets", "/api/v1/search?q=返金"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert ABUSE not in json.dumps(answer.json(), ensure_ascii=False)
    assert not Look.objects.exists()
    assert client.get(f"/api/v1/messages/{message.pk}/original").json()["text"] == TEXT
    assert Look.objects.get().agent == cast.hana


def test_formatted_mail_waits_for_the_deliberate_click(message, hana):
    Message.objects.filter(pk=message.pk).update(html=f"<p>{TEXT}</p>")
    assert hana.get(f"/messages/{message.pk}/html").status_code == 403
    hana.post(f"/protection/messages/{message.pk}/original")
    assert ABUSE in hana.get(f"/messages/{message.pk}/html").content.decode()


def test_pictures_of_a_shielded_message_are_blurred(cast, message, hana):
    Attachment.objects.create(message=message, name="a.png", content_type="image/png", size=3, data=b"png", created_at=clock.now())
    assert 'class="blurred"' in hana.get(f"/tickets/{message.ticket_id}").content.decode()


def test_what_a_shielded_message_quotes_is_folded_with_it(message, hana):
    Message.objects.filter(pk=message.pk).update(quoted_text="quoted words")
    assert "quoted words" not in hana.get(f"/tickets/{message.ticket_id}").content.decode()


def test_an_agent_may_be_stricter_than_the_company_and_never_laxer(cast, message):
    rude = cast.ticket(text="Hurry up, you lot.", team=cast.orders)
    said = Message.objects.get(ticket=rude)
    actions.judge(message_id=said.pk, severity=1, labels=["insult"], by=agent_actor(cast.hana))
    assert not shield.is_shielded(cast.hana, said)
    actions.prefer(agent=cast.hana, shield_from=1)
    assert shield.is_shielded(cast.hana, said)
    assert not shield.is_shielded(cast.supervisor, said)
    actions.prefer(agent=cast.hana, shield_from=3)
    assert shield.is_shielded(cast.hana, message)


def test_a_person_who_says_it_is_not_harassment_opens_it(cast, message, hana):
    actions.judge(message_id=message.pk, severity=0, reason="quoting somebody else", by=agent_actor(cast.hana))
    assert ABUSE in hana.get(f"/tickets/{message.ticket_id}").content.decode()


def reading(message, **values):
    from madoguchi.understanding.models import Reading

    return Reading.objects.create(message=message, created_at=clock.now(), **{"state": "read", "read_at": clock.now(), **values})


@pytest.fixture
def plain(cast):
    ticket = cast.ticket(customer=cast.chinatsu, subject="返金", text=TEXT, team=cast.orders, assignee=cast.hana)
    return Message.objects.get(ticket=ticket)


def test_what_the_machine_read_shields_before_anybody_has_seen_it(plain, hana):
    reading(plain, severity=2, labels=["insult"], spans=[[0, len(ABUSE), "insult"]], score=0.9, model="m1")
    for address in (f"/tickets/{plain.ticket_id}", "/?view=open"):
        assert ABUSE not in hana.get(address).content.decode()


def test_what_is_rude_only_is_not_folded(plain, hana):
    reading(plain, severity=1, labels=["insult"], spans=[[0, len(ABUSE), "insult"]])
    assert ABUSE in hana.get(f"/tickets/{plain.ticket_id}").content.decode()


@pytest.mark.parametrize("state", [{"state": "waiting", "owed": True}, {"state": "not_read"}])
def test_a_message_that_was_not_read_is_folded_and_not_lost(plain, hana, state):
    reading(plain, **state)
    assert ABUSE not in hana.get(f"/tickets/{plain.ticket_id}").content.decode()
    assert TEXT in hana.post(f"/protection/messages/{plain.pk}/original").content.decode()


def test_a_person_contradicts_the_machine_and_both_are_kept(cast, plain, hana):
    reading(plain, severity=3, labels=["threat"], spans=[[0, 3, "threat"]], model="m1")
    found = actions.judge(message_id=plain.pk, severity=0, reason="A quote", by=agent_actor(cast.hana))
    assert (found.machine_severity, found.machine_labels) == (3, ["threat"])
    assert ABUSE in hana.get(f"/tickets/{plain.ticket_id}").content.decode()


def test_what_the_machine_missed_is_noted_as_missed(cast, plain):
    reading(plain, severity=0)
    assert actions.judge(message_id=plain.pk, severity=2, labels=["insult"], by=agent_actor(cast.hana)).machine_severity == 0


def test_spans_that_a_redaction_moved_veil_everything(plain, hana):
    reading(plain, severity=2, labels=["insult"], spans=[[0, 2, "insult"]])
    Message.objects.filter(pk=plain.pk).update(redacted_at=clock.now())
    page = hana.get(f"/tickets/{plain.ticket_id}").content.decode()
    assert "返金はいつですか" not in page


def test_a_furious_complaint_is_not_touched(cast, hana):
    text = "三回目です。もう我慢の限界です。責任者から電話をください。消費生活センターに相談します。"
    ticket = cast.ticket(customer=cast.chinatsu, subject="三度目の故障", text=text, team=cast.orders)
    page = hana.get(f"/tickets/{ticket.pk}").content.decode()
    assert text in page
    assert "data-shield" not in page
