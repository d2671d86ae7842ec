"""What the company chooses and says: settings, words, policy, manuals, report."""

import pytest
from django.test import Client

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.protection import actions, queries
from madoguchi.protection.models import DeskMember
from madoguchi.protection.policy_texts import POLICY
from madoguchi.protection.report import report_of
from madoguchi.protection.texts import LANGUAGES
from madoguchi.tickets.models import Message
from madoguchi.understanding.models import Reading


def signed_in(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def chosen(**other) -> dict:
    return {
        "profile": "japan", "shield_from": "2", "appeal_days": "14", "answer_days": "7", "contact": "", "compensation_2": "5,000円",
        "compensation_3": "", "minutes_phone": "20", "minutes_chat": "30", "minutes_mail": "0", "minutes_counter": "20", **other,
    }  # fmt: skip


def test_the_supervisor_chooses_and_an_agent_cannot(cast):
    given = chosen(shield_from="1", machine_sends=["first_warning"], members=[cast.kenji.pk], policy_public="on")
    assert signed_in(cast.hana).post("/protection/settings/", given).status_code == 403
    client = signed_in(cast.supervisor)
    assert client.get("/protection/settings/").status_code == 200
    assert client.post("/protection/settings/", given).status_code == 302
    now = queries.choices()
    assert (now.shield_from, now.machine_sends, now.compensation, now.minutes["phone"]) == (1, ["first_warning"], {"2": "5,000円"}, 20)
    assert list(DeskMember.objects.values_list("agent_id", flat=True)) == [cast.kenji.pk]


def test_the_legal_profile_limits_what_a_machine_may_send(cast):
    response = signed_in(cast.supervisor).post("/protection/settings/", chosen(profile="eu", machine_sends=["second_warning"]))
    assert response.status_code == 422
    assert "legal profile" in response.content.decode()


def test_words_are_approved_per_language(cast):
    client = signed_in(cast.supervisor)
    page = client.get("/protection/settings/words/restriction/").content.decode()
    texts = {code: queries.wording_of("restriction", code)[0] for code in LANGUAGES}
    assert texts["ja"].split("\n", maxsplit=1)[0] in page
    assert client.post("/protection/settings/words/restriction/", {**texts, "ja": "来ないで"}).status_code == 422
    assert client.post("/protection/settings/words/restriction/", {**texts, "ja": "制限 {appeal_link}"}).status_code == 302
    assert "Sora Supervisor" in client.get("/protection/settings/words/").content.decode()
    assert queries.wording_of("restriction", "ja")[0] == "制限 {appeal_link}"
    assert queries.wording_of("restriction", "de")[1] is None
    assert client.get("/protection/settings/words/none/").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_policy_is_public_in_every_language_once_the_company_says_so(cast, language):
    address = f"/protection/policy/{language}/"
    assert Client().get(address).status_code == 404
    actions.set_choices(by=agent_actor(cast.supervisor), policy_public=True)
    page = Client().get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert POLICY[language][0] in text
    assert "Hoshizora" in text
    assert "{company}" not in text
    assert Client().get("/protection/policy/fr/").status_code == 404


def test_the_policies_say_the_same_in_every_language():
    shapes = {code: [len(texts) for _heading, texts in parts] for code, (_title, parts) in POLICY.items()}
    assert set(shapes) == set(LANGUAGES)
    assert len({tuple(shape) for shape in shapes.values()}) == 1


def test_manuals_have_limits_and_closing_phrases(cast):
    page = signed_in(cast.hana).get("/protection/manual/").content.decode()
    assert "End after 30 minutes without progress" in page
    assert "本日の対応はこれで終了いたします" in page


def test_the_report_counts_what_was_found_wrong_and_missed_without_names(cast):
    for severity, said in ((3, None), (2, 0), (0, 2), (0, None)):
        message = Message.objects.get(ticket=cast.ticket(text=f"{severity}{said}"))
        labels = ["threat"] if severity else []
        Reading.objects.create(message=message, state="read", severity=severity, labels=labels, created_at=clock.now(), read_at=clock.now())
        if said is not None:
            actions.judge(message_id=message.pk, severity=said, labels=["insult"] if said else [], by=agent_actor(cast.hana))
    found = report_of(clock.now().year)
    assert (found.read, found.found, found.false_positives, found.missed) == (4, 2, 1, 1)
    assert found.by_label == [("Threat", 2)]
    assert report_of(2020).read == 0
    page = signed_in(cast.supervisor).get("/protection/report/").content.decode()
    assert "Missed, as people said" in page
    assert signed_in(cast.hana).get("/protection/report/").status_code == 403
    assert signed_in(cast.supervisor).get("/protection/report/?year=99999999999999").status_code == 200
