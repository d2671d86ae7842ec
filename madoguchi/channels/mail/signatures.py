"""Where the signature of a reply begins: delimiters, closings, device lines and contact boxes, in many languages."""

import re

# A closing or a rule starts a signature only when at most this many short lines follow.
_MAX_LINES = 14
_MAX_WIDTH = 110
# A stretch of words after the signature that is longer than this is no signature any more.
_MAX_DEVICE_REST = 3

_DELIMITER = re.compile(r"^-- ?$|^--\u00a0$|^__ ?$|^—— ?$")
_RULE = re.compile(r"^[ \t　]*[-–—_=*~＝－─━＊◆◇☆★■□●○+＋/／∞♪…・.:;|<>^'\"`\\]{3,}[ \t　]*$")
_BLANK_WORDS = r"[ \t,，、.。!！~～\-–]*$"

_CLOSING = re.compile(
    r"^[ \t　]*(?:"
    # English
    r"(?:(?:with )?(?:my |our |the )?(?:best|kind|kindest|warm|warmest|many|sincere|friendly|cordial)(?: and (?:kind|warm))? (?:regards|wishes|greetings|thanks)(?: and (?:best|kind) regards)?)|"
    r"regards|best|rgds|brgds|br|kr|cheers|(?:yours )?(?:sincerely|faithfully|truly|respectfully)(?: yours)?|yours|respectfully|all the best|take care|cordially|warmly|"
    r"thanks?(?: (?:and|&) (?:best |kind |warm )?regards)|"
    # German
    r"(?:mit )?(?:vielen |den )?(?:freundlich|best|herzlich|lieb|viel|schön|sonnig|nett)(?:e|en|em|er|ste|sten|stem)?(?: und (?:freundliche|beste|viele|liebe)n?)? (?:grüße?n?|grüsse?n?|gruß|gruss|gruesse?n?)(?: (?:aus|von) [^\n]{1,40})?|"
    r"gr(?:ü|ue?)(?:ß|ss)e|gru(?:ß|ss)|mfg|m\.f\.g\.|vg|lg|bg|hochachtungsvoll|mit vorzüglicher hochachtung|(?:vielen )?dank(?:e)? und (?:(?:freundliche|beste|viele|liebe|schöne)n? )?gr(?:ü|ue?)(?:ß|ss)e|"
    # French, Spanish, Portuguese, Italian, Dutch, Nordic, Polish, Russian
    r"(?:bien )?cordialement|bien à vous|salutations(?: distinguées)?|meilleures salutations|sincères salutations|"
    r"(?:un )?(?:cordial saludo|saludos?(?: cordiales)?)|atentamente|atenciosamente|cumprimentos|melhores cumprimentos|att|abraços|"
    r"(?:cordiali|distinti) saluti|saluti|(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg|"
    r"(?:med )?(?:venlig|vennlig|vänlig|vänliga|bästa|de bedste|bedste|mange|kærlig|kærlige) (?:hilsen|hilsener|hälsning(?:ar)?)|hilsen|hälsningar|mvh|vh|kh|ystävällisin terveisin|terveisin|"
    r"pozdrawiam|z pozdrowieniami|z powa(?:ż|z)aniem|с уважением|с наилучшими пожеланиями|s pozdravem|üdvözlettel|saygılarımla|"
    # Japanese, Chinese
    r"以上|敬具|早々|草々|かしこ|此致[ 　]*(?:敬礼|敬禮)?|敬礼|敬禮|敬上|谨启|謹啟|谨上|謹上|(?:顺|順|敬|谨|謹|恭)(?:祝|颂|頌)[^\n]{0,8}|(?:祝|即颂|即頌)(?:好|商祺|商安|安好|安|顺利|順利|工作(?:顺利|愉快)|您?(?:生活|工作)愉快|生意兴隆|生意興隆|一切顺利|一切順利)|祝您?(?:愉快|顺心|順心)|此致"
    r")" + _BLANK_WORDS,
    re.IGNORECASE,
)
# Believed only with a name on the next line, because they also end an ordinary message.
_THANKS = re.compile(
    r"^[ \t　]*(?:(?:many |with )?thanks?(?: you)?(?: (?:so|very) much| a lot| again| in advance)?|thx|tia|ty|danke(?: schön| im voraus)?|vielen dank(?: im voraus)?|besten dank|"
    r"merci(?: d'avance)?|gracias|grazie|obrigad[oa]|tack|tak|谢谢|謝謝|多谢|多謝|感谢|感謝)" + _BLANK_WORDS,
    re.IGNORECASE,
)
# A closing with the name on the same line.
_CLOSING_NAME = re.compile(
    r"^[ \t]*(?:(?:best |kind |warm )?regards|cheers|thanks|mfg|vg|lg|(?:viele|beste|liebe|freundliche) grüße|gruß|cordialement|saludos|mvh|med venlig hilsen|祝好)[,，!\- ]+"
    r"(?:\w[\w.'\-]*)(?: \w[\w.'\-]*){0,2}[ \t]*$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^[ \t>*_\[(]*(?:"
    r"sent (?:from|via|with|by|using) (?:my |the )?(?!desk\b|a\b|our\b)[^\n,.!?]{1,60}(?:\.? ?\(?<?https?://\S+)?|sent from (?:yahoo mail|mail|outlook|gmail|samsung|proton ?mail)[^\n]{0,80}|get outlook for [^\n]{1,80}|"
    r"get \[?bluemail[^\n]{0,60}|download outlook[^\n]{0,60}|sent with proton ?mail[^\n]{0,40}|"
    r"gesendet (?:von|mit|über|aus|vom) [^\n]{1,80}|von (?:meinem|mein) [^\n]{1,60}(?:gesendet|verschickt)\.?|von (?:samsung|huawei|outlook|yahoo)[^\n]{0,40} gesendet|diese (?:nachricht|e-?mail) wurde (?:von|mit) [^\n]{1,80} gesendet\.?|holen sie sich outlook[^\n]{0,60}|outlook für (?:ios|android)[^\n]{0,60}|"
    r"envoyé (?:de|depuis|à partir de|via) [^\n]{1,60}|télécharger outlook[^\n]{0,60}|obtenir outlook[^\n]{0,60}|enviado (?:desde|do|a partir do|de) [^\n]{1,60}|obtener outlook[^\n]{0,60}|obter o outlook[^\n]{0,60}|inviato d(?:a|al|all')[^\n]{1,60}|scarica outlook[^\n]{0,60}|"
    r"verzonden (?:vanaf|met|vanuit) [^\n]{1,60}|sendt fra [^\n]{1,60}|skickat från [^\n]{1,60}|hämta outlook[^\n]{0,60}|hent outlook[^\n]{0,60}|lähetetty [^\n]{1,60}|wysłan[eoy] z [^\n]{1,60}|отправлено (?:с|из) [^\n]{1,60}|"
    r"(?:私の)?[^\n、。]{0,40}(?:から送信(?:されました|しました)?|より送信)。?|outlook for (?:ios|android|mac) を入手[^\n]{0,60}|[^\n]{0,30}(?:iPhone|iPad|Android|docomo|スマートフォン|スマホ)(?:から|より)の?(?:送信|メール)[^\n]{0,10}|"
    r"(?:发自|來自|来自|發自|從|从|由)(?:我的)?[^\n，。]{1,40}(?:发送|發送|傳送|寄出)?|(?:获取|取得|下載|下载) ?outlook[^\n]{0,60}|(?:使用|通过|透過)[^\n，。]{1,30}(?:发送|發送|傳送)"
    r")[ \t*_\])]*$",
    re.IGNORECASE,
)
_DEVICE_STARTS = (
    "sent ",
    "get ",
    "gesendet ",
    "von ",
    "diese ",
    "holen ",
    "outlook ",
    "envoy",
    "télécharger",
    "obtenir",
    "enviado",
    "obtener",
    "obter ",
    "inviato ",
    "scarica ",
    "verzonden ",
    "sendt ",
    "skickat ",
    "hämta ",
    "hent ",
    "lähetetty ",
    "wysłan",
    "отправлено",
    "发自",
    "來自",
    "来自",
    "發自",
    "從",
    "从",
    "由",
    "获取",
    "取得",
    "下載",
    "下载",
    "使用",
    "通过",
    "透過",
    "download ",
)
_DEVICE_ENDS = ("送信", "送信。", "送信されました", "送信しました", "メール", "から", "より", "入手")
_KNOWN_DEVICE = re.compile(
    r"iphone|ipad|android|outlook|mail|samsung|galaxy|blackberry|huawei|xiaomi|小米|华为|華為|手机|手機|phone|mobile|handy|smartphone|スマホ|スマート|tablet|app|wiko|nokia|pixel|windows|proton|yahoo|qq|foxmail|docomo|device|gerät|portable|móvil|telefon|телефон",
    re.IGNORECASE,
)
_HYPHEN_NAME = re.compile(r"^[ \t]*[-–—~/][ \t]?[^\W\d_][\w.'\-]*(?: [^\W\d_][\w.'\-]*){0,2}[ \t]*$")
_CONTACT = re.compile(
    r"\b(?:tel|fax|mobile?|phone|mob|cell|telefon|telefax|handy|www\.|e-?mail)\b|https?://|@[\w.\-]+\.\w|〒|株式会社|有限会社|合同会社|(?:電話|携帯|ＴＥＬ|ＦＡＸ|メール|住所|内線)|电话|電話|手机|手機|传真|傳真|地址|有限公司|"
    r"\+\d[\d \-/()]{6,}|\d{2,4}-\d{2,4}-\d{3,4}|GmbH|Inc\.|Ltd|mailing list|unsubscribe",
    re.IGNORECASE,
)
_POLITE_END = re.compile(
    r"(?:お願い(?:いた|致)?(?:します|申し上げます)|お願いします|失礼(?:いた|致)?します|以上です|ありがとうございます|ありがとうございました|待ちしております|谢谢|謝謝|感谢|感謝|thanks|thank you|danke|vielen dank)[。.!！、 　]*$",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"株式会社|有限会社|合同会社|有限公司|GmbH|\bAG\b|Inc\b|\bLtd\b|\bLLC\b|\bCo\.", re.IGNORECASE)
_ANNOUNCES_DATA = re.compile(
    r"[:：]\s*$|address|adresse|anschrift|住所|宛先|地址|届け先|収件|contact|kontakt|連絡先|联系|聯絡|as follows|以下|如下|folgend",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？]|。.*。")


_DISCLAIMER = re.compile(
    r"^[ \t*_\-\[(【※]*(?:disclaimer|notice: +this (?:e-?mail|message|communication)|confidentiality (?:notice|note)|confidential(?:ity)?:|legal notice|privileged and confidential|important notice|"
    r"(?:this|the information (?:contained )?in this|the contents of this) (?:e-?mail|message|communication|transmission)\b[^\n]{0,120}\b(?:confidential|intended|privileged|scanned)|"
    r"the information (?:contained |transmitted )?in this (?:e-?mail|communication|message)|"
    r"(?:diese|der inhalt dieser) (?:e-?mail|nachricht|mail)\b[^\n]{0,120}(?:vertraulich|bestimmt)|haftungsausschluss|hinweis zur vertraulichkeit|"
    r"ce (?:message|courriel)[^\n]{0,80}confidentiel|este (?:mensaje|correo)[^\n]{0,80}confidencial|"
    r"(?:この|本)(?:電子)?メール[^\n]{0,60}(?:機密|秘密|宛先|名宛)|本(?:邮件|郵件|信件)[^\n]{0,40}(?:保密|机密|機密)|此(?:邮件|郵件|電郵)[^\n]{0,40}(?:保密|机密|機密))",
    re.IGNORECASE,
)


def signature_start(lines: list[str], sender: str = "") -> int:
    """Index of the first line of the signature; the number of lines when there is none. `sender`: the name in From."""
    size = len(lines)
    last = size
    while last and not lines[last - 1].strip():
        last -= 1
    first = 0
    while first < last and not lines[first].strip():
        first += 1
    if first >= last:
        return size
    end = last
    for finder in (_by_disclaimer, _by_delimiter, _by_rule, _by_closing, _by_device, _by_contact):
        last = _trimmed(lines, first, finder(lines, first, last))
    if sender:
        last = _trimmed(lines, first, _by_sender(lines, first, last, sender))
    last = _by_name(lines, first, last)
    return size if last >= end else last


def _trimmed(lines: list[str], first: int, last: int) -> int:
    """The search goes on above what was found."""
    while last > first and not lines[last - 1].strip():
        last -= 1
    return last


def _by_disclaimer(lines: list[str], first: int, last: int) -> int:
    for number in range(first + 1, last):
        line = lines[number]
        if len(line) > 9 and _DISCLAIMER.match(line):
            return number
    return last


def _by_sender(lines: list[str], first: int, last: int, sender: str) -> int:
    """The sender's own name on a line of its own near the end."""
    names = {name for name in (sender, *sender.split()[:1], *sender.split()[-1:]) if len(name) > 1}
    names = {"".join(name.casefold().split()) for name in names}
    for number in range(max(first + 1, last - _MAX_LINES), last):
        line = lines[number]
        if (
            len(line) <= 60
            and "".join(line.casefold().split()).strip(",.-–—*_") in names
            and _short(lines[number + 1 : last])
            and not any(_QUESTION.search(text) for text in lines[number + 1 : last])
        ):
            return number
    return last


def _by_delimiter(lines: list[str], first: int, last: int) -> int:
    for number in range(last - 1, first - 1, -1):
        if lines[number].startswith(("--", "__", "——")) and _DELIMITER.match(lines[number]):
            rest = lines[number + 1 : last]
            if lines[number] == "-- " or _short(rest):
                return number
    return last


def _short(rest: list[str]) -> bool:
    used = [line for line in rest if line.strip()]
    return len(used) <= _MAX_LINES and all(len(line) <= _MAX_WIDTH for line in used)


def _by_rule(lines: list[str], first: int, last: int) -> int:
    """A line of dashes or stars above a name and an address: the usual signature of Japan."""
    begin, used = last, 0
    while begin > first and used <= _MAX_LINES + 2:
        begin -= 1
        used += bool(lines[begin].strip())
    for number in range(begin, last):
        line = lines[number]
        if not line.strip() or not _RULE.match(line):
            continue
        if number > first and lines[number - 1].strip() and lines[number - 1].isascii() and not line.lstrip().startswith("_"):
            continue  # a line under a heading or between the rows of a table
        rest = [text for text in lines[number + 1 : last] if text.strip() and not _RULE.match(text)]
        if not rest:
            return number if number > first else last
        if _short(rest) and any(_CONTACT.search(text) for text in rest) and not any(_QUESTION.search(text) for text in rest[:3]):
            return number
    return last


def _by_closing(lines: list[str], first: int, last: int) -> int:
    for number in range(max(first, last - _MAX_LINES), last):
        line = lines[number]
        if len(line) > 70 or not line.strip():
            continue
        rest = lines[number + 1 : last]
        if _CLOSING.match(line):
            if _short(rest) and not any(_QUESTION.search(text) for text in rest):
                return number
        elif _THANKS.match(line):
            used = [text for text in rest if text.strip()]
            if used and _looks_like_name(used[0]) and _short(rest) and not any(_QUESTION.search(text) for text in rest) and number > first:
                return number
        elif number > first and _CLOSING_NAME.match(line) and _short(rest) and not any(_QUESTION.search(text) for text in rest):
            return number
    return last


def _looks_like_name(line: str) -> bool:
    words = line.strip(" ,.-–*_").split()
    return (
        0 < len(words) <= 4
        and len(line.strip()) <= 40
        and not any(c in line for c in ":;!?。！？")
        and (words[0][:1].isupper() or not words[0].isascii())
    )


def _by_device(lines: list[str], first: int, last: int) -> int:
    for number in range(first, last):
        line = lines[number].strip(" \t>*_[]()").lower()
        if (
            6 <= len(line) <= 160
            and (line.startswith(_DEVICE_STARTS) or line.endswith(_DEVICE_ENDS))
            and _is_device(lines[number])
            and (number == 0 or not lines[number - 1].strip() or number > last - 3 or _DELIMITER.match(lines[number - 1]))
        ):
            return number
    return last


def _is_device(line: str) -> bool:
    return _DEVICE.match(line) is not None and (
        _KNOWN_DEVICE.search(line) is not None or line.strip().lower().startswith(("sent from my ", "gesendet von mein", "envoyé de mon"))
    )


def _by_name(lines: list[str], first: int, last: int) -> int:
    """A last line such as "-Abhishek" that is no item of a list."""
    if not last or last - first < 2:
        return last
    line = lines[last - 1]
    if not _HYPHEN_NAME.match(line) or not line.strip("-–—~/ \t")[:1].isupper():
        return last
    before = [text for text in lines[max(first, last - 4) : last - 1] if text.strip()]
    if before and (_HYPHEN_NAME.match(before[-1]) or before[-1].lstrip().startswith(("-", "*", "•"))):
        return last
    return last - 1 if not lines[last - 2].strip() or line.lstrip().startswith("/") else last


def _by_contact(lines: list[str], first: int, last: int) -> int:
    """Name, company and telephone after a polite last sentence, without any delimiter."""
    begin = last
    while begin > first and lines[begin - 1].strip():
        begin -= 1
    block = lines[begin:last]
    if begin <= first or len(block) > 10 or any(len(text) > 60 for text in block):
        return last
    if sum(bool(_CONTACT.search(text)) for text in block) < 2 or any(_QUESTION.search(text) for text in block):
        return last
    before = begin - 1
    while before > first and not lines[before].strip():
        before -= 1
    if _POLITE_END.search(lines[before]):
        return begin
    # Without a polite end a company must be named, and the lines must not be what the message speaks of.
    named = any(_COMPANY.search(text) for text in block) and _looks_like_name(block[0])
    return begin if named and not _ANNOUNCES_DATA.search(lines[before]) else last
