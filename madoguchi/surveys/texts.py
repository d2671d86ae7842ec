"""What customers read in the mail, in five languages. Pure.

German: a survey by mail counts as advertising (BGH, 10 July 2018, VI ZR 225/17); a way to say no stands in every one, in every language.
"""

from html import escape

QUESTIONS: dict[str, dict[str, str]] = {
    "en": {
        "csat": "How satisfied are you with our help?",
        "ces": "How easy did we make it for you to have your request dealt with?",
        "nps": "How likely are you to recommend us to a friend or colleague?",
    },
    "ja": {
        "csat": "このたびの弊社の対応に、どのくらいご満足いただけましたか。",
        "ces": "ご用件の解決は、どのくらい簡単でしたか。",
        "nps": "弊社を親しい方やご同僚に薦めたいと、どのくらい思われますか。",
    },
    "zh-hans": {
        "csat": "您对本次服务满意吗？",
        "ces": "这次解决问题对您来说有多轻松？",
        "nps": "您有多大可能向朋友或同事推荐我们？",
    },
    "zh-hant": {
        "csat": "您對這次的服務滿意嗎？",
        "ces": "這次處理問題的過程，您覺得輕鬆嗎？",
        "nps": "您有多願意向朋友或同事推薦我們？",
    },
    "de": {
        "csat": "Wie zufrieden sind Sie mit unserer Hilfe?",
        "ces": "Wie leicht haben wir es Ihnen gemacht, Ihr Anliegen zu klären?",
        "nps": "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
    },
}
ENDS: dict[str, dict[str, tuple[str, str]]] = {  # the words at the lowest and the highest score
    "en": {
        "csat": ("Not at all satisfied", "Very satisfied"), "ces": ("Very hard", "Very easy"), "nps": ("Not at all likely", "Very likely"),
    },
    "ja": {
        "csat": ("まったく満足していない", "とても満足"), "ces": ("とても大変だった", "とても簡単だった"),
        "nps": ("まったく薦めたくない", "ぜひ薦めたい"),
    },
    "zh-hans": {"csat": ("非常不满意", "非常满意"), "ces": ("非常费力", "非常轻松"), "nps": ("完全不可能", "非常可能")},
    "zh-hant": {"csat": ("非常不滿意", "非常滿意"), "ces": ("非常費力", "非常輕鬆"), "nps": ("完全不願意", "非常願意")},
    "de": {
        "csat": ("Gar nicht zufrieden", "Sehr zufrieden"), "ces": ("Sehr schwer", "Sehr leicht"),
        "nps": ("Sehr unwahrscheinlich", "Sehr wahrscheinlich"),
    },
}  # fmt: skip
GREETING = {"en": "Dear {name},", "ja": "{name} 様", "zh-hans": "{name}，您好！", "zh-hant": "{name} 您好：", "de": "Guten Tag {name},"}
NAMELESS = {"en": "Hello,", "ja": "お客様", "zh-hans": "您好！", "zh-hant": "您好：", "de": "Guten Tag,"}
BEGIN = {
    "en": "We dealt with your request {number}. One click answers this question:",
    "ja": "お問い合わせ（受付番号{number}）へのご対応が終わりました。次のご質問に、ワンクリックでお答えいただけますと幸いです。",
    "zh-hans": "您的问题（受理编号{number}）已处理完毕。诚邀您点击一下作出评价：",
    "zh-hant": "您的案件（案件編號{number}）已處理完成。邀請您點選一下，回答以下問題：",
    "de": "Wir haben Ihre Anfrage {number} bearbeitet. Ein Klick beantwortet diese Frage:",
}
END = {
    "en": "We use your answers only to improve our service. No more surveys: {optout}",
    "ja": "ご回答はサービスの改善にのみ利用いたします。今後の配信を希望されない場合：{optout}",
    "zh-hans": "您的评价仅用于改进服务。不再接收此类调查：{optout}",
    "zh-hant": "您的意見只會用於改善服務。不想再收到問卷：{optout}",
    "de": "Ihre Antworten nutzen wir nur, um unseren Service zu verbessern. Keine Umfragen mehr: {optout}",
}
COLON = {"en": ": ", "ja": "：", "zh-hans": "：", "zh-hant": "：", "de": ": "}
NBSP = "\N{NO-BREAK SPACE}"


def mail(language: str, kind: str, *, name: str, number: int, links: list[tuple[int, str]], optout: str) -> str:
    """The text as Markdown: greeting, question, a link for each score, how to hear no more of it."""
    low, high = ENDS[language][kind]
    greeting = GREETING[language].format(name=name) if name else NAMELESS[language]
    first, last = links[0][0], links[-1][0]
    named = {first: f"{first} ({low})", last: f"{last} ({high})"}
    lines = [f"{named.get(score, score)}{COLON[language]}{url}" for score, url in reversed(links)]
    question = f"**{QUESTIONS[language][kind]}**"
    return "\n\n".join([greeting, BEGIN[language].format(number=number), question, "\n".join(lines), END[language].format(optout=optout)])


def mail_html(language: str, kind: str, *, name: str, number: int, links: list[tuple[int, str]], optout: str) -> str:
    """The same for readers of HTML: the scores stand in one row."""
    low, high = ENDS[language][kind]
    greeting = escape(GREETING[language].format(name=name) if name else NAMELESS[language])
    row = " ".join(f'<a href="{url}">{NBSP}{score}{NBSP}</a>' for score, url in links)
    stop = f'<a href="{optout}">{optout}</a>'
    return (
        f"<p>{greeting}</p><p>{BEGIN[language].format(number=number)}</p><p><b>{QUESTIONS[language][kind]}</b></p>"
        f"<p>{low}{NBSP} {row} {NBSP}{high}</p><p>{END[language].format(optout=stop)}</p>"
    )
