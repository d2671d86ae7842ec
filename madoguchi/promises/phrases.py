"""The words in which people promise something, per language: what is promised, what only looks like it, and until when. Data only.

`COMMITS`: a sentence that takes something upon us. `DENIES`: a sentence that refuses, asks or makes conditions. `STARTS`: what a sentence
may end with. Times of day are minutes after midnight, in the reader's sense of the word.
"""

END_OF_DAY = 18 * 60

COMMITS = {
    "en": (
        r"\b(?:we|i)(?:'ll|’ll| will| shall|'re going to| are going to|'m going to| am going to)\b(?! (?:need|have to|not)\b)[^?!]*?\b(?:call|ring|phone|"
        r"reply|answer|write|e-?mail|get back|send|ship|dispatch|refund|replace|exchange|contact|let you know|update|inform|confirm|check|follow up|"
        r"be in touch|keep you (?:updated|informed|posted)|arrange|return|come back|forward|pay|credit|deliver|repair|fix|look into|investigate|provide|issue|post)\b",
        r"\byou(?:'ll|’ll| will)\b[^?!]*?\b(?:receive|hear from|get (?:a|an|the|your)|be (?:contacted|called|refunded|reimbursed))\b",
        r"\b(?:refund|replacement|parcel|order|technician|colleague|credit|payment|invoice|engineer|supervisor)\b[^?!]*?(?:'ll|’ll| will)\b[^?!]*?"
        r"\b(?:arrive|be (?:sent|shipped|refunded|delivered|replaced|processed|credited|with you)|call|contact|come|visit|reach)\b",
    ),
    "de": (
        r"\b(?:wir|ich)\b[^?!]*\bwerden?\b[^?!]*\b(?:melden|anrufen|zurückrufen|antworten|schreiben|schicken|senden|zusenden|versenden|erstatten|"
        r"ersetzen|umtauschen|informieren|mitteilen|bestätigen|prüfen|klären|überweisen|liefern|reparieren|kontaktieren|veranlassen|nachreichen)\b",
        r"\b(?:werden|werde)\b[^?!]*\b(?:wir|ich)\b[^?!]*\b(?:melden|anrufen|zurückrufen|antworten|schicken|senden|erstatten|ersetzen|informieren|"
        r"mitteilen|prüfen|klären|überweisen|liefern|kontaktieren)\b",
        r"\b(?:melden?|rufen?|schicken?|senden?|erstatten?|überweisen?|informieren?|antworten?|liefern?|prüfen?|klären?)\b[^?!]*\b(?:wir|ich)\b",
        r"\b(?:wir|ich)\b[^?!]*\b(?:melden?|rufen?|schicken?|senden?|erstatten?|überweisen?|informieren?|antworten?|liefern?|prüfen?|klären?)\b",
        r"\bSie (?:erhalten|bekommen|hören)\b[^?!]*\b(?:von uns|Erstattung|Antwort|Rückruf|Ersatz|Gutschrift|Rückmeldung|Paket|Anruf|Mail)\b",
        r"\b(?:Rückruf|Erstattung|Betrag|Paket|Ersatz|Kollegin|Kollege|Techniker|Technikerin|Gutschrift|Sendung)\b[^?!]*\b(?:wird|kommt|meldet|ruft|geht)\b",
    ),
    "ja": (
        r"(?:連絡|電話|返信|回答|発送|返金|交換|手配|確認|お届け|案内|報告|折り返し|送付|お送り|対応|調査|修理|返答|お返事|郵送|お持ち|訪問|ご用意|入金|振り?込)"
        r"[^。？?]*?(?:いたします|致します|します|差し上げます|さしあげます|させていただきます|させて頂きます|申し上げます|お送りします|お届けします|入れます)",
    ),
    "zh": (
        r"(?:我们|我們|我|本公司|同事|客服|专员|專員|工程师|工程師|技师|技師|师傅)[^。？?！!]*?(?:会|會|将|將|就|立即|马上|馬上)[^。？?！!]*?(?:回复|回覆|回復|答复|答覆|联系|聯繫|聯絡|"
        r"联络|回电|回電|致电|致電|打电话|打電話|发货|發貨|出貨|寄|退款|退还|退還|更换|更換|换货|換貨|处理|處理|通知|告知|更新|跟进|跟進|安排|确认|確認|查|上门|到府|维修|維修|补发|補發|转账|匯款)",
        r"(?:您|你)(?:会|會|将|將)[^。？?！!]*?(?:收到|得到|接到)",
        r"(?:退款|换货|換貨|包裹|补发|補發|款项|款項|货品|貨品|商品)[^。？?！!]*?(?:会|會|将|將)[^。？?！!]*?(?:到账|入账|入帳|寄出|发出|發出|送达|送達|到达|到達|退回)",
    ),
}  # fmt: skip
DENIES = {
    "en": r"\b(?:will not|won'?t|won’t|cannot|can'?t|unable|would|could|should you|if you|please let us know if|unless)\b",
    "de": r"\b(?:nicht|kein\w*|könnten|würden|falls|sofern|wenn Sie|leider)\b",
    "ja": r"(?:できません|出来ません|いたしかね|致しかね|しかねます|ません|でしょうか|場合は|場合には|ましたら|いただければ|であれば|今回は確認いたしました)",
    "zh": r"(?:不会|不會|无法|無法|不能|如果|若您|如您|吗|嗎|是否|除非)",
}
PAST = {
    "en": r"\b(?:have|has|had) (?:already )?(?:been )?(?:sent|called|refunded|shipped|answered)\b",
    "de": r"\b(?:haben|hat|wurde|wurden|bereits|gestern)\b",
    "ja": r"(?:いたしました|致しました|しました|済み|いたしております|ております)",
    "zh": r"(?:已经|已經|已于|已於|昨天)",
}

DAYS = {
    "en": {r"\bday after tomorrow\b": 2, r"\btomorrow\b": 1, r"\btoday\b|\bthis (?:morning|afternoon|evening)\b|\btonight\b": 0},
    "de": {r"\bübermorgen\b": 2, r"\bmorgen\b": 1, r"\bheute\b": 0},
    "ja": {r"明後日|あさって": 2, r"明日|あす|翌日": 1, r"本日|今日|当日": 0},
    "zh": {r"后天|後天": 2, r"明天|明日|次日|第二天": 1, r"今天|今日|当天|當天": 0},
}
WEEKDAYS = {
    "en": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "de": ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag|sonnabend", "sonntag"),
    "ja": ("月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜"),
    "zh": (
        "(?:周|週|星期|礼拜|禮拜)一", "(?:周|週|星期|礼拜|禮拜)二", "(?:周|週|星期|礼拜|禮拜)三", "(?:周|週|星期|礼拜|禮拜)四",
        "(?:周|週|星期|礼拜|禮拜)五", "(?:周|週|星期|礼拜|禮拜)六", "(?:周|週|星期|礼拜|禮拜)(?:日|天)",
    ),
}  # fmt: skip
NEXT_WEEK = {
    "en": r"\bnext week\b|\bnext (?=\w+day\b)",
    "de": r"\bnächste[rn]? woche\b",
    "ja": r"来週|翌週",
    "zh": r"下(?:个|個)?(?=周|週|星期|礼拜|禮拜)",
}
THIS_WEEK = {
    "en": r"\b(?:this week|end of the week)\b",
    "de": r"\b(?:diese[rn]? woche|ende der woche)\b",
    "ja": r"今週中|今週末",
    "zh": r"(?:本周|本週|这周|這週|这星期|這星期)(?:内|內)?",
}
PARTS = {
    "en": {
        r"\b(?:noon|midday)\b": 720,
        r"\bmorning\b": 720,
        r"\bafternoon\b": END_OF_DAY,
        r"\b(?:evening|tonight)\b": 1260,
        r"\bend of (?:the )?(?:business )?day\b": END_OF_DAY,
    },
    "de": {r"\b(?:mittags?|mittag)\b": 720, r"\b(?:vormittags?|früh)\b": 720, r"\bnachmittags?\b": END_OF_DAY, r"\babends?\b": 1260},
    "ja": {r"正午|お昼": 720, r"午前中|午前": 720, r"午後|夕方": END_OF_DAY, r"夜": 1260},
    "zh": {r"中午|正午": 720, r"上午|早上": 720, r"下午|傍晚": END_OF_DAY, r"晚上|今晚": 1260},
}
CLOCKS = {
    "en": r"\b(?:at|by|before|until|around)\s+(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?",
    "de": r"\b(?:um|bis|vor|gegen)\s+(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s*uhr",
    "ja": r"(?P<half>午前|午後)?\s*(?P<h>\d{1,2})(?:時(?:(?P<m>\d{1,2})分)?|[:：](?P<m2>\d{2}))",
    "zh": r"(?P<half>上午|早上|中午|下午|晚上)?\s*(?P<h>\d{1,2})(?:[点點時时](?:(?P<m>\d{1,2})分)?|[:：](?P<m2>\d{2}))",
}
SPANS = {
    "en": r"\b(?:within|in)\s+(?:the next\s+)?(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|ten)\s+(?P<work>business |working )?(?P<unit>minute|hour|day|week)s?\b",
    "de": r"\b(?:innerhalb(?: von)?|binnen|in(?: den nächsten)?)\s+(?P<n>\d{1,3}|eine[rsmn]?|zwei|drei|vier|fünf|sechs|sieben|zehn)\s+(?P<unit>minute|stunde|werktag|arbeitstag|tag|woche)\w*\b",
    "ja": r"(?P<n>\d{1,3}|[一二三四五六七十])\s*(?P<unit>分|時間|営業日|日|週間)(?:以内|後|ほど)",
    "zh": r"(?P<n>\d{1,3}|[一二两兩三四五六七十])\s*(?:个|個)?(?P<unit>分钟|分鐘|小时|小時|工作日|工作天|营业日|營業日|天|日|周|週|星期)(?:之内|之內|以内|以內|内|內|后|後)",
}
UNITS = {
    "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks", "stunde": "hours", "tag": "days", "woche": "weeks", "werktag": "work days",
    "arbeitstag": "work days", "分": "minutes", "時間": "hours", "日": "days", "営業日": "work days", "週間": "weeks", "分钟": "minutes", "分鐘": "minutes",
    "小时": "hours", "小時": "hours", "天": "days", "工作日": "work days", "工作天": "work days", "营业日": "work days", "營業日": "work days",
    "周": "weeks", "週": "weeks", "星期": "weeks",
}  # fmt: skip
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10,
    "eine": 1, "einer": 1, "eines": 1, "einem": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "zehn": 10,
    "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "十": 10,
}  # fmt: skip
DATES = {
    "en": r"\b(?:(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>january|february|march|april|may|june|july|august|september|october|november|december)"
    r"|(?P<month2>january|february|march|april|may|june|july|august|september|october|november|december)\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?)\b",
    "de": r"\b(?P<d>\d{1,2})\.\s*(?:(?P<month>januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)|(?P<m>\d{1,2})\.)",
    "ja": r"(?P<m>\d{1,2})月(?P<d>\d{1,2})日",
    "zh": r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号號]",
}
MONTHS = {
    name: number
    for names in (
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"),
        ("januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"),
    )
    for number, name in enumerate(names, 1)
}  # fmt: skip
