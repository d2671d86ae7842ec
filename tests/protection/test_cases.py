"""Case files: who sees them, what they need, the sealed package that proves itself."""

import hashlib
import io
import json
import zipfile

import pytest
from django.test import Client

from madoguchi.channels.models import Envelope
from madoguchi.config import cli
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, Invalid, NotAllowed
from madoguchi.protection import actions
from madoguchi.protection.cases import case_for, cases_visible_to, evidence_of, quadrant
from madoguchi.protection.ladder import Step
from madoguchi.protection.models import Case, CaseEntry
from madoguchi.protection.sealing import seal, verify
from madoguchi.tickets.models import Message, Ticket

ABUSE = "この能無しが😡 <b>殺すぞ</b>"
RAW = "Subject: x\r\n\r\nこの能無しが".encode()


@pytest.fixture
def case(cast):
    ticket = cast.ticket(customer=cast.chinatsu, subject="返金", text=ABUSE, team=cast.orders, assignee=cast.hana)
    Ticket.objects.filter(pk=ticket.pk).update(language="ja")
    message = Message.objects.get(ticket=ticket)
    envelope = Envelope.objects.create(raw=RAW, size=len(RAW), source="test", received_at=clock.now())
    Message.objects.filter(pk=message.pk).update(envelope=envelope)
    actions.judge(message_id=message.pk, severity=2, labels=["insult"], by=agent_actor(cast.hana))
    actions.take_step(ticket_id=ticket.pk, step=Step.ASK, reason="暴言", message_ids=[message.pk], by=agent_actor(cast.hana))
    return actions.open_case(ticket=ticket, by=agent_actor(cast.supervisor))


def packed(case, **changed) -> bytes:
    """The sealed package; `changed`: names (with __ for / and _ for .) replaced by other bytes, None leaves one out."""
    content, _ = seal(case, by_name="Sora", language="ja")
    if not changed:
        return content
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            body = changed.get(name.replace("/", "__").replace(".", "_"), old.read(name))
            if body is not None:
                new.writestr(name, body)
    return made.getvalue()


def test_a_file_begins_with_what_was_found_and_a_number_of_its_year(cast, case):
    assert case.code == f"CF-{clock.now().year}-001"
    assert [one.intact for one in evidence_of(case)] == [True]
    assert evidence_of(case)[0].row.digest == hashlib.sha256(RAW).hexdigest()
    again = actions.open_case(ticket=case.tickets.get(), by=agent_actor(cast.supervisor))
    assert again.pk == case.pk
    other = actions.open_case(ticket=cast.ticket(), by=agent_actor(cast.supervisor))
    assert other.number == 2


def test_changed_evidence_shows(case):
    Envelope.objects.update(raw=b"something else")
    assert [one.intact for one in evidence_of(case)] == [False]


def test_only_those_who_decide_and_see_the_ticket_see_the_file(cast, case):
    assert list(cases_visible_to(cast.supervisor)) == [case]
    for agent in (cast.hana, cast.kenji, cast.observer):
        assert not cases_visible_to(agent).exists()
        client = Client()
        client.force_login(agent)
        for address in ("", "package/", "change/", "entry/"):
            assert client.get(f"/protection/cases/{case.pk}/{address}").status_code == 403
    with pytest.raises(NotAllowed):
        actions.open_case(ticket=cast.ticket(), by=agent_actor(cast.hana))
    lead = cast.supervisor
    lead.role.scope = "teams"
    lead.role.save()
    lead.teams.set([cast.repairs])
    from madoguchi.foundation.errors import NotFound

    with pytest.raises(NotFound):
        case_for(type(lead).objects.get(pk=lead.pk), case.pk)


def test_an_agent_writes_a_statement_without_reading_the_file(cast, case):
    client = Client()
    client.force_login(cast.hana)
    ticket = case.tickets.get()
    assert client.post(f"/protection/tickets/{ticket.pk}/statement", {"text": "怖かった"}).status_code == 302
    row = CaseEntry.objects.get()
    assert (row.kind, row.person) == ("statement", "Hana Mori")
    with pytest.raises(NotAllowed):
        actions.write_entry(case=case, kind="decision", person="x", text="x", by=agent_actor(cast.hana))
    with pytest.raises(NotAllowed):
        actions.write_entry(case=case, kind="statement", person="x", text="x", by=agent_actor(cast.observer))


@pytest.mark.parametrize(
    ("demand", "manner", "place"),
    [
        ("yes", "yes", "solve"),
        ("yes", "no", "answer_and_step"),
        ("no", "yes", "refuse"),
        ("no", "no", "refuse_and_step"),
        ("yes", "unclear", ""),
    ],
)
def test_the_two_axes(case, demand, manner, place):
    case.demand, case.manner = demand, manner
    assert quadrant(case) == place


def test_a_file_closes_complete_and_then_never_changes(cast, case):
    by = agent_actor(cast.supervisor)
    with pytest.raises(Invalid) as refused:
        actions.close_case(case=case, by=by)
    assert set(refused.value.fields) == {"demand", "manner", "facts", "recurrence", "conclusion"}
    actions.edit_case(case=case, demand="yes", manner="no", facts="f", recurrence="r", conclusion="c", judgement="j", by=by)
    actions.close_case(case=case, by=by)
    for act in (
        lambda: actions.edit_case(case=case, facts="other", by=by),
        lambda: actions.write_entry(case=case, kind="decision", person="", text="x", by=by),
        lambda: actions.add_evidence(case=case, message_ids=[], by=by),
    ):
        with pytest.raises(Conflict):
            act()


def test_the_package_verifies_and_holds_what_a_lawyer_needs(cast, case):
    content = packed(case)
    verdict = verify(content)
    assert (verdict.ok, verdict.ours, verdict.case) == (True, True, case.code)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        data = json.loads(package.read("case.json"))
        assert package.read(f"messages/{data['evidence'][0]['message']}.eml") == RAW
        assert data["steps"][0]["step"] == "ask"
        assert package.read("case.pdf").startswith(b"%PDF")


@pytest.mark.parametrize("language", ["ja", "zh-hans", "zh-hant", "de", "en"])
def test_paper_in_every_language_with_hostile_text(cast, case, language):
    actions.edit_case(case=case, facts="<script>& \x01 １２３ ä ß 简体 繁體 😡 " * 40, by=agent_actor(cast.supervisor))
    content, _ = seal(case, by_name="Sora", language=language)
    assert verify(content).ok


@pytest.mark.parametrize(
    "changed",
    [
        {"case_json": b"{}"},
        {"case_pdf": b"%PDF-other"},
        {"manifest_json": b'{"files": {}, "case": "x"}'},
        {"manifest_sig": b"AAAA"},
        {"manifest_sig": b"\xff"},
        {"case_pdf": None},
        {"public_key_pem": b"no key"},
        {"manifest_json": None},
        {"manifest_json": b"[1]"},
    ],
)
def test_a_changed_package_does_not_verify_and_never_fails(case, changed):
    verdict = verify(packed(case, **changed))
    assert not verdict.ok


def test_a_package_resealed_by_a_stranger_is_not_ours(case, settings):
    content = packed(case)
    settings.MASTER_KEYS = ["another installation's key, long enough to be one"]
    verdict = verify(content)
    assert (verdict.ok, verdict.ours) == (True, False)


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"\x00" * 1000])
def test_rubbish_is_refused_in_words(content):
    assert not verify(content).ok


def test_an_added_or_doubled_file_shows(case):
    content = packed(case)
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as package:
        package.writestr("extra.txt", "x")
    assert verify(made.getvalue()).problems == ["not in the manifest: extra.txt"]


def test_the_command_verifies(case, tmp_path, capsys):
    place = tmp_path / "case.zip"
    place.write_bytes(packed(case))
    assert cli.main(["case", "verify", str(place)]) == 0
    assert case.code in capsys.readouterr().out
    place.write_bytes(packed(case, case_pdf=b"x"))
    assert cli.main(["case", "verify", str(place), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["problems"] == ["changed: case.pdf"]
    assert cli.main(["case", "verify", str(tmp_path / "none.zip")]) == 2
    assert cli.main(["case", "key"]) == 0
    assert "PUBLIC KEY" in capsys.readouterr().out


def test_pages_of_the_file(cast, case):
    client = Client()
    client.force_login(cast.supervisor)
    assert case.code in client.get("/protection/cases/").content.decode()
    page = client.get(f"/protection/cases/{case.pk}/").content.decode()
    assert "Unchanged" in page
    assert "Aki Admin" in page
    assert "Hana Mori" not in page[page.index("Who may see it") : page.index("Care of staff")]
    given = {"title": "Refund", "facts": "f", "demand": "yes", "manner": "no", "judgement": "", "recurrence": "r", "conclusion": "c"}
    assert client.post(f"/protection/cases/{case.pk}/change/", given).status_code == 302
    assert client.post(f"/protection/cases/{case.pk}/entry/", {"kind": "decision", "text": "Warn"}).status_code == 302
    response = client.get(f"/protection/cases/{case.pk}/package/")
    assert verify(response.content).ok
    client.post(f"/protection/cases/{case.pk}/close/")
    assert Case.objects.get(pk=case.pk).state == "closed"


def test_an_old_closed_file_is_forgotten_by_the_legal_profile(cast, case):
    from datetime import timedelta

    Case.objects.update(state="closed", closed_at=clock.now())
    assert actions.forget_old_cases() == 0
    with clock.frozen(clock.now() + timedelta(days=5 * 365 + 1)):
        assert actions.forget_old_cases() == 1
    assert not Case.objects.exists()
