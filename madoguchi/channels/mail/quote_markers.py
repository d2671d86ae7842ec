"""The lines by which mail programs announce a quoted or forwarded mail, in many languages.

Sources: Outlook, Outlook mobile, Gmail, Apple Mail, Thunderbird, Yahoo, Zoho, GMX and WEB.DE, QQ, 163, Foxmail,
Becky!, the mail of Japanese carriers, LINE WORKS. A line is looked at only when its first or last character makes it possible.
"""

import re

from madoguchi.channels.mail.html_text import QUOTE_MARK

# Lines that one announcement may spread over, and how long it may be in all.
_MAX_LINES = 5
_MAX_LENGTH = 600
# How far a block of header lines may reach.
_MAX_BLOCK = 12

# ---- header blocks: label -> field -----------------------------------------------------------------

_LABELS: dict[str, str] = {}
for _field, _words in {
    "from": "from|von|de|da|van|od|от|от кого|fra|från|lähettäjä|gönderen|kimden|feladó|expéditeur|mittente|remitente|remetente|afzender|nadawca|"
    "odesílatel|差出人|送信者|送信元|発信者|发件人|發件人|寄件者|寄件人|发信人|보낸 사람|보낸사람|from name",
    "date": "sent|date|gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|inviato|enviado|enviada|enviada em|enviado el|enviado em|data|fecha|verzonden|"
    "sendt|dato|skickat|lähetetty|päivämäärä|päiväys|wysłano|data wysłania|дата|отправлено|tarih|gönderildi|elküldve|odesláno|送信日時|日時|日付|送信日|"
    "发送时间|发送日期|日期|时间|時間|傳送時間|寄件日期|寄件時間|發送時間|傳送日期|发件时间|보낸 날짜|날짜|message du|sent on|sent at",
    "to": "to|an|à|a|para|aan|til|till|do|кому|vastaanottaja|kime|címzett|destinataire|destinatario|destinatário|komu|宛先|あて先|宛て先|送信先|收件人|收件者|收信人|받는 사람|받는사람",
    "cc": "cc|bcc|kopie|kopie an|kopi|kopia|copie|copie à|copia|cópia|c/c|копия|写し|抄送|副本|副本抄送|密件抄送|密件副本|참조",
    "subject": "subject|betreff|objet|oggetto|asunto|assunto|onderwerp|emne|ämne|aihe|temat|тема|konu|tárgy|předmět|sujet|件名|題名|主题|主題|主旨|标题|標題|제목",
    "other": "reply-to|reply to|antwort an|répondre à|importance|wichtigkeit|priority|priorität|attachments|anlagen|anhang|pièces jointes|返信先|重要度|添付ファイル|附件|答复|回复|回覆",
}.items():
    _LABELS |= dict.fromkeys(_words.split("|"), _field)

_LABEL_LINE = re.compile(r"^[ \t>*_|]*([^\d\W][^:：\n*]{0,24}?)[ \t*_\u00a0]*[:：][ \t*_]*(.*)$")
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"]{1,100}@[^\s<>()\[\]:;,\"]{1,200}")
_ONLY_ADDRESS = re.compile(r"^(?:[^<>@\n]{0,80}[<\[(])?(?:mailto:)?[^\s<>@]{1,100}@[^\s<>@]{1,200}?[>\])]?$")


def label_of(line: str) -> tuple[str, str] | None:
    """The field and value of a line such as `From: ...` or `差出人： ...`; None for other lines."""
    match = _LABEL_LINE.match(line)
    if match is None:
        return None
    name = _LABELS.get(match[1].strip().lower())
    return (name, match[2].strip().rstrip("*").strip()) if name else None


def header_block(lines: list[str], at: int) -> tuple[int, dict[str, str]]:
    """Number of lines and fields of the block that begins at a line; 0 when there is none."""
    first = label_of(lines[at])
    if first is None or first[0] in ("cc", "other"):
        return 0, {}
    fields = {first[0]: first[1]}
    end, last, loose = at + 1, first[0], 0
    for number in range(at + 1, min(at + _MAX_BLOCK, len(lines))):
        line = lines[number]
        found = label_of(line)
        if found is not None:
            fields.setdefault(*found)
            end, last, loose = number + 1, found[0], 0
        elif not line.strip(" \t>"):
            if not (len(fields) < 3 and number + 1 < len(lines) and label_of(lines[number + 1])):
                break
        else:
            loose += 1
            if loose > 2:
                break
            if last in ("from", "to", "cc", "subject") and not fields[last].endswith("\n"):
                fields[last] = f"{fields[last]} {line.strip()}"
    if len(fields) >= 3 or ("from" in fields and len(fields) == 2) or ("date" in fields and "to" in fields):
        return _block_end(lines, at, end), fields
    if first[0] == "from" and _ONLY_ADDRESS.match(first[1]) and (at == 0 or not lines[at - 1].strip(" _\t")):
        return 1, fields
    return 0, {}


def _block_end(lines: list[str], at: int, end: int) -> int:
    """Continuation lines of the last field belong to the block when an empty line follows them."""
    for number in range(end, min(end + 2, len(lines))):
        if not lines[number].strip():
            return number - at
        if len(lines[number]) > 100:
            break
    return end - at


# ---- separators ------------------------------------------------------------------------------------

_ORIGINAL_WORDS = (
    r"original (?:message|e-?mail|mail|appointment)|reply message|replied message|message d'origine|message original|original meddelande|ursprungligt meddelande|"
    r"urspr(?:ü|ue?)ngliche(?:s|r)? (?:nachricht|mail|e-?mail)|original-?nachricht|originalnachricht|antwort nachricht|antwortnachricht|oprindelig (?:meddelelse|besked)|opprinnelig melding|"
    r"alkuperäinen viesti|oorspronkelijk bericht|messaggio originale|mensaje original|mensagem original|wiadomość oryginalna|oryginalna wiadomość|původní zpráva|"
    r"исходное сообщение|оригинальное сообщение|orijinal mesaj|eredeti üzenet|"
    r"元のメッセージ|元のメール|元メール|元の本文|オリジナル ?メッセージ|オリジナルメール|返信元メッセージ|引用元|受信メール|원본 메시지|"
    r"原始邮件(?:信息)?|原始郵件|原始信件|原邮件|原郵件|邮件原件|原文|原信|回复的原邮件|回复的邮件|原始消息|原始訊息"
)
_FORWARD_WORDS = (
    r"forwarded (?:message|by|e-?mail|mail)|begin forwarded message|weitergeleitete (?:nachricht|e-?mail|mail)|anfang der weitergeleiteten (?:nachricht|e-?mail)|"
    r"message transféré|début du message (?:transféré|réexpédié)|message réexpédié|messaggio inoltrato|inizio messaggio inoltrato|mensaje reenviado|inicio del mensaje reenviado|"
    r"mensagem encaminhada|doorgestuurd bericht|begin doorgestuurd bericht|videresendt (?:meddelelse|besked)|videresendt melding|vidarebefordrat (?:meddelande|mejl)|"
    r"välitetty viesti|wiadomość przekazana|przekazana wiadomość|пересылаемое сообщение|пересланное сообщение|iletilen mesaj|"
    r"転送されたメッセージ|転送メッセージ|転送メール|以下、?転送|転送元|"
    r"转发邮件信息|转发的邮件|转发邮件|转发的原邮件|已转发邮件|开始转发的邮件|轉寄(?:的)?郵件|轉寄訊息|轉寄的信件|轉寄信件|已轉寄郵件|開始轉寄郵件|已轉寄的郵件|轉發的郵件|轉發郵件|전달된 메시지"
)
_RULE = "-–—_=*~＝－─━>﹣ \t\u00a0|"
# What stands between the rules; a colon may follow instead of them.
_ORIGINAL = re.compile(rf"(?:{_ORIGINAL_WORDS})(?:[ \t](?:from|von|de|by)\b.{{0,80}})?[ \t]*[:：]?$", re.IGNORECASE)
_FORWARD = re.compile(rf"(?:{_FORWARD_WORDS})(?P<more>.{{0,80}})$", re.IGNORECASE)
_MIN_RULE = 5
# What help desks write above their own mails.
_REPLY_ABOVE = re.compile(
    r"(?:reply|answer|write|type).{0,20} above this line|(?:über|oberhalb) dieser (?:zeile|linie)|この(?:行|線)より上|在此(?:行|线|線)(?:以上|之上|上方)|au.dessus de cette ligne",
    re.IGNORECASE,
)
_SEPARATOR_STARTS = frozenset("#-–—_=*~＝－─━>> \t|")

# ---- attributions: "On ... wrote:" -----------------------------------------------------------------

_MONTH = (
    r"jan|feb|mar|mär|maer|apr|may|mai|maj|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|mars|avr|juin|juil|août|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|"
    r"fev|out|mrt|mei|maj|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu"
)
_DATE = re.compile(
    rf"\d{{1,4}}[./\-]\s?\d{{1,2}}[./\-]\s?\d{{2,4}}|\d{{4}}\s?年\s?\d{{1,2}}\s?月|\d{{1,2}}\s?月\s?\d{{1,2}}\s?日|\b(?:{_MONTH})[a-zäöüéûçа-я]*\.?,?\s?\d{{1,2}}\b|"
    rf"\d{{1,2}}(?:\.|st|nd|rd|th|º)?[ \-](?:de |of )?(?:{_MONTH})[a-zäöüéûçа-я]*",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}\s?[:：.時时]\s?\d{2}|\d{1,2}\s?(?:am|pm|uhr)\b", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)[a-zé]*\b|[周週星][一二三四五六日天]|[月火水木金土日]曜|星期",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^[ \t>*\-–—|]*(?:On|At|Am|Le|El|Il|Op|Den|Em|Le|W dniu|Dnia|På|In data|In een bericht|Il giorno|Il|A|Dne|Vào|Tarihinde|V|В|On the|"
    r"Lør|Søn|Man|Tir|Ons|Tor|Fre|ti|ke|to|pe|la|su|ma|am)[ \t.,]|^[ \t>*\-–—|（(「『]*[在於于]",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"(?:\b(?:wrote|writes|sent|said|replied|schrieb(?:en)?|schreef|geschreven|schrijft|écrit|ecrit|escribió|escribio|escreveu|scritto|scrive|skrev|kirjoitti|"
    r"napisał(?:\(a\)|a|/a)?|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|писал(?:\(а\)|а)?|написал(?:\(а\)|а)?|пишет|yazdı|írta|έγραψε|viết)|"
    r"写道|寫道|写到|寫到|写了|寫了|寫|写|来信|來信|さんは?(?:書きました|書いた)|(?:が|は|に)?書(?:きました|いた|かれました)|のメール|のメッセージ|からのメール|からのメッセージ|さんから|님이 작성)"
    r"[ \t\u00a0]*[>\]）)]?[ \t\u00a0]*(?:[:：]|-{2,}|$)[ \t\u00a0\-*:]*$|\bschrieb\b[^\n]{0,200}[:：]$|\bskrev\b[^\n]{0,200}[:：]$|\bschreef\b[^\n]{0,200}[:：]$|"
    r"\bnapisał(?:\(a\)|a)?\b[^\n]{0,200}[:：]$",
    re.IGNORECASE,
)
_STEMS = (
    "wrote", "writes", "sent", "said", "replied", "schrieb", "schreef", "schrijft", "geschreven", "écrit", "ecrit", "escrib", "escrev", "scritto",
    "scrive", "skrev", "kirjoitti", "napisa", "napsal", "napísal", "писал", "пишет", "yazd", "írta", "έγραψε", "viết", "写", "寫", "来信", "來信",
    "書", "メール", "メッセージ", "さんから", "작성",
)  # fmt: skip
_COLON_ENDS = (":", "：")
_OTHER_ENDS = ("wrote", "--", "写道", "寫道", "-", "napisał", "schrieb", "escribió")
_DATE_ADDRESS = re.compile(r"^\W{0,3}\d{4}[/\-.]\d{1,2}[/\-.]\d{1,2}\s.{0,120}<[^\s<>]+@[^\s<>]+>:?$")
_SHARED = re.compile(
    rf"On (?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? |\d|(?:{_MONTH})[a-z]*\.? ?\d)[^\n]{{3,200}}\bwrote:[ \t]*$", re.IGNORECASE
)


def announcement(lines: list[str], at: int) -> tuple[int, int]:
    """Where the announcement that ENDS at this line begins, and how many lines it has; (at, 0) when there is none.

    A line "On Monday, 20 November, Ann <ann@example.com> wrote:" is often wrapped, so up to four lines before it may belong to it.
    """
    line = lines[at].rstrip(" \t\u00a0")
    if not line.endswith(_COLON_ENDS) and not line.endswith(_OTHER_ENDS):
        return (at, 1) if line[-1:] in (">", ":") and _DATE_ADDRESS.match(line) else (at, 0)
    if len(line) > _MAX_LENGTH or not _may_announce(line):
        return at, 0
    text = line.strip(" \t>")
    for begin in range(at, max(at - _MAX_LINES, -1), -1):
        if begin < at:
            before = lines[begin].strip()
            if not before or before.startswith(">") or len(before) + len(text) > _MAX_LENGTH:
                break
            text = f"{before} {text}"
        if _is_announcement(text, lines, at):
            return _earlier_start(lines, begin, at)
    return at, 0


def _may_announce(line: str) -> bool:
    """A cheap look before the expensive one: an address, a verb of writing, or the tail of a wrapped line."""
    return "@" in line or line.lstrip(" \t>")[:1] in (":", "：", "") or any(stem in line.lower() for stem in _STEMS)


def _is_announcement(text: str, lines: list[str], at: int) -> bool:
    address = _ADDRESS.search(text)
    date = _DATE.search(text) is not None
    if _VERB.search(text):
        opening = _OPENING.match(text) is not None
        if date and (opening or address or _TIME.search(text)):
            return True
        if opening and address:
            return True
        return (opening or bool(address)) and (_quote_follows(lines, at) or bool(_TIME.search(text) and _WEEKDAY.search(text)))
    if not text.endswith(_COLON_ENDS):
        return False
    # Without a verb: "2026年11月20日(金) 14:05 山田 <yamada@example.com>:"
    return bool(address) and date and len(text) < 250 and text.rstrip(":： ")[-1:] in (">", ")", "]", "»", '"', "】")


def _earlier_start(lines: list[str], begin: int, at: int) -> tuple[int, int]:
    """The match may have begun too late: "On ... Name <" stands on the line before "address> wrote:"."""
    if not _OPENING.match(lines[begin]):
        for earlier in range(begin - 1, max(at - _MAX_LINES, -1), -1):
            before = lines[earlier]
            if not before.strip() or before.startswith(">"):
                break
            if (_OPENING.match(before) or _starts_with_date(before)) and (_DATE.search(before) or _WEEKDAY.search(before)):
                return earlier, at - earlier + 1
    return begin, at - begin + 1


def _starts_with_date(line: str) -> bool:
    match = _DATE.search(line)
    return match is not None and match.start() < 12


def _quote_follows(lines: list[str], at: int) -> bool:
    for line in lines[at + 1 : at + 4]:
        if line.strip():
            return line.lstrip().startswith((">", "|", "＞"))
    return False


def separator(lines: list[str], at: int) -> tuple[int, bool]:
    """How many lines a separator that begins here takes, and whether it announces a forwarded mail."""
    line = lines[at]
    if line[:1] not in _SEPARATOR_STARTS and line[-1:] not in _COLON_ENDS:
        return 0, False
    if len(line) > 200:
        return 0, False
    core = line.strip(_RULE)
    if core:
        if _REPLY_ABOVE.search(core):
            return 1, False
        return _worded_separator(line, core)
    if sum(character in _RULE and character not in "> \t" for character in line) >= _MIN_RULE or line.strip() == "====":
        for number in range(at + 1, min(at + 4, len(lines))):
            if lines[number].strip():
                size = header_block(lines, number)[0]
                if not size and lines[number].lstrip().startswith(">") and line.lstrip().startswith("_"):
                    return 0, False
                return (number - at + size, False) if size else (0, False)
    return 0, False


def _worded_separator(line: str, core: str) -> tuple[int, bool]:
    ruled = not line.lstrip("> \t").startswith(core[0])
    if not ruled and core[-1:] not in _COLON_ENDS:
        return 0, False
    if _ORIGINAL.match(core):
        return 1, False
    forward = _FORWARD.match(core)
    if forward and (ruled or not forward["more"].strip(" \t:：")):
        return 1, True
    return 0, False


def shared_line(line: str) -> tuple[str, str] | None:
    """A reply and an announcement that stand on one line, cut in two."""
    if not line.endswith(":") or "rote" not in line or len(line) > _MAX_LENGTH:
        return None
    at = line.find(" On ") + 1 or line.find("-On ") + 1
    reply = line[:at].rstrip(" \t-")
    return (reply, line[len(reply) :]) if reply.strip(" \t>-") and _SHARED.match(line, at) else None


def marked(line: str) -> bool:
    """The sender's program marked this line in its HTML as the start of the quote."""
    return QUOTE_MARK in line
