"""Rules that must never miss, and what only sounds like it; one case a line, in the languages of the desk."""

import pytest

from madoguchi.understanding.readers.reading import Text, read
from madoguchi.understanding.readers.rules import LANGUAGES, WrongRule, find_harassment, parse_rules, rules_of
from madoguchi.understanding.readers.softening import soften

THREATS = [
    "今から包丁を持ってそっちに行くからな",
    "お前の住所は特定した。娘さんの学校も知ってるぞ",
    "I'll be outside with a hammer when you finish",
    "we know where you live and what time you leave",
    "Ich weiß, wo Sie wohnen, und ich komme mit dem Baseballschläger",
    "我知道你家住哪，下班小心点",
    "我要放火燒了你們門市",
]
INNOCENT = [
    "このアプリ重すぎて殺意がわく",
    "your checkout is killing me, it dies every time",
    "Der Assistent bringt mich noch ins Grab",
    "这破app卡得我想死",
    "這個優惠太殺了吧",
    "宅配の人に「殺すぞ」と言われました。怖いです。",
    'The driver shouted "I\'ll smash your face" at me. Please look into it.',
    "Der Fahrer hat gesagt: „Ich schlag dir die Zähne ein.“ Ich habe Angst.",
    "快递员骂我：“废物，去死吧”，我要投诉",
]


@pytest.mark.parametrize("text", THREATS)
def test_threats_are_grave(text):
    [found] = read([Text(text)])
    assert found.severity == 3
    assert "threat" in found.labels
    assert found.needs_person
    start, end, _ = found.spans[0]
    assert text[start:end].strip()


@pytest.mark.parametrize("text", INNOCENT)
def test_idioms_and_reported_speech_are_not_the_customers_threats(text):
    assert read([Text(text)])[0].severity == 0


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("you are an 1d10t", "1d10t"),
        ("you i d i o t, you are an i.d.i.o.t", "i.d.i.o.t"),
        ("おまえは無・能だな", "無・能"),
        ("ＹＯＵ ＡＲＥ ＳＴＵＰＩＤ", "ＳＴＵＰＩＤ"),
    ],
)
def test_disguises_are_taken_off_and_the_span_points_at_the_original(text, hidden):
    hits = find_harassment(text, "ja" if "無" in text else "en")
    assert any(hidden in text[hit.start : hit.end] for hit in hits)


@pytest.mark.parametrize(
    "text", ["", " \n", "\x00\ufffd" * 50, "あ" * 300_000, "a b " * 50_000, "「" * 5000, "1" * 100_000, "(" * 20_000, "!@#$" * 9000]
)
def test_strange_texts_are_read(text):
    [found] = read([Text(text)])
    assert found.severity in {0, 1, 2, 3}
    assert all(0 <= start < end <= len(text) for start, end, _ in found.spans)


def test_every_shipped_rule_file_can_be_read():
    for name in LANGUAGES:
        assert len(rules_of(name).harassment) > 20


@pytest.mark.parametrize("source", ["[threat 3]\n(", "stray pattern", "[threat 3]\n+"])
def test_a_wrong_rule_says_where(source):
    with pytest.raises(WrongRule, match="line"):
        parse_rules(source, name="own.txt")


def test_softening_leaves_out_the_sentences_that_abuse():
    text = "荷物が届きません。お前は無能だな。いつ届きますか。"
    start = text.index("お前")
    assert soften(text, [[start, start + 5, "insult"]]) == "荷物が届きません。 […] いつ届きますか。"
    assert soften("You idiot.", [[0, 9, "insult"]]) == "[…]"
