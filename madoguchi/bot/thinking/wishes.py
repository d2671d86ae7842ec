"""What short messages want: a person, yes, no. Rules for five languages; pure.

They stand beside the reading of messages (`understanding`), which knows more ways of asking for a person; a wish for one is never missed
because the reading was late.
"""

import re
import unicodedata

_PERSON = re.compile(
    r"\b(?:human|real person|a person|someone real|live agent|an? agent|representative|operator|supervisor|manager"
    r"|(?:speak|talk) (?:to|with) (?:a|some\w*))\b"
    r"|\b(?:mensch(?:en)?|mitarbeiter(?:in)?|kundenberater(?:in)?|echte(?:n|r)? person|vorgesetzten?|jemand(?:em)? (?:echten|sprechen))\b"
    r"|担当者|担当の(?:人|方)|オペレータ|人間(?:と|に|を|の)|有人(?:対応|チャット)|(?:人|ひと|方)(?:と|に)(?:話|繋|つな|代わ|替わ|かわ)"
    r"|(?:誰か|だれか)(?:と|に|人?おら|出し|人?おる|いませんか|いない)|人(?:に|と)?(?:かわって|代わってん?か|喋|しゃべ)|(?:責任者|上の人|上司)(?:を|に|出|呼)"
    r"|人工|真人|人工客服|真人客服|(?:找|要|转|轉|换|換)(?:个|個)?(?:活人|真人|人|客服)(?:员|員)?",
    re.IGNORECASE,
)
_YES = re.compile(
    r"(?:\b(?:yes|yep|yeah|ok(?:ay)?|thanks?(?: you)?|thank you|that (?:helps|helped|answers it|works)|perfect|great|solved"
    r"|got it|correct|right"
    r"|ja|danke|jawohl|genau|stimmt|passt|super|alles klar|gelöst|vielen dank|hat geholfen)\b"
    r"|はい|ええ|うん|せや|そうです|お願いします|ありがとう(?:ございま(?:す|した))?|おおきに|解決(?:した|しました|です)?|わかりました|分かりました|了解(?:です|しました)?|助かりました"
    r"|是(?:的)?|对|對|好(?:的)?|嗯|可以|谢谢|謝謝|感谢|感謝|明白了|知道了|解决了|解決了|有)"
)
_NO = re.compile(
    r"(?:\b(?:no|nope|not (?:really|yet|helpful|what i (?:meant|asked))|wrong|that (?:does not|doesn'?t|did not|didn'?t) help|incorrect"
    r"|nein|nicht wirklich|noch nicht|falsch|hilft (?:mir )?nicht|das hilft (?:mir )?nicht)\b"
    r"|いいえ|いや|ちゃう|違います|違う|ちがう|解決していません|解決しない|分からない|わからない|あかん"
    r"|不是|不对|不對|不行|没有|沒有|还没有|還沒有|没用|沒用|否)"
)
_FILLERS = re.compile(r"[\s.,!?。、！？…~〜ー・]+")
_SHORT = 40
_CANCEL = re.compile(
    r"(?:cancel|stop|never ?mind|forget it|abbrechen|vergiss es|egal|やめ(?:る|ます|て)|キャンセル|もういい(?:です)?|取消|算了|不用了)"
)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def wants_person(text: str) -> bool:
    """In long messages the words may mean somebody else ("the person who delivered it"), so only short ones count here."""
    plain = _plain(text)
    return len(plain) <= 2 * _SHORT and _PERSON.search(plain) is not None


def says_yes(text: str) -> bool:
    """The whole message is agreement or thanks."""
    return _is_only(text, _YES)


def says_no(text: str) -> bool:
    return _is_only(text, _NO)


def cancels(text: str) -> bool:
    return _is_only(text, _CANCEL)


def _is_only(text: str, words: re.Pattern[str]) -> bool:
    plain = _plain(text)
    if not plain or len(plain) > _SHORT:
        return False
    return not _FILLERS.sub("", words.sub("", plain))


_MAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_PHONE = re.compile(r"\+?\d[\d\s()./-]{6,20}\d")


def contact_in(text: str) -> str:
    """A mail address or a telephone number in the text, as it was written; "" when there is none."""
    plain = unicodedata.normalize("NFKC", text)
    found = _MAIL.search(plain) or _PHONE.search(plain)
    return found.group().strip() if found else ""
