"""Veils: what is hidden, what stays."""

from madoguchi.protection.veiling import VEIL, asked, pieces, veiled, without_words

TEXT = "お前は馬鹿か。返金はいつですか。"
SPANS = [[0, 6, "insult"]]


def test_only_the_stretch_that_hurts_is_veiled():
    assert veiled(TEXT, SPANS) == f"{VEIL}。返金はいつですか。"
    assert [piece.label for piece in pieces(TEXT, SPANS)] == ["insult", ""]


def test_what_is_asked_are_the_sentences_without_abuse():
    assert asked(TEXT, SPANS) == "返金はいつですか。"
    assert asked("You idiot. Where is my parcel? It was due on 3 May!", [[4, 9, "insult"]]) == "Where is my parcel? It was due on 3 May!"


def test_without_a_span_the_whole_text_is_veiled_and_nothing_is_taken_for_a_question():
    assert veiled(TEXT, []) == VEIL
    assert asked(TEXT, []) == ""


def test_overlapping_reversed_and_far_spans_do_no_harm():
    assert veiled("abcdef", [[4, 99, "x"], [3, 5, "y"], [-3, 1, "z"], [5, 2, "w"]]) == f"{VEIL}bc{VEIL}"
    assert veiled("", [[0, 4, "x"]]) == VEIL


def test_a_veil_does_not_tell_how_long_the_word_is():
    assert veiled("a bb", [[0, 1, "x"]]).startswith(VEIL)
    assert len(veiled("x" * 30, [[0, 30, "x"]])) == len(veiled("x", [[0, 1, "x"]]))


def test_masked_words_are_gone_from_the_subject_too_whatever_their_case():
    assert without_words("YOU IDIOT, my parcel", "you idiot. where", [[4, 9, "insult"]]) == f"YOU {VEIL}, my parcel"
