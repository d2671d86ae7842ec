"""The words of the acknowledgement in the customer's language. Data only; the close is added by the layout of every mail.

Paragraphs: greeting, what has happened and what comes next, how to add something, that a machine wrote this.
`open`: while somebody is there; `closed`: outside business hours. Each with and without a time that we can promise.
"""

SUBJECT = {
    "en": "We have received your message",
    "ja": "お問い合わせを受け付けました",
    "zh-hans": "已收到您的咨询",
    "zh-hant": "已收到您的來信",
    "de": "Ihre Nachricht ist eingegangen",
}
GREETING = {
    "en": "Dear {name},",
    "ja": "{name} 様",
    "zh-hans": "{name}，您好！",
    "zh-hant": "{name} 您好：",
    "de": "Guten Tag {name},",
}
GREETING_WITHOUT_NAME = {"en": "Hello,", "ja": "お客様", "zh-hans": "您好！", "zh-hant": "您好：", "de": "Guten Tag,"}
OPEN_WITH_TIME = {
    "en": "Thank you for your message. It has reached us under number {number}. A member of our team will reply by {due}.",
    "ja": "このたびはお問い合わせいただき、ありがとうございます。受付番号{number}にて承りました。担当者が内容を確認し、{due}までにご返信いたします。",
    "zh-hans": "感谢您的来信。您的咨询已登记，受理编号{number}，我们会在{due}前回复您。",
    "zh-hant": "感謝您與我們聯絡。我們已收到您的來信，案件編號{number}，客服人員會在{due}前回覆您。",
    "de": "vielen Dank für Ihre Nachricht. Sie ist bei uns unter der Nummer {number} eingegangen. Unser Team antwortet Ihnen bis {due}.",
}
OPEN_WITHOUT_TIME = {
    "en": "Thank you for your message. It has reached us under number {number}. A member of our team will read it and reply to you.",
    "ja": "このたびはお問い合わせいただき、ありがとうございます。受付番号{number}にて承りました。担当者が内容を確認のうえ、ご返信いたします。",
    "zh-hans": "感谢您的来信。您的咨询已登记，受理编号{number}，客服人员阅读后会回复您。",
    "zh-hant": "感謝您與我們聯絡。我們已收到您的來信，案件編號{number}，客服人員確認內容後會回覆您。",
    "de": "vielen Dank für Ihre Nachricht. Sie ist bei uns unter der Nummer {number} eingegangen. Unser Team liest sie und antwortet Ihnen.",
}
CLOSED_WITH_TIME = {
    "en": (
        "Thank you for contacting us. We are closed at the moment (hours: {hours}). "
        "Your message is saved under number {number}; we will reply by {due}."
    ),
    "ja": (
        "お問い合わせありがとうございます。ただいま受付時間外です（受付時間：{hours}）。"
        "いただいた内容は受付番号{number}にて承り、{due}までに担当者よりご返信いたします。"
    ),
    "zh-hans": "感谢您联系我们。现在不在服务时间内（服务时间：{hours}）。您的留言已登记，受理编号{number}，我们会在{due}前回复您。",
    "zh-hant": "感謝您的來訊，目前為非服務時間（服務時間：{hours}）。您的留言我們已經收到，案件編號{number}，會在{due}前回覆您。",
    "de": (
        "vielen Dank für Ihre Nachricht. Unser Kundenservice ist zurzeit nicht besetzt (Servicezeiten: {hours}). "
        "Ihre Nachricht ist unter der Nummer {number} gespeichert; Sie erhalten bis {due} eine Antwort."
    ),
}
CLOSED_WITHOUT_TIME = {
    "en": (
        "Thank you for contacting us. We are closed at the moment (hours: {hours}). "
        "Your message is saved under number {number}; we will reply when we are open again."
    ),
    "ja": (
        "お問い合わせありがとうございます。ただいま受付時間外です（受付時間：{hours}）。"
        "いただいた内容は受付番号{number}にて承り、受付時間内に担当者よりご返信いたします。"
    ),
    "zh-hans": "感谢您联系我们。现在不在服务时间内（服务时间：{hours}）。您的留言已登记，受理编号{number}，我们会在服务时间内回复您。",
    "zh-hant": "感謝您的來訊，目前為非服務時間（服務時間：{hours}）。您的留言我們已經收到，案件編號{number}，會在服務時間內回覆您。",
    "de": (
        "vielen Dank für Ihre Nachricht. Unser Kundenservice ist zurzeit nicht besetzt (Servicezeiten: {hours}). "
        "Ihre Nachricht ist unter der Nummer {number} gespeichert; wir antworten, sobald wir wieder da sind."
    ),
}
TO_ADD = {
    "en": "To add something, simply reply to this email.",
    "ja": "追加のご連絡は、このメールにそのままご返信ください。",
    "zh-hans": "如需补充，直接回复本邮件即可。",
    "zh-hant": "若要補充說明，直接回覆這封信即可。",
    "de": "Möchten Sie etwas ergänzen? Antworten Sie einfach auf diese E-Mail.",
}
BY_A_MACHINE = {
    "en": "This confirmation was sent automatically.",
    "ja": "※このメールは自動でお送りしています。",
    "zh-hans": "（本邮件由系统自动发送）",
    "zh-hant": "（本信由系統自動寄出）",
    "de": "Diese Bestätigung wurde automatisch versandt.",
}
