"""The trained reader that is shipped: it loads, reads in every language, says why, and is as good as its card says."""

import time

import pytest

from madoguchi.understanding import shipped
from madoguchi.understanding.readers.reading import Text, read

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reader():
    version = (shipped.SHIPPED / "CURRENT").read_text().strip()
    return shipped.load(version)


@pytest.mark.parametrize(
    ("abuse", "complaint"),
    [
        ("あなたのような無能な人間は、この仕事を辞めたほうが世の中のためですよ。", "三回目の故障です。もう我慢の限界です。責任者から説明してください。"),
        ("You are a pathetic, worthless idiot and I hope you lose your job.", "This is the third broken kettle. I am furious and I want my money back."),
        ("Sie sind doch wirklich zu dumm zum Atmen, Sie armseliges Würstchen.", "Das ist der dritte kaputte Wasserkocher. Ich bin stinksauer und will mein Geld zurück."),
        ("你这种废物也配做客服？滚回你老家去吧。", "这已经是第三次坏了，我非常生气，请马上给我退款！"),
        ("妳這種廢物也配當客服？滾回去啦。", "這已經是第三次壞了，我非常生氣，請馬上退款！"),
    ],
)  # fmt: skip
def test_abuse_is_told_from_anger(reader, abuse, complaint):
    bad, angry = read([Text(abuse), Text(complaint)], reader)
    assert (bad.severity >= 2, angry.severity) == (True, 0)
    assert bad.score > 0.5 > angry.score
    assert bad.labels
    assert bad.needs_person
    assert all(0 <= start < end <= len(abuse) for start, end, _ in bad.spans)
    assert bad.model == reader.version


def test_abuse_at_the_end_of_a_long_letter_is_found(reader):
    letter = "I ordered a kettle in May and it arrived in June. The box was dented and the lid did not close. " * 12
    found = read([Text(letter), Text(letter + "You people are subhuman scum and I hope you all die, you worthless idiots.")], reader)
    assert [one.severity > 0 for one in found] == [False, True]


@pytest.mark.parametrize("text", ["", " ", "?", "\x00", "🙂" * 5000, "a" * 100_000, "漢" * 50_000, "\n" * 9999])
def test_strange_texts_are_read(reader, text):
    [found] = read([Text(text)], reader)
    assert 0 <= found.score <= 1


def test_reading_is_quick_enough_for_a_chat(reader):
    texts = ["Where is my order? I have been waiting for it since last Monday, and nobody calls."] * 5
    read([Text(texts[0])], reader)
    started = time.perf_counter()
    for text in texts:
        read([Text(text)], reader)
    assert (time.perf_counter() - started) / len(texts) < 1, "many times the promise, for busy machines"
