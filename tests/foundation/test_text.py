"""Search terms and queries, against a slow and obvious index of one text."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from madoguchi.foundation import text as terms
from madoguchi.foundation.search_query import Query, match_ranges, query_terms
from madoguchi.foundation.text import fold, index_terms


def matches(text: str, query: Query) -> bool:
    words, parts = index_terms(text)
    everything = parts | set(words)

    def phrase_found(phrase: tuple[str, ...]) -> bool:
        if len(phrase) == 1:
            return phrase[0] in everything
        return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words)))

    def clause_found(clause) -> bool:
        if any(map(phrase_found, clause.phrases)):
            return True
        return clause.prefix and any(word.startswith(clause.phrases[0][0]) for word in everything)

    return not query.is_empty and all(clause_found(clause) != clause.exclude for clause in query.clauses)


def finds(typed: str, text: str) -> bool:
    return matches(text, query_terms(typed))


FOUND = [
    ("返品", "先日購入した商品を返品したいです。"),
    ("返", "先日購入した商品を返品したいです。"),
    ("票", "请重新开具上个月的发票。"),
    ("退款", "请求退款，因为训练数据有误"),
    ("训练", "请求退款，因为训练数据有误"),
    ("发票", "請重新開立上個月的發票。"),
    ("發票", "请重新开具上个月的发票。"),
    ("発送", "請問何時發送?"),
    ("图片", "圖片已附上"),
    ("パスワード", "ﾊﾟｽﾜｰﾄﾞを忘れました"),
    ("ﾊﾟｽﾜｰﾄﾞ", "パスワードを再発行してください"),
    ("ぱすわーど", "パスワードを再発行してください"),
    ("タナカ", "たなか たろう"),
    ("サーバー", "サーバが落ちています"),
    ("サーバ", "サーバーが落ちています"),
    ("プリンター", "ﾌﾟﾘﾝﾀの紙詰まり"),
    ("再発行", "ログインできません。パスワードを再発行してください"),
    ("strasse", "Große Straße 5"),
    ("STRASSE", "Große Straße 5"),
    ("Straße", "GROSSE STRASSE 5"),
    ("Müller", "Herr Mueller"),
    ("Mueller", "Herr Müller"),
    ("muller", "Herr Müller"),
    ("Müller", "Herr Mu\u0308ller"),
    ("Malmö", "Malmoe"),
    ("Ørsted", "Oersted"),
    ("café", "Cafe am Markt"),
    ("Rücksendung", "Die Paketrücksendung fehlt."),
    ("Ruecksendung", "Alle Paketrücksendungen fehlen."),
    ("rucksendungen", "PAKETRÜCKSENDUNG"),
    ("tracking", "Das Sendungstracking geht nicht."),
    ("ärger", "Der Kundenärger wächst"),
    ("Rechnungen", "Die Rechnung ist falsch"),
    ("Rechnung", "Die Rechnungen sind falsch"),
    ("Rechn", "Die Rechnungen sind falsch"),
    ("invoices", "one invoice"),
    ("address", "two addresses"),
    ("shoe", "red shoes"),
    ("neue", "einen neuen"),
    ("Bäuerin", "Baeuerin"),
    ("HZ264762", "Bestellung HZ-264762 ist da"),
    ("HZ-264762", "Bestellung HZ264762 ist da"),
    ("hz 264762", "Bestellung ＨＺ２６４７６２ ist da"),
    ("ＨＺ２６４７６２", "order hz 264762"),
    ("264762", "注文番号HZ264762の返品"),
    ("HZ264762", "注文番号HZ264762の返品"),
    ("anna.meier@example.de", "From: Anna.Meier@example.de"),
    ("anna.meier", "From: Anna.Meier@example.de"),
    ("example.de", "From: Anna.Meier@example.de"),
    ("meier", "<anna.meier@example.de>"),
    ("090-1234-5678", "電話は09012345678です"),
    ("09012345678", "電話は090-1234-5678です"),
    ("090 1234 5678", "電話は09012345678です"),
    ("０９０－１２３４－５６７８", "電話は 090 1234 5678 です"),
    ("09012345678", "０９０ー１２３４ー５６７８"),
    ("+81 90-1234-5678", "090-1234-5678"),
    ("090-1234-5678", "call +819012345678 please"),
    ("030 1234567", "Tel. +49 (0)30 123 45 67"),
    ("+49 30 1234567", "Tel. 030/1234567"),
    ("e-mail", "by email"),
    ("email", "by E-Mail"),
    ("O'Neil", "Robert O’Neil"),
    ("oneil", "Robert O’Neil"),
    ("2026-11-25", "am 20261125"),
    ("screenshot", "screenshot_12.png"),
    ("screenshot_12.png", "files: screenshot_12.png"),
    ("第2回", "その第2回目の請求"),
    ("㈱ほしぞら", "(株)ほしぞら"),
    ("invoice rechnung", "Rechnung, in English: invoice"),
    ('"late invoice"', "a late invoice"),
    ("「返品送料」", "返品送料について"),
    ('"第2回"', "その第2回目の請求"),
    ("invoice -refund", "an invoice"),
    ("환불", "환불을 요청합니다"),
    ("คืนเงิน", "ขอคืนเงินค่ะ"),
    ("café\u200b", "cafe"),
    ("возврат", "Возврат товара"),
]

NOT_FOUND = [
    ("返品", "返金と商品"),
    ("品返", "返品"),
    ('"invoice late"', "a late invoice"),
    ("invoice -refund", "an invoice and a refund"),
    ("refund", "an invoice"),
    ("HZ264763", "HZ264762"),
    ("HZ264762", "264762 hz"),
    ("090-1234-5678", "090-1234-5679"),
    ("anna.meier@example.de", "meier.anna@example.de"),
    ("", "anything"),
    ("-word", "anything"),
    ('"" - \' . 。', "anything"),
    ("hoe", "shoe"),
    ("shoes", "sho"),
]


@pytest.mark.parametrize(("typed", "text"), FOUND)
def test_finds(typed, text):
    assert finds(typed, text)


@pytest.mark.parametrize(("typed", "text"), NOT_FOUND)
def test_does_not_find(typed, text):
    assert not finds(typed, text)


@pytest.mark.parametrize(("typed", "text"), FOUND)
def test_what_is_found_is_marked(typed, text):
    ranges = match_ranges(text, query_terms(typed))
    assert ranges
    assert all(0 <= start < end <= len(text) for start, end in ranges)


MARKED = [
    ("返品", "商品を返品したい。返品は?", ["返品", "返品"]),
    ("發票", "请开具发票。", ["发票"]),
    ("ﾊﾟｽﾜｰﾄﾞ", "パスワードを", ["パスワード"]),
    ("パスワード", "ﾊﾟｽﾜｰﾄﾞを", ["ﾊﾟｽﾜｰﾄﾞ"]),
    ("Müller", "Frau Mueller <mu\u0308ller@example.de>", ["Mueller", "mu\u0308ller"]),
    ("strasse", "Große Straße 5", ["Straße"]),
    ("Rücksendung", "Die Paketrücksendungen fehlen", ["rücksendungen"]),
    ("HZ264762", "order HZ-264762.", ["HZ-264762"]),
    ("264762", "order HZ264762.", ["264762"]),
    ("090-1234-5678", "電話は０９０１２３４５６７８です", ["０９０１２３４５６７８"]),
    ("anna.meier@example.de", "<Anna.Meier@example.de>", ["Anna.Meier@example.de"]),
    ("email", "by E-Mail", ["E-Mail"]),
    ("invo", "the invoice", ["invoice"]),
    ("invoice -refund", "invoice, refund", ["invoice"]),
    ('"late invoice"', "invoice: a late  Invoice", ["late  Invoice"]),
    ("株", "㈱ほしぞら", ["㈱"]),
]


@pytest.mark.parametrize(("typed", "text", "marked"), MARKED)
def test_marks_exactly(typed, text, marked):
    assert [text[start:end] for start, end in match_ranges(text, query_terms(typed))] == marked


# Properties

ALPHABET = "abcdeéfgnrsuäöüßÆøŁ 0123456789-'._@:/()+\n\"返品退款发發票图圖図パスﾊﾟｽﾞがかﾞゅーア첨환\u0301\u3099\x00\u200b，。①㈱ﬁ"
LETTERS = "abcdefghiklmnorstuäöüß"
texts = st.text(max_size=60) | st.text(alphabet=ALPHABET, max_size=60)


@given(texts)
@example("ﾊﾟ\u0301")
@example("İ")
@example("ǰ")
@example("ŉ")
def test_fold_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_fold_does_not_see_normal_forms(text):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert index_terms(unicodedata.normalize(form, text)) == index_terms(unicodedata.normalize("NFC", text))


@given(texts)
def test_terms_are_plain(text):
    words, parts = index_terms(text)
    for term in {*words, *parts}:
        assert 0 < len(term) <= terms.MAX_TERM + 3
        assert not re.search(r"[\x00-/:-`{-\x7f]|\s", term)
        assert term.encode()


@given(texts)
def test_a_text_finds_itself(text):
    query = query_terms(text.replace('"', " ").replace("-", " "))
    assume(not query.is_empty)
    assert matches(text.replace('"', " ").replace("-", " "), query)


@given(texts, texts, texts)
def test_every_dense_substring_is_found(before, within, after):
    run = "".join(terms.TOKEN.findall(fold(within)))[:8]
    assume(run.strip("ー") and not unicodedata.combining(run[0]))
    assume(not unicodedata.combining(unicodedata.normalize("NFKC", after)[:1] or "a"))
    assert finds(run, before + run + after)


@given(st.text(alphabet=LETTERS, min_size=3, max_size=8), st.text(alphabet=LETTERS, min_size=4, max_size=12))
def test_a_compound_is_found_by_its_last_part(first, last):
    assume(len(fold(first + last)) >= terms.LONG_WORD and not re.search("[aou]e", fold(first + last)))
    assert finds(last, f"x {first}{last}, y")


@given(st.text(alphabet=LETTERS, min_size=4, max_size=12), st.sampled_from(["e", "en", "er", "es", "s", "n", "ern"]))
def test_endings_make_no_difference(word, ending):
    assume(not re.search(r"[aou](e|\Z)", fold(word)))
    assert finds(word, word + ending)
    assert finds(word + ending, word)


def _forms():
    lines = (terms.Path(terms.__file__).parent / "han_fold.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_all_forms_of_a_han_character_are_one():
    forms = _forms()
    assert len(forms) > 4000
    for line in forms:
        assert len({fold(char) for char in line}) == 1, line


@given(texts, texts)
def test_marks_lie_within_the_text_and_hold_something(typed, text):
    ranges = match_ranges(text, query_terms(typed))
    assert all(0 <= start < end <= len(text) for start, end in ranges)
    assert all(before[1] < after[0] for before, after in pairwise(ranges))


def test_long_texts_and_queries_are_bounded():
    words, parts = index_terms("返品したい Paketrücksendung12 " * 20_000)
    assert len(words) <= terms.MAX_WORDS
    assert len(parts) <= terms.MAX_PARTS
    assert len(query_terms("a b c d " * 10_000).clauses) <= 16
    words, parts = index_terms("x" * 1_000_000)
    assert [len(word) for word in words] == [terms.MAX_TERM]
    assert len(query_terms("返" * 10_000).clauses[0].phrases[0]) <= 60
