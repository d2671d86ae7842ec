"""What customers read in the mail that asks whether all is well, in five languages. Pure."""

from html import escape

GREETING = {"en": "Dear {name},", "ja": "{name} 様", "zh-hans": "{name}，您好！", "zh-hant": "{name} 您好：", "de": "Guten Tag {name},"}
NAMELESS = {"en": "Hello,", "ja": "お客様", "zh-hans": "您好！", "zh-hant": "您好：", "de": "Guten Tag,"}
ASK = {
    "en": "On {date} we dealt with your request {number}. Is everything in order now?",
    "ja": "{date}に対応いたしました件（受付番号{number}）につきまして、その後いかがでしょうか。",
    "zh-hans": "{date}为您处理的问题（受理编号{number}），现在是否已经完全解决？",
    "zh-hant": "{date}為您處理的案件（案件編號{number}），後續都還順利嗎？",
    "de": "Am {date} haben wir Ihre Anfrage {number} bearbeitet. Ist damit alles in Ordnung?",
}
YES = {
    "en": "Yes, everything is in order", "ja": "はい、解決しました", "zh-hans": "是的，已经解决", "zh-hant": "是的，已經解決",
    "de": "Ja, alles ist in Ordnung",
}  # fmt: skip
NO = {
    "en": "No, something is still not right", "ja": "いいえ、まだ困っています", "zh-hans": "没有，还有问题", "zh-hant": "還沒有，仍有狀況",
    "de": "Nein, etwas ist noch offen",
}  # fmt: skip
END = {
    "en": "You may also reply to this email. {agent} will go on from there, and you will not have to explain it again.",
    "ja": "このメールにご返信いただいてもかまいません。担当の{agent}が引き続き対応いたします。",
    "zh-hans": "您也可以直接回复本邮件，{agent}会继续为您处理，不用重新说明。",
    "zh-hant": "您也可以直接回信，{agent}會繼續為您處理，不必重新說明。",
    "de": "Sie können auch auf diese E-Mail antworten. {agent} kümmert sich weiter darum, und Sie müssen nichts noch einmal erklären.",
}
OUR_TEAM = {"en": "Our team", "ja": "スタッフ", "zh-hans": "我们的客服", "zh-hant": "我們的客服人員", "de": "Unser Team"}
STOP = {
    "en": "No more questions like this: {optout}", "ja": "今後このようなご確認が不要な場合：{optout}",
    "zh-hans": "不再接收此类回访：{optout}", "zh-hant": "不想再收到這類關懷信件：{optout}", "de": "Keine solchen Nachfragen mehr: {optout}",
}  # fmt: skip
COLON = {"en": ": ", "ja": "：", "zh-hans": "：", "zh-hant": "：", "de": ": "}


def mail(language: str, *, name: str, number: str, date: str, agent: str, yes: str, no: str, optout: str) -> str:
    """The text as Markdown; `yes`, `no` and `optout` are addresses."""
    greeting = GREETING[language].format(name=name) if name else NAMELESS[language]
    answers = f"{YES[language]}{COLON[language]}{yes}\n{NO[language]}{COLON[language]}{no}"
    end = END[language].format(agent=agent or OUR_TEAM[language])
    parts = [greeting, ASK[language].format(date=date, number=number), answers, end, STOP[language].format(optout=optout)]
    return "\n\n".join(parts)


def mail_html(language: str, *, name: str, number: str, date: str, agent: str, yes: str, no: str, optout: str) -> str:
    """The same for readers of HTML."""
    greeting = escape(GREETING[language].format(name=name) if name else NAMELESS[language])
    end = escape(END[language].format(agent=agent or OUR_TEAM[language]))
    stop = STOP[language].format(optout=f'<a href="{optout}">{optout}</a>')
    return (
        f"<p>{greeting}</p><p>{ASK[language].format(date=date, number=number)}</p>"
        f'<p><a href="{yes}">{YES[language]}</a><br><a href="{no}">{NO[language]}</a></p><p>{end}</p><p>{stop}</p>'
    )
