"""Who should take a ticket: by table, and as properties over any team."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.routing.matching import LanguageRule, Method, Need, Person, Refusal, choose, refusal

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HANA = Person(1, capacity=5, languages=frozenset({"ja", "en"}), skills=frozenset({7}))
KENJI = Person(2, capacity=5, languages=frozenset({"ja"}))


@pytest.mark.parametrize(
    ("change", "need", "reason"),
    [
        ({}, Need(), None),
        ({}, Need(skills=frozenset({7})), None),
        ({}, Need(skills=frozenset({7, 8})), Refusal.SKILL),
        ({}, Need(language="de", language_rule=LanguageRule.REQUIRED), Refusal.LANGUAGE),
        ({}, Need(language="de"), None),
        ({}, Need(language="", language_rule=LanguageRule.REQUIRED), None),
        ({"at_work": False, "available": False}, Need(), Refusal.OFF_HOURS),
        ({"available": False, "load": 9}, Need(), Refusal.AWAY),
        ({"load": 5}, Need(), Refusal.FULL),
        ({"capacity": 0}, Need(), Refusal.FULL),
        ({"load": 4}, Need(), None),
    ],
)
def test_why_somebody_cannot_take_it(change, need, reason):
    assert refusal(replace(HANA, **change), need) == reason


def test_in_turn_goes_to_whoever_waited_longest():
    waited, fresh = replace(HANA, last_given_at=NOON - timedelta(hours=1)), replace(KENJI, last_given_at=NOON)
    assert choose([fresh, waited], Need()).person == waited
    newcomer = replace(KENJI, last_given_at=None)
    assert choose([waited, newcomer], Need()).person == newcomer
    assert choose([KENJI, HANA], Need()).person == HANA, "equals by id"


def test_least_loaded_goes_by_share_of_capacity():
    busy_but_big, small = replace(HANA, load=4, capacity=20), replace(KENJI, load=2, capacity=4)
    assert choose([small, busy_but_big], Need(method=Method.LEAST_LOADED)).person == busy_but_big


def test_the_language_is_preferred_but_nobody_is_left_waiting_for_it():
    in_turn = replace(KENJI, last_given_at=None)
    speaker = replace(HANA, last_given_at=NOON)
    choice = choose([in_turn, speaker], Need(language="en"))
    assert (choice.person, choice.speaks) == (speaker, True)
    assert choose([in_turn, replace(speaker, load=5)], Need(language="en")).person == in_turn
    assert choose([in_turn, speaker], Need(language="en", language_rule=LanguageRule.IGNORED)).person == in_turn
    required = choose([in_turn, replace(speaker, load=5)], Need(language="en", language_rule=LanguageRule.REQUIRED))
    assert required.person is None
    assert not required.nobody_ever


def test_nobody_ever_means_that_waiting_does_not_help():
    assert choose([], Need()).nobody_ever
    assert choose([HANA, KENJI], Need(skills=frozenset({99}))).nobody_ever
    assert choose([HANA, replace(KENJI, available=False)], Need(skills=frozenset({99}))).nobody_ever
    assert not choose([replace(HANA, available=False)], Need()).nobody_ever


def test_by_hand_chooses_nobody():
    assert choose([HANA], Need(method=Method.MANUAL)).person is None


people = st.lists(
    st.builds(
        Person,
        id=st.integers(1, 50),
        available=st.booleans(),
        at_work=st.booleans(),
        load=st.integers(0, 4),
        capacity=st.integers(0, 4),
        skills=st.frozensets(st.integers(1, 3)),
        languages=st.frozensets(st.sampled_from(["ja", "en", "de"])),
        last_given_at=st.one_of(st.none(), st.integers(0, 9).map(lambda minutes: NOON + timedelta(minutes=minutes))),
    ),
    max_size=8,
    unique_by=lambda person: person.id,
)
needs = st.builds(
    Need,
    method=st.sampled_from([Method.ROUND_ROBIN, Method.LEAST_LOADED]),
    skills=st.frozensets(st.integers(1, 3), max_size=2),
    language=st.sampled_from(["", "ja", "en"]),
    language_rule=st.sampled_from(list(LanguageRule)),
)


@given(people, needs)
def test_the_chosen_can_and_nobody_able_is_passed_over(team, need):
    choice = choose(team, need)
    able = [person for person in team if refusal(person, need) is None]
    assert choice.able == len(able)
    assert choice.able + sum(choice.refused.values()) == len(team)
    assert (choice.person is None) == (not able)
    if choice.person is not None:
        assert choice.person in able
        assert choice.person.load < choice.person.capacity


@given(people, needs, st.randoms())
def test_the_order_in_which_people_are_listed_does_not_matter(team, need, random):
    shuffled = list(team)
    random.shuffle(shuffled)
    assert choose(team, need).person == choose(shuffled, need).person


@given(st.integers(2, 6), st.integers(1, 30))
def test_in_turn_is_fair(count, tickets):
    """After any number of tickets nobody has had two more than another."""
    team = [Person(n, capacity=100) for n in range(count)]
    had = dict.fromkeys(range(count), 0)
    for minute in range(tickets):
        chosen = choose(team, Need()).person
        had[chosen.id] += 1
        team[chosen.id] = replace(chosen, last_given_at=NOON + timedelta(minutes=minute))
    assert max(had.values()) - min(had.values()) <= 1
