"""Which ticket a message belongs to: one row a rule."""

import pytest

from madoguchi.tickets.placement import Clues, Evidence, Placement, TicketFacts, follow_merges, place

RUTH, COLLEAGUE, STRANGER = "ruth@customer.example", "colleague@customer.example", "stranger@elsewhere.example"
MEMBERS = frozenset({RUTH, COLLEAGUE})
TICKETS = {
    1: TicketFacts("open", members=MEMBERS),
    2: TicketFacts("closed", members=MEMBERS),
    3: TicketFacts("open", merged_into=1, members=MEMBERS),
    4: TicketFacts("solved", members=frozenset({RUTH})),
    5: TicketFacts("open", merged_into=2, members=MEMBERS),
    6: TicketFacts("closed", members=MEMBERS, follow_ups=(8, 7)),
    7: TicketFacts("open", members=frozenset({COLLEAGUE})),
    8: TicketFacts("closed", members=MEMBERS, follow_ups=(9,)),
    9: TicketFacts("open", merged_into=4, members=MEMBERS),
}


@pytest.mark.parametrize(
    ("clues", "expected"),
    [
        (Clues(RUTH), Placement(None, Evidence.NONE)),
        (Clues(RUTH, tokens=[1]), Placement(1, Evidence.TOKEN)),
        (Clues(STRANGER, tokens=[1]), Placement(1, Evidence.TOKEN, joins=True)),
        (Clues(RUTH, tokens=[4], references=[1], subject_number=1), Placement(4, Evidence.TOKEN)),
        (Clues(RUTH, references=[1]), Placement(1, Evidence.REFERENCE)),
        (Clues(COLLEAGUE, references=[1]), Placement(1, Evidence.REFERENCE)),
        (Clues(STRANGER, references=[1]), Placement(1, Evidence.REFERENCE, joins=True)),
        (Clues(STRANGER, references=[4, 1]), Placement(4, Evidence.REFERENCE, joins=True)),
        (Clues(RUTH, references=[4, 1]), Placement(4, Evidence.REFERENCE)),
        (Clues(RUTH, subject_number=1), Placement(1, Evidence.SUBJECT)),
        (Clues(COLLEAGUE, subject_number=1), Placement(1, Evidence.SUBJECT)),
        (Clues(STRANGER, subject_number=1), Placement(None, Evidence.STRANGER)),
        (Clues(RUTH, subject_number=999), Placement(None, Evidence.NONE)),
        (Clues(RUTH, tokens=[999], references=[1]), Placement(1, Evidence.REFERENCE)),
        (Clues(RUTH, references=[2]), Placement(None, Evidence.CLOSED, linked_to=2)),
        (Clues(STRANGER, references=[2]), Placement(None, Evidence.CLOSED, linked_to=2)),
        (Clues(COLLEAGUE, references=[6]), Placement(7, Evidence.REFERENCE)),
        (Clues(RUTH, references=[6]), Placement(4, Evidence.REFERENCE)),
        (Clues(RUTH, tokens=[8]), Placement(4, Evidence.TOKEN)),
        (Clues(RUTH, subject_number=6), Placement(4, Evidence.SUBJECT)),
        (Clues(STRANGER, references=[6]), Placement(None, Evidence.CLOSED, linked_to=6)),
        (Clues(RUTH, tokens=[6], sender_doubtful=True), Placement(None, Evidence.CLOSED, linked_to=6)),
        (Clues(RUTH, references=[3]), Placement(1, Evidence.REFERENCE)),
        (Clues(RUTH, subject_number=3), Placement(1, Evidence.SUBJECT)),
        (Clues(RUTH, tokens=[5]), Placement(None, Evidence.CLOSED, linked_to=2)),
        (Clues(RUTH, subject_number=1, sender_doubtful=True), Placement(None, Evidence.STRANGER)),
        (Clues(RUTH, references=[1], sender_doubtful=True), Placement(None, Evidence.STRANGER)),
        (Clues(RUTH, tokens=[1], sender_doubtful=True), Placement(1, Evidence.TOKEN)),
    ],
)
def test_the_place(clues, expected):
    assert place(clues, TICKETS) == expected


def test_a_ring_of_merges_ends():
    ring = {1: TicketFacts("open", merged_into=2), 2: TicketFacts("open", merged_into=1)}
    assert follow_merges(1, ring) is None
    assert place(Clues(RUTH, tokens=[1]), ring) == Placement(None, Evidence.NONE)
