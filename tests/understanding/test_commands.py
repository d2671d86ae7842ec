"""`madoguchi understand` and `madoguchi model`, as scripts call them."""

import io
import json
import sys

import pytest

from madoguchi.config.cli import main
from madoguchi.understanding import shipped


@pytest.fixture
def understand(monkeypatch, capsys):
    def call(*lines, options=()):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        status = main(["understand", *options])
        out, err = capsys.readouterr()
        return status, [json.loads(line) for line in out.splitlines()], err

    return call


def test_one_answer_a_line_in_order(understand):
    status, out, _ = understand(
        {"id": "a", "text": "Where is my order?"}, "", {"id": 2, "text": "你家在哪我知道，下班小心点", "channel": "chat"}
    )
    assert status == 0
    assert [row["id"] for row in out] == ["a", 2]
    assert (out[0]["lang"], out[0]["harassment"]["severity"], out[0]["harassment"]["first_at"]) == ("en", 0, None)
    assert (out[1]["lang"], out[1]["harassment"]["severity"], out[1]["human"]) == ("zh-Hans", 3, True)
    assert out[1]["harassment"]["spans"][0][2] in out[1]["harassment"]["labels"]
    assert set(out[0]) >= {"id", "lang", "intent", "intent_score", "emotion", "human", "harassment", "model"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{bad", "line 1 is not JSON"),
        ("[1]", "not a JSON object"),
        ('{"text": "x"}', "'id' is missing"),
        ('{"id": 1}', "'text' is missing"),
        ('{"id": 1, "text": 5}', "must be a string"),
    ],
)
def test_a_bad_line_is_named(understand, line, says):
    status, _, err = understand(line)
    assert status == 2
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize("messages", [None, [], "text", [5], [{"from": "customer"}], [{"text": "x", "at": "yesterday-ish"}]])
def test_a_conversation_that_is_none_is_named(understand, messages):
    status, _, err = understand({"id": 1, "messages": messages}, options=["--conversations"])
    assert status == 2
    assert "line 1" in err


def test_a_conversation_has_its_alarm_where_it_belongs(understand):
    talk = [
        {"from": "customer", "text": "Where is it?"},
        {"from": "agent", "text": "On its way."},
        {"from": "customer", "text": "I know where you live."},
    ]
    _, [row], _ = understand({"id": 1, "messages": talk}, options=["--conversations"])
    assert (row["harassment"]["first_at"], row["harassment"]["severity"]) == (2, 3)


def test_wrong_intents_are_refused(understand, tmp_path):
    file = tmp_path / "intents.jsonl"
    file.write_text('{"text": 5}\n')
    status, _, err = understand({"id": 1, "text": "x"}, options=["--intents", str(file)])
    assert (status, "line 1" in err) == (2, True)
    assert understand({"id": 1, "text": "x"}, options=["--intents", str(tmp_path / "none")])[0] == 2


def test_the_switch_between_versions_can_be_taken_back(capsys):
    assert main(["model", "use", "nonsense"]) == 2
    before = shipped.version_in_use()
    assert main(["model", "use", "rules"]) == 0
    assert shipped.version_in_use() == "rules"
    assert shipped.model_in_use() is None
    assert main(["model", "use", "shipped"]) == 0
    assert shipped.version_in_use() == before
    capsys.readouterr()
