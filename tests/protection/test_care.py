"""Care: the consultation desk, after-care, load. Who sees what, through every door."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core import serializers
from django.test import Client

from madoguchi.config.export import write_all
from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Conflict, NotAllowed
from madoguchi.foundation.models import AuditEntry, Event, Job
from madoguchi.protection import actions, queries
from madoguchi.protection.care import care_visible_to, consultations_visible_to, loads_for_desk, own_load
from madoguchi.protection.ladder import Step
from madoguchi.protection.models import CareTask, Consultation, ConsultationWord, Look
from madoguchi.routing.matching import Need, Person, choose
from madoguchi.staff.models import Notice
from madoguchi.tickets.models import Message

SECRET = "毎晩電話が来て怖いです"


def signed_in(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def desk(cast):
    """Kenji sits at the desk."""
    actions.set_desk(agent_ids=[cast.kenji.pk], by=agent_actor(cast.supervisor))
    return cast.kenji


def everything_stored() -> str:
    """Every row of the tables that tell who did what."""
    out = io.StringIO()
    for model in (Consultation, ConsultationWord, AuditEntry, Event, Job, Notice):
        serializers.serialize("json", model.objects.all(), stream=out, ensure_ascii=False)
    return out.getvalue()


def test_an_anonymous_question_leads_to_nobody_and_the_code_leads_back(cast, desk):
    before = everything_stored()
    client = signed_in(cast.hana)
    page = client.post("/protection/care/ask", {"text": SECRET, "anonymous": "on"}).content.decode()
    code = page.split("data-code>")[1].split("<")[0]
    row = Consultation.objects.get()
    assert row.asker is None
    stored = everything_stored()
    assert SECRET not in stored
    assert stored.count("Hana") == before.count("Hana")
    assert code not in stored
    assert not Notice.objects.filter(agent=cast.hana).exists()
    actions.answer(consultation=row, text="一緒に考えましょう", member=desk)
    assert "一緒に考えましょう" in client.post("/protection/care/answer", {"code": code}).content.decode()
    assert client.post("/protection/care/answer", {"code": code + "x"}).status_code == 404
    assert client.post("/protection/care/answer", {"code": ""}).status_code == 404
    client.post("/protection/care/answer", {"code": code, "text": "ありがとう"})
    assert row.words.count() == 2


@pytest.mark.parametrize("who", ["admin", "supervisor", "hana", "observer"])
def test_no_role_opens_the_desk(cast, desk, who):
    row, _code = actions.ask_desk(text=SECRET, asker=None)
    agent = getattr(cast, who)
    client = signed_in(agent)
    assert not consultations_visible_to(agent).exists()
    assert client.get("/protection/desk/").status_code == 404
    assert client.post(f"/protection/desk/{row.pk}/answer", {"text": "x"}).status_code == 404
    with pytest.raises(NotAllowed):
        actions.answer(consultation=row, text="x", member=agent)
    for address in ("/protection/", "/protection/care/", "/protection/measures/", "/search?q=電話", "/notices", "/settings/audit/"):
        assert SECRET not in client.get(address).content.decode()


def test_the_desk_reads_and_answers(cast, desk):
    actions.ask_desk(text=SECRET, asker=cast.hana)
    client = signed_in(desk)
    assert SECRET in client.get("/protection/desk/").content.decode()
    client.post(f"/protection/desk/{Consultation.objects.get().pk}/answer", {"text": "聞いています"})
    page = signed_in(cast.hana).get("/protection/care/")
    assert "聞いています" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    assert Notice.objects.filter(kind="protection_answer", agent=cast.hana).exists()
    assert signed_in(cast.supervisor).post(f"/protection/care/{Consultation.objects.get().pk}/more", {"text": "x"}).status_code == 404


def test_whoever_joins_the_desk_sees_nothing_of_before_and_the_desk_is_told(cast, desk):
    actions.ask_desk(text=SECRET, asker=None)
    with pytest.raises(NotAllowed):
        actions.set_desk(agent_ids=[cast.hana.pk], by=agent_actor(cast.hana))
    actions.set_desk(agent_ids=[cast.kenji.pk, cast.admin.pk], by=agent_actor(cast.admin))
    assert not consultations_visible_to(cast.admin).exists()
    assert Notice.objects.filter(kind="protection_member", agent=cast.kenji).exists()
    actions.set_desk(agent_ids=[cast.admin.pk], by=agent_actor(cast.admin))
    assert not consultations_visible_to(cast.kenji).exists()


def test_without_a_desk_one_is_told_so(cast):
    with pytest.raises(Conflict):
        actions.ask_desk(text=SECRET, asker=None)


def test_the_full_export_holds_no_consultation_no_care_and_no_load(cast, desk, tmp_path):
    actions.ask_desk(text=SECRET, asker=cast.hana)
    actions.plan_care(agent=cast.hana, case=None, made_by=cast.supervisor)
    write_all(tmp_path)
    told = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.jsonl"))
    assert SECRET not in told
    assert "consultation" not in told
    assert "care" not in json.dumps([json.loads(line) for line in (tmp_path / "agents.jsonl").read_text().splitlines()])


def abused(cast, severity: int = 2) -> Message:
    ticket = cast.ticket(text="abuse", team=cast.orders)
    message = Message.objects.get(ticket=ticket)
    actions.judge(message_id=message.pk, severity=severity, labels=["insult"], by=agent_actor(cast.supervisor))
    return message


def test_load_counts_what_one_chose_to_read_by_severity_hours_and_nights(cast):
    night = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)  # 23:30 in Tokyo
    cast.hana.time_zone = "Asia/Tokyo"
    cast.hana.save()
    messages = [abused(cast), abused(cast, 3)]
    with clock.frozen(night):
        for message in (*messages, messages[0]):
            actions.look(message_id=message.pk, agent=cast.hana)
    week, before, *_ = own_load(cast.hana, now=night + timedelta(hours=12))
    assert (week.by_severity, week.hours, week.nights) == ((0, 1, 1), 1, 1)
    assert before.read == 0


def test_load_is_for_the_person_and_the_desk_where_the_law_lets_it(cast, desk):
    actions.look(message_id=abused(cast).pk, agent=cast.hana)
    assert [agent for agent, _ in loads_for_desk(cast.kenji)] == [cast.hana]
    assert loads_for_desk(cast.supervisor) == []
    assert loads_for_desk(cast.admin) == []
    actions.set_choices(by=agent_actor(cast.supervisor), profile="eu")
    assert loads_for_desk(cast.kenji) == []
    assert "Hana" not in signed_in(cast.admin).get("/protection/care/").content.decode()


def test_after_care_with_dates_and_compensation_by_the_companys_rule(cast, desk):
    message = abused(cast)
    actions.take_step(ticket_id=message.ticket_id, step=Step.ASK, reason="x", message_ids=[message.pk], by=agent_actor(cast.hana))
    actions.set_choices(by=agent_actor(cast.supervisor), compensation={"2": "5,000円", "3": "20,000円"})
    case = actions.open_case(ticket=message.ticket, by=agent_actor(cast.supervisor))
    client = signed_in(cast.supervisor)
    for _ in range(2):
        client.post(f"/protection/cases/{case.pk}/care/", {"agent": cast.hana.pk})
    assert set(CareTask.objects.values_list("kind", flat=True)) == {"talk", "review", "compensation"}
    assert "5,000円" in signed_in(cast.hana).get("/protection/care/").content.decode()
    assert "5,000" not in "".join(CareTask.objects.values_list("note", flat=True))
    task = CareTask.objects.get(kind="talk")
    assert care_visible_to(cast.supervisor).count() == 3
    assert care_visible_to(desk).count() == 3
    assert not care_visible_to(cast.admin).exists()
    assert "5,000" not in signed_in(cast.admin).get(f"/protection/cases/{case.pk}/").content.decode()
    assert signed_in(cast.admin).post(f"/protection/care/{task.pk}/done").status_code == 404
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert actions.remind_care() == 2
        assert actions.remind_care() == 0
    signed_in(cast.hana).post(f"/protection/care/{task.pk}/done")
    task.refresh_from_db()
    assert task.done_at is not None


def test_own_threshold_by_form(cast):
    client = signed_in(cast.hana)
    client.post("/protection/care/shield", {"shield_from": "1"})
    assert 'value="1" selected' in client.get("/protection/care/").content.decode()
    client.post("/protection/care/shield", {"shield_from": ""})
    assert 'value="1" selected' not in client.get("/protection/care/").content.decode()


def test_what_hurts_goes_to_who_read_least_of_it_and_everything_else_as_before():
    tired, fresh = Person(1, capacity=5, strain=3), Person(2, capacity=5, last_given_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert choose([tired, fresh], Need()).person == tired
    assert choose([tired, fresh], Need(hurts=True)).person == fresh
    assert choose([tired], Need(hurts=True)).person == tired


def test_strain_is_known_in_few_steps_only(cast):
    for _ in range(30):
        Look.objects.create(message=abused(cast, 3), agent=cast.hana, severity=3, at=clock.now())
    assert queries.strains([cast.hana.pk, cast.kenji.pk], now=clock.now()) == {cast.hana.pk: 3}


def test_routing_gives_what_hurts_to_who_is_fresh(cast):
    from madoguchi.routing import actions as routing
    from madoguchi.routing.models import RoutingRule
    from madoguchi.tickets.models import Ticket
    from madoguchi.workplace.models import Calendar

    cast.kenji.teams.add(cast.orders)
    for agent in (cast.hana, cast.kenji):
        agent.presence = "available"
        agent.save()
    RoutingRule.objects.create(name="all", team=cast.orders, language_rule="ignored")
    Calendar.objects.all().delete()
    message = abused(cast)
    for _ in range(3):
        actions.look(message_id=abused(cast, 3).pk, agent=cast.hana)
    routing.route(ticket_id=message.ticket_id)
    assert Ticket.objects.get(pk=message.ticket_id).assignee == cast.kenji
