"""The ladder alone: what is offered, who may, what a restriction does to a message."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.protection import ladder, profiles, texts
from madoguchi.protection.ladder import Doer, Kind, Refusal, Restriction, Standing, Step, Terms
from madoguchi.protection.rights import touches_rights

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def terms(step: Step, **other) -> Terms:
    return Terms(step=step, reason="Called the agent names", evidence=1, **other)


def restriction(**other) -> Terms:
    limits = {"kind": Kind.WRITING_ONLY, "starts_at": NOW, "ends_at": NOW + timedelta(days=30), "review_at": NOW + timedelta(days=14)}
    return terms(Step.RESTRICTION, **{**limits, **other})


WARNED = Standing(2, (Step.FIRST_WARNING, Step.SECOND_WARNING, Step.LAST_WARNING))


def test_nothing_is_offered_for_anger_or_for_what_is_protected():
    assert ladder.next_step(Standing(0)) is None
    assert ladder.next_step(Standing(2, protected=True)) is None


def test_rudeness_is_asked_to_stop_once_and_never_warned():
    assert ladder.next_step(Standing(1)).step == Step.ASK
    assert ladder.next_step(Standing(1, (Step.ASK,))) is None


def test_harassment_climbs_one_step_at_a_time():
    taken: tuple[Step, ...] = ()
    climbed = []
    for _ in range(5):
        offer = ladder.next_step(Standing(2, taken))
        climbed.append(offer.step)
        taken = (*taken, offer.step)
    assert climbed == [Step.FIRST_WARNING, Step.SECOND_WARNING, Step.LAST_WARNING, Step.END_CONTACT, Step.RESTRICTION]


def test_grave_danger_jumps_the_ladder_and_sounds_the_alarm():
    offer = ladder.next_step(Standing(3))
    assert offer.step == Step.END_CONTACT
    assert offer.alarm
    assert Step.POLICE in offer.also
    assert ladder.refusals(restriction(), Standing(3), doer=Doer.DECIDER) == []


def test_no_machine_takes_a_step_that_the_company_did_not_leave_to_it():
    assert Refusal.NOT_A_MACHINE in ladder.refusals(terms(Step.FIRST_WARNING), Standing(2), doer=Doer.MACHINE)
    assert ladder.refusals(terms(Step.FIRST_WARNING), Standing(2), doer=Doer.MACHINE, machine_may=[Step.FIRST_WARNING]) == []


@pytest.mark.parametrize("step", [Step.LAST_WARNING, Step.SECOND_PERSON, Step.END_CONTACT, Step.RESTRICTION, Step.POLICE])
def test_nothing_lets_a_machine_do_what_only_a_person_may(step):
    found = ladder.refusals(terms(step), Standing(3, WARNED.taken), doer=Doer.MACHINE, machine_may=list(Step))
    assert Refusal.NOT_A_MACHINE in found


@pytest.mark.parametrize("profile", profiles.PROFILES.values(), ids=lambda one: one.code)
def test_no_legal_profile_leaves_a_machine_more_than_warnings(profile):
    assert set(profile.machine_may) <= set(ladder.MACHINE_STEPS)


@pytest.mark.parametrize("step", [Step.LAST_WARNING, Step.END_CONTACT, Step.RESTRICTION, Step.POLICE])
def test_an_agent_asks_a_decider_for_the_heavy_steps(step):
    assert Refusal.NEEDS_DECIDER in ladder.refusals(terms(step), Standing(3), doer=Doer.AGENT)


def test_a_restriction_needs_warning_end_review_reason_evidence_and_what_it_restricts():
    assert ladder.refusals(restriction(), WARNED, doer=Doer.DECIDER) == []
    assert Refusal.TOO_EARLY in ladder.refusals(restriction(), Standing(2), doer=Doer.DECIDER)
    bare = Terms(step=Step.RESTRICTION, reason=" ", evidence=0)
    found = set(ladder.refusals(bare, WARNED, doer=Doer.DECIDER))
    assert found == {Refusal.NO_REASON, Refusal.NO_EVIDENCE, Refusal.NO_KIND, Refusal.NO_END, Refusal.NO_REVIEW}


def test_a_restriction_is_not_for_ever_and_is_reviewed_before_it_ends():
    assert Refusal.TOO_LONG in ladder.refusals(restriction(ends_at=NOW + timedelta(days=400)), WARNED, doer=Doer.DECIDER)
    assert Refusal.END_BEFORE_START in ladder.refusals(restriction(ends_at=NOW), WARNED, doer=Doer.DECIDER)
    assert Refusal.NO_REVIEW in ladder.refusals(restriction(review_at=NOW + timedelta(days=31)), WARNED, doer=Doer.DECIDER)
    assert Refusal.NO_CONTACT in ladder.refusals(restriction(kind=Kind.ONE_PERSON), WARNED, doer=Doer.DECIDER)
    assert Refusal.NO_CHANNEL in ladder.refusals(restriction(kind=Kind.ONE_CHANNEL), WARNED, doer=Doer.DECIDER)


def test_a_protected_matter_allows_no_step_but_help():
    protected = Standing(3, WARNED.taken, protected=True)
    for step in Step:
        found = ladder.refusals(restriction() if step == Step.RESTRICTION else terms(step), protected, doer=Doer.DECIDER)
        assert (Refusal.PROTECTED in found) == (step != Step.SECOND_PERSON)


@pytest.mark.parametrize(
    ("kind", "channel", "open_now", "held"),
    [
        (Kind.REFUSAL, "mail", True, True),
        (Kind.WRITING_ONLY, "chat", True, True),
        (Kind.WRITING_ONLY, "mail", True, False),
        (Kind.ONE_CHANNEL, "mail", True, False),
        (Kind.ONE_CHANNEL, "chat", True, True),
        (Kind.OFFICE_HOURS, "mail", False, True),
        (Kind.OFFICE_HOURS, "mail", True, False),
        (Kind.ONE_PERSON, "chat", False, False),
    ],
)
def test_what_a_restriction_does_to_a_message(kind, channel, open_now, held):
    one = Restriction(7, kind, "mail", 5)
    found = ladder.receive([one], channel=channel, office_open=open_now, statutory=False)
    assert (found.held_by == 7) == held
    assert found.contact == 5


def test_safety_and_statutory_rights_get_through_every_restriction():
    assert ladder.receive([Restriction(7, Kind.REFUSAL)], channel="chat", office_open=False, statutory=True).held_by is None


@pytest.mark.parametrize(
    "text",
    [
        "加湿器から煙が出ています",
        "クーリングオフします",
        "Der Akku brennt",
        "Ich erkläre den Widerruf",
        "the charger caught fire",
        "I want to see my personal data",
        "充电时起火了",
        "請刪除我的個人資料",
        "保固還有一年",
        "ｇａｓ　ｌｅａｋ in my kitchen",
    ],
)
def test_words_of_danger_and_rights_are_seen(text):
    assert touches_rights(text)


@pytest.mark.parametrize("text", ["また電話する", "You are all useless", "Wo bleibt mein Paket?", "快点回复我", "我要客訴你們"])
def test_other_words_are_not(text):
    assert not touches_rights(text)


def test_every_notice_exists_in_every_language_and_has_a_way_to_appeal():
    for step in [*ladder.WITH_NOTICE, "appeal", "held"]:
        assert set(texts.MODEL_TEXTS[str(step)]) == set(texts.LANGUAGES)
        for text in texts.MODEL_TEXTS[str(step)].values():
            left = texts.fill(text, dict.fromkeys(texts.PLACEHOLDERS, ""))
            assert "{" not in left
    for step in ("restriction", "appeal", "held"):
        assert all("{appeal_link}" in text for text in texts.MODEL_TEXTS[step].values())
    for words in (texts.RESTRICTIONS, texts.BEHAVIOURS):
        assert all(set(by_language) == set(texts.LANGUAGES) for by_language in words.values())
