"""What customers read about a step of the ladder, in five languages, before the company approves words of its own.

Calm, without adjectives, without threats that are not meant; the matter itself goes on. Names in braces are filled in when sent; a
`behaviour` is a noun that stands in these sentences. German "Abmahnung" and "Hausverbot", Japanese 利用停止 are words of law for other
things and are not used.
"""

LANGUAGES = ("en", "ja", "zh-hans", "zh-hant", "de")
PLACEHOLDERS = (
    "name", "behaviour", "next_step", "number", "due", "date", "facts", "from", "until", "restriction", "contact", "decider",
    "appeal_period", "appeal_link", "answer_period",
)  # fmt: skip

MODEL_TEXTS = {
    "ask": {
        "en": "I want to help you with this. Please do not speak to our staff in that way. Our next step: {next_step}",
        "ja": "ご相談の件は、引き続き対応いたします。ただ、担当者に対するそのようなお言葉は、お控えくださいますようお願いいたします。次に確認したいこと：{next_step}",
        "zh-hans": "您的问题我们会继续处理，也请您不要对客服使用这样的言辞。接下来想跟您确认：{next_step}",
        "zh-hant": "您的問題我們會繼續協助處理，也請您避免對客服人員使用這樣的言詞。接下來想跟您確認：{next_step}",
        "de": (
            "Ich möchte Ihnen in dieser Sache weiterhelfen. Bitte verzichten Sie auf solche Äußerungen gegenüber unserem "
            "Team. Als Nächstes klären wir: {next_step}"
        ),
    },
    "first_warning": {
        "en": (
            "This is a warning about your behaviour towards our staff ({behaviour}). Please stop. If it continues, we will "
            "end this conversation and reply in writing only. We will go on dealing with your actual concern."
        ),
        "ja": "担当者に対する{behaviour}はおやめください。続く場合は、この場での対応を終了し、以後は書面（メール）でのみ回答いたします。ご相談の件そのものは、引き続き対応いたします。",
        "zh-hans": "请停止对客服的{behaviour}。如果继续，我们将结束本次沟通，之后只以书面方式答复。您反映的问题本身，我们仍会照常处理。",
        "zh-hant": "請停止對客服人員的{behaviour}。若持續發生，我們將結束本次對話，後續僅以書面回覆。您反映的問題本身，我們仍會照常處理。",
        "de": (
            "Bitte unterlassen Sie {behaviour} gegenüber unserem Team. Andernfalls beenden wir dieses Gespräch und "
            "antworten nur noch schriftlich. Ihr eigentliches Anliegen bearbeiten wir weiterhin."
        ),
    },
    "second_warning": {
        "en": (
            "We have already asked you to stop. This is a warning about your behaviour towards our staff ({behaviour}). If "
            "it continues, we will end this conversation and reply in writing only. We will go on dealing with your actual "
            "concern."
        ),
        "ja": "先ほどもお願いいたしましたが、担当者に対する{behaviour}はおやめください。続く場合は、この場での対応を終了し、以後は書面（メール）でのみ回答いたします。ご相談の件そのものは、引き続き対応いたします。",
        "zh-hans": "此前我们已提醒过您：请停止对客服的{behaviour}。如果继续，我们将结束本次沟通，之后只以书面方式答复。您反映的问题本身，我们仍会照常处理。",
        "zh-hant": "先前已提醒過您，請停止對客服人員的{behaviour}。若持續發生，我們將結束本次對話，後續僅以書面回覆。您反映的問題本身，我們仍會照常處理。",
        "de": (
            "Wir haben Sie bereits darum gebeten: Bitte unterlassen Sie {behaviour} gegenüber unserem Team. Andernfalls "
            "beenden wir dieses Gespräch und antworten nur noch schriftlich. Ihr eigentliches Anliegen bearbeiten wir "
            "weiterhin."
        ),
    },
    "last_warning": {
        "en": (
            "Despite our warnings nothing has changed ({behaviour}). This is the last warning: if it happens again, we "
            "will end the contact at once and may restrict how you can reach us. In serious cases we involve the police or "
            "a lawyer. You will have our answer on {number} in writing by {due}."
        ),
        "ja": (
            "再三お願いしておりますが、{behaviour}が続いております。これが最後の警告です。同様の言動があった場合は、直ちに対応を終了し、今後のご連絡方法を制限することがあります。内容により、警察または弁護士に相談いたします"
            "。受付番号{number}の件は、{due}までに書面で回答いたします。"
        ),
        "zh-hans": "经多次提醒，{behaviour}仍在继续。这是最后一次警告：如再次发生，我们将立即结束联系，并可能限制您今后的联系方式；情节严重的，将报警或交由律师处理。受理编号{number}的问题，我们会在{due}前书面答复。",
        "zh-hant": "經多次提醒，{behaviour}仍持續發生。這是最後一次警告：若再發生，我們將立即結束聯繫，並可能限制您後續的聯絡方式；情節嚴重者，將報警或交由律師處理。案件編號{number}，我們會於{due}前以書面回覆。",
        "de": (
            "Trotz unserer Verwarnungen hat sich nichts geändert ({behaviour}). Dies ist die letzte Verwarnung: Beim "
            "nächsten Vorfall beenden wir den Kontakt sofort und können ihn künftig einschränken. In schweren Fällen "
            "schalten wir die Polizei oder anwaltlichen Beistand ein. Zu {number} erhalten Sie unsere Antwort bis {due} "
            "schriftlich."
        ),
    },
    "end_contact": {
        "en": (
            "I am ending this conversation now because the behaviour has not stopped. You will have our answer on {number} "
            "in writing by {due}."
        ),
        "ja": "再三のお願いにもかかわらず状況が変わりませんので、本日の対応はこれで終了いたします。受付番号{number}の件は、{due}までに書面で回答いたします。",
        "zh-hans": "由于多次提醒后情况仍未改变，本次沟通到此结束。受理编号{number}的问题，我们会在{due}前书面答复。",
        "zh-hant": "由於多次提醒後情況仍未改善，本次對話到此結束。案件編號{number}，我們會於{due}前以書面回覆您。",
        "de": (
            "Ich beende dieses Gespräch jetzt, weil sich trotz Verwarnung nichts geändert hat. Unsere Antwort zu {number} "
            "erhalten Sie bis {due} schriftlich."
        ),
    },
    "restriction": {
        "en": (
            "Dear {name},\n\nOn {date} our staff experienced the following: {facts}\n\nTo protect them, this applies from "
            "{from} to {until}: {restriction}\n\nYou can still reach us by {contact}. Open matters ({number}), warranty "
            "and your statutory rights are not affected.\n\nThe decision was made by {decider}. If you think it is wrong, "
            "ask for a review within {appeal_period}: {appeal_link}. A person who was not involved will decide and answer "
            "within {answer_period}."
        ),
        "ja": (
            "{name} 様\n\n{date}、弊社担当者に対し、次の事実がありました：{facts}\n\n従業員の安全と就業環境を守るため、{from}から{until}まで、次のとおり対応を制限いたします："
            "{restriction}\n\nこの期間のご連絡は{contact}で承ります。対応中の件（受付番号{number}）、保証、法令に基づくお客様の権利には影響いたしません。\n\n本決定は{decider}が行いました"
            "。ご異議は、{appeal_period}以内に{appeal_link}からお申し出ください。決定に関与していない者が確認し、{answer_period}以内に回答いたします。"
        ),
        "zh-hans": (
            "{name}，您好！\n\n{date}，我方员工遭遇以下情况：{facts}\n\n为保护员工，自{from}起至{until}止，对您的联系方式作如下限制：{restriction}\n\n在此期间，您可通过"
            "{contact}联系我们。正在处理的事项（受理编号{number}）、保修及法定权利不受影响。\n\n本决定由{decider}作出。如有异议，可在{appeal_period}内提出申诉：{appeal_link}。"
            "我们将由未参与本决定的人员复核，并在{answer_period}内答复。"
        ),
        "zh-hant": (
            "{name} 您好：\n\n{date}，本公司員工遭遇以下情形：{facts}\n\n為保護員工，自{from}起至{until}止，將採取以下限制：{restriction}\n\n這段期間您可透過{contact}"
            "與我們聯絡。處理中的案件（案件編號{number}）、保固及法定權利不受影響。\n\n本決定由{decider}作成。若有異議，可於{appeal_period}內提出申訴：{appeal_link}。我們將由未參與本決"
            "定的人員重新審查，並於{answer_period}內回覆。"
        ),
        "de": (
            "Guten Tag {name},\n\nam {date} kam es gegenüber unserem Team zu folgendem Vorfall: {facts}\n\nZum Schutz "
            "unserer Mitarbeitenden gilt vom {from} bis zum {until}: {restriction}\n\nSie erreichen uns weiterhin über: "
            "{contact}. Laufende Anfragen ({number}), Garantie und gesetzliche Rechte bleiben unberührt.\n\nEntschieden "
            "hat: {decider}. Halten Sie die Entscheidung für falsch, können Sie innerhalb von {appeal_period} eine "
            "Überprüfung beantragen: {appeal_link}. Darüber entscheidet eine bisher nicht beteiligte Person; Sie erhalten "
            "innerhalb von {answer_period} eine Antwort."
        ),
    },
    "appeal": {
        "en": "If you think that this is wrong, tell us here; a person who was not involved will look at it: {appeal_link}",
        "ja": "この件にご異議がある場合は、次のページからお申し出ください。関与していない者が確認いたします：{appeal_link}",
        "zh-hans": "如您有异议，可在此提出，我们将由未参与此事的人员复核：{appeal_link}",
        "zh-hant": "若您有異議，可由此提出，我們將由未參與此事的人員重新審查：{appeal_link}",
        "de": (
            "Halten Sie das für falsch, können Sie hier eine Überprüfung beantragen; eine bisher nicht beteiligte Person "
            "sieht sich den Vorgang an: {appeal_link}"
        ),
    },
    "held": {
        "en": (
            "We have received your message and kept it. Until {until} this applies: {restriction} You can reach us by "
            "{contact}. Messages about safety, warranty or your statutory rights are always dealt with. You can ask for a "
            "review here: {appeal_link}"
        ),
        "ja": (
            "メッセージを受け付け、保存いたしました。{until}まで、次のとおり対応を制限しております：{restriction}この期間のご連絡は{contact}で承ります。安全、保証、法令に基づく権利に関するご連絡には、常に"
            "対応いたします。ご異議は次のページからお申し出ください：{appeal_link}"
        ),
        "zh-hans": "您的消息已收到并保存。在{until}前适用以下限制：{restriction}在此期间，您可通过{contact}联系我们。有关安全、保修及法定权利的消息，我们始终会处理。如有异议，可在此提出：{appeal_link}",
        "zh-hant": "您的訊息已收到並保存。在{until}前適用以下限制：{restriction}這段期間您可透過{contact}與我們聯絡。有關安全、保固及法定權利的訊息，我們一律會處理。若有異議，可由此提出：{appeal_link}",
        "de": (
            "Ihre Nachricht ist eingegangen und gespeichert. Bis zum {until} gilt: {restriction} Sie erreichen uns über: "
            "{contact}. Mitteilungen zu Sicherheit, Garantie und gesetzlichen Rechten bearbeiten wir immer. Eine "
            "Überprüfung können Sie hier beantragen: {appeal_link}"
        ),
    },
}

DAYS = {"en": "{n} days", "ja": "{n}日", "zh-hans": "{n}天", "zh-hant": "{n}天", "de": "{n} Tagen"}  # after "within"; always two or more

NEXT_STEP = {
    "en": "our answer to your question, by {due}",
    "ja": "ご質問への回答（{due}まで）",
    "zh-hans": "我们会在{due}前答复您的问题",
    "zh-hant": "我們會於{due}前回覆您的問題",
    "de": "Ihre Frage; die Antwort kommt bis {due}",
}

RESTRICTIONS = {
    "one_channel": {
        "en": "we answer you on one channel only.",
        "ja": "お問い合わせへの対応は、一つの連絡手段に限ります。",
        "zh-hans": "我们仅通过一种渠道答复您。",
        "zh-hant": "我們僅透過一種管道回覆您。",
        "de": "wir antworten Ihnen nur noch über einen Kontaktweg.",
    },
    "office_hours": {
        "en": "we answer you during office hours only.",
        "ja": "お問い合わせへの対応は、営業時間内に限ります。",
        "zh-hans": "我们仅在工作时间内答复您。",
        "zh-hant": "我們僅於服務時間內回覆您。",
        "de": "wir antworten Ihnen nur während der Geschäftszeiten.",
    },
    "one_person": {
        "en": "one person of our team answers you.",
        "ja": "お問い合わせへの対応は、専任の担当者一名に限ります。",
        "zh-hans": "由一名专人答复您。",
        "zh-hant": "由一名專人回覆您。",
        "de": "eine feste Ansprechperson antwortet Ihnen.",
    },
    "writing_only": {
        "en": "we answer you in writing only.",
        "ja": "お問い合わせへの対応は、書面（メール）に限ります。",
        "zh-hans": "我们仅以书面方式答复您。",
        "zh-hant": "我們僅以書面回覆您。",
        "de": "wir antworten Ihnen nur noch schriftlich.",
    },
    "refusal": {
        "en": "we do not take new enquiries from you.",
        "ja": "新しいお問い合わせの受け付けを停止いたします。",
        "zh-hans": "我们暂停受理您的新咨询。",
        "zh-hant": "我們暫停受理您的新諮詢。",
        "de": "wir nehmen keine neuen Anfragen von Ihnen an.",
    },
}

BEHAVIOURS = {
    "threat": {
        "en": "threats",
        "ja": "脅迫的な言動",
        "zh-hans": "威胁",
        "zh-hant": "威脅",
        "de": "Drohungen",
    },
    "extortion": {
        "en": "demands under threat",
        "ja": "金品などの不当な要求",
        "zh-hans": "敲诈勒索",
        "zh-hant": "勒索",
        "de": "Forderungen unter Drohung",
    },
    "insult": {
        "en": "insults",
        "ja": "暴言",
        "zh-hans": "辱骂",
        "zh-hant": "辱罵",
        "de": "Beleidigungen",
    },
    "degrading": {
        "en": "degrading demands",
        "ja": "土下座などの強要",
        "zh-hans": "羞辱性要求",
        "zh-hant": "羞辱性要求",
        "de": "entwürdigende Forderungen",
    },
    "excessive": {
        "en": "excessive demands",
        "ja": "過剰な要求",
        "zh-hans": "过分要求",
        "zh-hant": "不合理要求",
        "de": "überzogene Forderungen",
    },
    "persistence": {
        "en": "repeated, wearing contact",
        "ja": "執拗な言動",
        "zh-hans": "反复纠缠",
        "zh-hant": "反覆糾纏",
        "de": "anhaltendes Bedrängen",
    },
    "sexual": {
        "en": "sexual remarks",
        "ja": "性的な言動",
        "zh-hans": "性骚扰",
        "zh-hant": "性騷擾",
        "de": "sexuelle Äußerungen",
    },
    "discrimination": {
        "en": "discriminating remarks",
        "ja": "差別的な言動",
        "zh-hans": "歧视",
        "zh-hant": "歧視",
        "de": "diskriminierende Äußerungen",
    },
    "privacy": {
        "en": "demands for private data",
        "ja": "個人情報の要求",
        "zh-hans": "侵犯隐私",
        "zh-hant": "侵犯隱私",
        "de": "Eingriffe in die Privatsphäre",
    },
    "other": {
        "en": "this behaviour",
        "ja": "このような言動",
        "zh-hans": "此类言行",
        "zh-hant": "此類言行",
        "de": "dieses Verhalten",
    },
}


_SUBJECTS = {
    "en": "About our conversation",
    "ja": "お問い合わせへの対応について",
    "zh-hans": "关于与您的沟通",
    "zh-hant": "關於與您的溝通",
    "de": "Zu unserem Austausch",
}


def subject(language: str) -> str:
    """The subject line of a notice where the ticket has none."""
    return _SUBJECTS[language]


def fill(text: str, words: dict[str, str]) -> str:
    """The text with the words that are known put in; braces of unknown names stay, so that one sees what is missing."""
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text


def unfilled(text: str) -> list[str]:
    """Names in braces that nobody filled in."""
    return [name for name in PLACEHOLDERS if "{" + name + "}" in text]
