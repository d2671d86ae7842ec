"""The index itself, on the database under test."""

import hashlib
import random

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madoguchi.foundation import search, text, vocabulary
from madoguchi.foundation.search import Document
from madoguchi.foundation.search_query import query_terms

from .test_text import FOUND, NOT_FOUND, matches, texts

pytestmark = pytest.mark.django_db


def find(typed, **options):
    return search.search_ids("messages", query_terms(typed), **({"limit": 50} | options))


@pytest.mark.parametrize(("typed", "text"), FOUND)
def test_finds_what_the_terms_promise(typed, text, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        search.index_documents("messages", [Document(1, body="something else"), Document(2, body=text)])
    assert find(typed) == [2]


@pytest.mark.parametrize(("typed", "text"), NOT_FOUND)
def test_finds_nothing_else(typed, text):
    search.index_documents("messages", [Document(2, body=text)])
    assert find(typed) == []


def test_newest_first_and_onwards_from_a_place():
    search.index_documents("messages", [Document(i, body="返品 invoice") for i in range(1, 1301)])
    first = find("返", limit=500)
    assert first == list(range(1300, 800, -1))
    second = find("返", limit=500, before=first[-1])
    assert second == list(range(800, 300, -1))
    assert find("invoice", limit=500, before=second[-1]) == list(range(300, 0, -1))
    assert find("invoice", before=1) == []


def test_ids_far_apart_are_all_found():
    ids = [1, 8191, 8192, 131_071, 131_072, 500_000, 3_000_000, 3_000_001, 9_000_000]
    search.index_documents("messages", [Document(i, body="gyroscope") for i in ids])
    assert find("gyroscope") == ids[::-1]
    assert find("gyroscope", before=500_000, limit=2) == [131_072, 131_071]
    assert find("gyroscope", limit=3) == [9_000_000, 3_000_001, 3_000_000]


def test_a_document_put_again_is_replaced():
    search.index_documents("messages", [Document(1, head="card 4111111111111111", body="返品したい")])
    search.index_documents("messages", [Document(1, head="card [removed]", body="交換したい")])
    assert find("4111111111111111") == []
    assert find("返") == []
    assert find("card") == find("交換") == find("換") == [1]


def test_the_same_document_twice_in_one_go_counts_once():
    search.index_documents("messages", [Document(1, body="first"), Document(1, body="second")])
    assert find("first") == []
    assert find("second") == [1]


def test_removed_documents_are_gone():
    search.index_documents("messages", [Document(i, body=f"invoice {i}") for i in range(1, 6)])
    search.remove_documents("messages", [2, 3, 99])
    assert find("invoice") == [5, 4, 1]
    search.clear("messages")
    assert find("invoice") == []
    search.index_documents("messages", [Document(2, body="invoice")])
    assert find("invoice") == [2]


def test_shelves_do_not_know_each_other():
    search.index_documents("customers", [Document(1, head="Müller")])
    assert find("Mueller") == []
    assert search.search_ids("customers", query_terms("Mueller"), limit=5) == [1]


def test_a_field_can_be_asked_alone():
    search.index_documents("messages", [Document(1, head="anna", body="otto"), Document(2, who="Anna <anna@x.example>", body="otto")])
    assert find("anna") == [2, 1]
    assert find("from:anna") == find("to:Anna") == [2]
    assert find("from:anna@x.example") == [2]
    assert find("from:otto") == []
    assert find("subject:anna") == find("otto subject:anna") == [1]
    assert find("otto -from:anna") == [1]
    assert find('from:"anna anna"') == [2]


def test_no_phrase_runs_over_the_end_of_a_field():
    search.index_documents("messages", [Document(1, head="返", who="品", body="late"), Document(2, head="x late", body="invoice")])
    assert find("返品") == []
    assert find('"late invoice"') == []


def test_the_word_being_typed_is_found_by_its_beginning_only_at_the_end(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        search.index_documents("messages", [Document(1, body="Rechnungsnummer fehlt"), Document(2, body="Rechnungs")])
    assert find("rechnungsnu") == [1]
    assert find("rechn") == [2, 1]
    assert find("fehlt rechnungsnu") == [1]
    assert find("rechnungsnu fehlt") == []
    assert find("fehlt -rechnungsnu") == [1]


def test_hostile_texts_and_queries_do_no_harm():
    evil = "\x00 \x1f ' \" \\ :* & | ! ( ) <-> NEAR(a b) head: ^x @12 #3 \ud800 " + "x" * 100_000
    search.index_documents("messages", [Document(1, head=evil, who=evil, body=evil * 5), Document(2, body="返" * 200_000)])
    for typed in (evil, "a' OR 1=1 --", '"', '"""', "a AND", "NOT", "(", "*", "返" * 5000, "\x00", "head:x", "a:*", "\\", "@0", "#0"):
        find(typed)
    assert find("NEAR") == [1]
    rng = random.Random(1)
    wild = "".join(chr(rng.randrange(0x20, 0x1F000)) for _ in range(60_000))
    search.index_documents("messages", [Document(3, body=wild, head=wild, who=wild)])
    search.index_documents("messages", [Document(3, body="calm")])
    assert find("calm") == [3]


def test_a_batch_costs_few_statements(django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        search.index_documents("messages", [Document(i, body="invoice") for i in range(1, 300)])


WORDS = ["返品", "返品送料", "发票", "発票", "invoice", "Rechnung", "Paketrücksendung", "HZ264762", "e-mail", "の", "返", "030 1234567"]


def test_words_are_learnt_once_and_only_when_the_transaction_commits(django_capture_on_commit_callbacks):
    vocabulary._known.clear()
    with django_capture_on_commit_callbacks() as learning:
        search.index_documents("messages", [Document(1, body="Rechnungsnummer")])
    assert vocabulary._known == set()
    learning[0]()
    with django_capture_on_commit_callbacks() as learning:
        search.index_documents("messages", [Document(2, body="Rechnungsnummer 12345678 ab")])
    assert learning == []
    vocabulary._known.clear()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), min_size=1, max_size=6), st.lists(st.sampled_from(WORDS), max_size=3)
)
def test_agrees_with_the_slow_index(bodies, asked):
    search.clear("messages")
    documents = [Document(number, body=" ".join(words)) for number, words in enumerate(bodies, 1)]
    search.index_documents("messages", documents)
    query = query_terms(" ".join(asked))
    assert search.search_ids("messages", query, limit=99) == [d.id for d in reversed(documents) if matches(d.body, query)]


def test_deleting_leaves_a_sound_index():
    search.index_documents("messages", [Document(i, body=f"invoice {i} 返品") for i in range(1, 400)])
    search.remove_documents("messages", list(range(5, 200)))
    assert find("invoice") == [*range(399, 199, -1), 4, 3, 2, 1][:50]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_messages(search_messages) VALUES ('integrity-check')")


def test_remembers_with_which_terms_it_was_built():
    assert search.is_current()
    search.set_current(current=False)
    assert not search.is_current()
    search.set_current(current=True)
    assert search.is_current()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=3, max_size=3))
@example(["a\ud800b", "か\ud800\u3099", "x\x1fy"])
@example(["\x1f" * 70_000 + "end", "ﾊﾟ" * 40_000, "a" * 70_000])
def test_no_term_stays_behind_a_removed_document(fields):
    search.index_documents("messages", [Document(1, *fields), Document(2, *reversed(fields))])
    search.index_documents("messages", [Document(1, *reversed(fields))])
    search.remove_documents("messages", [1, 2])
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.left_behind USING fts5vocab(main, search_messages, row)")
            cursor.execute("SELECT term FROM temp.left_behind")
        else:
            cursor.execute("SELECT id FROM search_messages")
        assert cursor.fetchall() == []


def test_terms_and_their_version_change_together():
    """Fails when a text gets other terms than before: then raise TERMS_VERSION, or old rows cannot be taken out of the index."""
    terms = [search.document_terms(Document(1, body=body)) for _, body in FOUND]
    digest = hashlib.sha256(repr([(fields, sorted(parts)) for fields, parts in terms]).encode()).hexdigest()
    assert (text.TERMS_VERSION, digest[:16]) == (1, "518571405a09f27a")
