"""The demo company's canned replies, macros and triggers."""

from madoguchi.automation import actions
from madoguchi.foundation.actor import SYSTEM

CANNED = {
    "thanks": ("Thanks, we are looking into it", {
        "en": "Dear {customer.name},\n\nThank you for your message. We are looking into it and will be back with an answer soon.",
        "ja": "{customer.name} 様\n\nお問い合わせいただき、ありがとうございます。内容を確認しておりますので、今しばらくお待ちください。",
        "zh-hans": "{customer.name}，您好！\n\n感谢您的来信。我们正在核实情况，会尽快给您答复。",
        "zh-hant": "{customer.name} 您好：\n\n感謝您的來信。我們正在確認狀況，會盡快回覆您。",
        "de": "Guten Tag {customer.name},\n\nvielen Dank für Ihre Nachricht. Wir kümmern uns darum und melden uns bald mit einer Antwort.",
    }),
    "order-number": ("Ask for the order number", {
        "en": "Dear {customer.name},\n\nCould you send us your order number? You find it in the confirmation that we sent you by email.",
        "ja": "{customer.name} 様\n\n恐れ入りますが、ご注文番号をお知らせいただけますでしょうか。ご注文確認メールに記載しております。",
        "zh-hans": "{customer.name}，您好！\n\n请提供您的订单号，您可以在我们发送的订单确认邮件中找到它。",
        "zh-hant": "{customer.name} 您好：\n\n請提供您的訂單編號，您可以在我們寄出的訂單確認信中找到它。",
        "de": "Guten Tag {customer.name},\n\nkönnten Sie uns bitte Ihre Bestellnummer nennen? Sie steht in der Bestätigung, die Sie per E-Mail erhalten haben.",  # noqa: E501
    }),
    "sorry": ("Apology", {
        "en": "Dear {customer.name},\n\nWe are sorry for the trouble that we have caused you. We will put it right as soon as we can.",
        "ja": "{customer.name} 様\n\nこのたびはご迷惑をおかけし、誠に申し訳ございません。早急に対応いたします。",
        "zh-hans": "{customer.name}，您好！\n\n给您带来不便，我们深表歉意。我们会尽快处理。",
        "zh-hant": "{customer.name} 您好：\n\n造成您的不便，我們深感抱歉。我們會盡快處理。",
        "de": "Guten Tag {customer.name},\n\nes tut uns leid, dass wir Ihnen Umstände bereitet haben. Wir bringen das so schnell wie möglich in Ordnung.",  # noqa: E501
    }),
}  # fmt: skip
MACROS = {
    "Ask for the order number": [{"do": "reply", "value": CANNED["order-number"][1]}, {"do": "add_tags", "value": ["order-number"]}],
    "Serious complaint": [
        {"do": "set_kind", "value": "complaint"}, {"do": "set_priority", "value": 3}, {"do": "add_tags", "value": ["callback"]},
        {"do": "add_note", "value": "Call {customer.name} back today."},
    ],
}  # fmt: skip


def equip() -> None:
    """Shared with everybody."""
    for shortcut, (name, texts) in CANNED.items():
        actions.save_canned(by=SYSTEM, shortcut=shortcut, name=name, texts=texts)
    for name, done in MACROS.items():
        actions.save_macro(by=SYSTEM, name=name, actions=done)
    actions.save_trigger(
        by=SYSTEM, name="A missed target of high priority is urgent", event="breached", conditions={"priority": [3]},
        actions=[{"do": "set_priority", "value": 4}, {"do": "notify_lead"}],
    )  # fmt: skip
    actions.save_trigger(
        by=SYSTEM, name="No answer for five days", kind="time", after_minutes=5 * 24 * 60, conditions={"status": ["waiting_customer"]},
        actions=[{"do": "add_tags", "value": ["no-answer"]}],
    )  # fmt: skip
