"""What the writer reports of others is not what the writer says. Pure; works on folded text.

A quotation counts as reported when it stands in quotation marks and a verb of saying with somebody else as speaker is near it, or
when a mail program marks the line as quoted (`>`).
"""

import re

Span = tuple[int, int]

_QUOTED = re.compile(
    '「[^「」]{1,400}」|『[^『』]{1,400}』|“[^“”]{1,400}”|„[^„“”"]{1,400}[“”"]|"[^"\n]{1,400}"|»[^»«]{1,400}«|«[^»«]{1,400}»|‘[^‘’]{2,400}’'
)
_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_BEFORE = 60
_AFTER = 40

_SAID_AFTER = re.compile(
    r"""
    ^[\s。、,.]*(?:って|と|とか|などと|だと|なんて|とまで|とも)[\s、]*(?:\S{0,12})?
        (?:言われ|言って(?:き|い)|言い放|いわれ|怒鳴られ|書かれ|脅され|罵られ|吐き捨て|言うんです|言った(?!だろ)
        |書いてあ|書き込ま|送られて
        |来た|来まし|届い
        |留守電|言いまし|電話)
    |^[\s,，。.]*(?:这|這|就|之类|之類)?\S{0,6}(?:他说|她说|他說|她說|对我说|對我說|骂我|罵我|威胁我|威脅我|跟我说|跟我說|是他|是她)
    |^[\s,.]*(?:he|she|they|it|the\ (?:driver|caller|seller|man|woman|scammer|message|mail|voice|neighbou?r|other\ customer)
        |your\ (?:driver|colleague|agent|courier|technician|staff|employee))\b.{0,20}
        \b(?:said|says|wrote|shouted|yelled|texted|told|screamed|threatened)
    |^[\s,.]*(?:sagte|schrieb|meinte|brüllte|rief|hat\ (?:er|sie|man|mir)|stand\ (?:in|da|auf)|wurde\ (?:mir|ich)
        |hieß\ es|so\ (?:der|die|ihr))
    """,
    re.VERBOSE,
)
_SAID_BEFORE = re.compile(
    r"""
    (?:から|に|が|は)[\s、]*(?:\S{0,14})?$
    |(?:他|她|对方|對方|骗子|騙子|有人|快递员|外送員|邻居|鄰居|店员|店員|客服|司机|司機|师傅|師傅|短信|簡訊|邮件|郵件)\S{0,16}
        (?:说|說|骂|罵|威胁|威脅|写|寫|喊|发|發|吼|回|留言)\S{0,6}[:：,，\ ]*$
    |\b(?:said|says|saying|wrote|writes|writing|shouted|yelled|texted|told\ me|called\ me|screamed|threatened|messages?|text
        |voicemail|reads|read|reading|email|mail|comment|wrote\ back)\b[^.!?]{0,25}[:,\ ]*$
    |\b(?:sagte|schrieb|schreibt|meinte|brüllte|rief|nannte|(?:ge)?droht(?:e)?|nachricht|mail|sms|anrufer|text|betreff|steht|stand|beschimpft
        |beleidigt|hieß|gesagt|geschrieben|zugerufen|gebrüllt)\b[^.!?]{0,30}[:,\ ]*$
    """,
    re.VERBOSE,
)
_OWN_WORDS = re.compile(
    r"""
    (?:私|俺|僕|わし|うち|こっち)(?:は|が|も)\S{0,4}$
    |\b(?:i|we)(?:\ have|'ve|'ll|\ will)?\ (?:said|say|told|wrote|tell)\b[^.!?]{0,20}$
    |\bich\ (?:sage|sagte|schreibe|habe)\b[^.!?]{0,25}$
    |我(?:就)?(?:说|說|告诉|告訴)\S{0,6}$
    """,
    re.VERBOSE,
)


def reported(text: str) -> list[Span]:
    """Stretches of folded text that hold somebody else's words."""
    spans: list[Span] = [found.span() for found in _LINE.finditer(text)]
    for found in _QUOTED.finditer(text):
        before, after = text[max(0, found.start() - _BEFORE) : found.start()], text[found.end() : found.end() + _AFTER]
        if _OWN_WORDS.search(before):
            continue
        if _SAID_AFTER.search(after) or _SAID_BEFORE.search(before):
            spans.append(found.span())
    return spans


def without_reported(text: str, spans: list[Span]) -> str:
    """The text with the words of others blanked out, every character at its place."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
