"""The demo company's canned replies, macros, triggers, routing rules, SLA policies and own fields; they go with the demo."""

from collections.abc import Mapping

from madoguchi.automation import actions
from madoguchi.foundation.actor import SYSTEM
from madoguchi.routing import actions as routing
from madoguchi.sla import actions as sla
from madoguchi.staff.models import Team
from madoguchi.tickets import actions as tickets

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
    "refund": ("Refund is on its way", {
        "en": "Dear {customer.name},\n\nYour refund has been sent. It is on your account within five to ten days.",
        "ja": "{customer.name} 様\n\nご返金の手続きが完了いたしました。金融機関により、お口座への反映まで5日から10日ほどかかります。",
        "zh-hans": "{customer.name}，您好！\n\n退款已经办理完成。到账时间视银行而定，一般为五到十天。",
        "zh-hant": "{customer.name} 您好：\n\n退款已經辦理完成。入帳時間視銀行而定，約需五到十天。",
        "de": "Guten Tag {customer.name},\n\nIhre Erstattung ist veranlasst. In fünf bis zehn Tagen ist der Betrag auf Ihrem Konto.",
    }),
    "solved": ("Glad that it works again", {
        "en": "Dear {customer.name},\n\nWe are glad that this is settled. If anything is open, answer this message.",
        "ja": "{customer.name} 様\n\n無事に解決したとのこと、安心いたしました。ご不明な点がございましたら、このメールにご返信ください。",
        "zh-hans": "{customer.name}，您好！\n\n很高兴问题已经解决。如果还有其他疑问，直接回复本邮件即可。",
        "zh-hant": "{customer.name} 您好：\n\n很高興問題已經解決。如果還有其他疑問，直接回覆本信即可。",
        "de": "Guten Tag {customer.name},\n\nschön, dass das geklärt ist. Ist noch etwas offen, antworten Sie einfach auf diese Nachricht.",
    }),
}  # fmt: skip
MACROS = {
    "Ask for the order number": [{"do": "reply", "value": CANNED["order-number"][1]}, {"do": "add_tags", "value": ["order-number"]}],
    "Serious complaint": [
        {"do": "set_kind", "value": "complaint"}, {"do": "set_priority", "value": 3}, {"do": "add_tags", "value": ["callback"]},
        {"do": "add_note", "value": "Call {customer.name} back today."},
    ],
    "Solve with thanks": [{"do": "reply", "value": CANNED["solved"][1]}, {"do": "set_status", "value": "solved"}],
}  # fmt: skip


COMPLAINT_TARGETS = {
    ("first_reply", None): 240, ("first_reply", 4): 30, ("next_reply", None): 480, ("next_reply", 4): 60,
    ("resolution", None): 2 * 540, ("resolution", 4): 540,
}  # fmt: skip
COMPLAINT_STEPS = [
    {"moment": "warning", "action": "notify_assignee"},
    {"moment": "breach", "action": "notify_assignee"},
    {"moment": "breach", "action": "notify_lead"},
]


def equip(teams: Mapping[str, Team]) -> None:
    """Shared with everybody."""
    for shortcut, (name, texts) in CANNED.items():
        actions.save_canned(by=SYSTEM, shortcut=shortcut, name=name, texts=texts)
    hand_over = [{"do": "assign_team", "value": teams["repairs"].pk}, {"do": "add_note", "value": "For the workshop: please look at this."}]
    for name, done in {**MACROS, "Hand over to repairs": hand_over}.items():
        actions.save_macro(by=SYSTEM, name=name, actions=done)
    _triggers()
    _routing(teams)
    _promises()
    _fields()


def _triggers() -> None:
    actions.save_trigger(
        by=SYSTEM, name="A complaint has high priority", event="kind", conditions={"kind": ["complaint"], "priority": [1, 2]},
        actions=[{"do": "set_priority", "value": 3}, {"do": "notify_lead"}],
    )  # fmt: skip
    actions.save_trigger(
        by=SYSTEM, name="A missed target of high priority is urgent", event="breached", conditions={"priority": [3]},
        actions=[{"do": "set_priority", "value": 4}, {"do": "notify_lead"}],
    )  # fmt: skip
    actions.save_trigger(
        by=SYSTEM, name="No answer for five days", kind="time", after_minutes=5 * 24 * 60, conditions={"status": ["waiting_customer"]},
        actions=[{"do": "add_tags", "value": ["no-answer"]}],
    )  # fmt: skip


def _routing(teams: Mapping[str, Team]) -> None:
    """Few people write German or Chinese, so these tickets go to one of them; the others wait for whoever takes them."""
    orders = teams["orders"].pk
    routing.save_rule(
        by=SYSTEM, name="German: to who writes it", conditions={"language": ["de"]}, team_id=orders, method="least_loaded",
        language_rule="required", alarm_minutes=60,
    )  # fmt: skip
    routing.save_rule(
        by=SYSTEM, name="Chinese: to who writes it", conditions={"language": ["zh-hans", "zh-hant"]}, team_id=orders,
        method="least_loaded", language_rule="required", alarm_minutes=60,
    )  # fmt: skip
    routing.save_rule(by=SYSTEM, name="Everything else: the team takes it", team_id=orders, method="manual")


def _promises() -> None:
    """The standard for all, and before it a shorter one for what hurts."""
    sla.ensure_default_policy()
    strict = sla.save_policy(
        by=SYSTEM, name="Complaints and incidents", conditions={"kind": ["complaint", "incident"]}, targets=COMPLAINT_TARGETS,
        steps=COMPLAINT_STEPS,
    )  # fmt: skip
    sla.move_policy(policy_id=strict.pk, position=0, by=SYSTEM)


def _fields() -> None:
    """None must be filled in, so that everything can be tried at once."""
    for key, kind, target, label in (
        ("order", "text", "ticket", {"en": "Order", "ja": "注文", "zh-hans": "订单", "zh-hant": "訂單", "de": "Bestellung"}),
        (
            "goods_back",
            "check",
            "ticket",
            {
                "en": "Goods are back",
                "ja": "返品到着",
                "zh-hans": "货物已退回",
                "zh-hant": "商品已退回",
                "de": "Ware ist zurück",
            },
        ),
        (
            "member_since",
            "date",
            "customer",
            {
                "en": "Member since",
                "ja": "会員登録日",
                "zh-hans": "入会日期",
                "zh-hant": "入會日期",
                "de": "Mitglied seit",
            },
        ),
        (
            "contract",
            "text",
            "company",
            {"en": "Contract", "ja": "契約番号", "zh-hans": "合同编号", "zh-hant": "合約編號", "de": "Vertrag"},
        ),
    ):
        tickets.save_custom_field(by=SYSTEM, key=key, type=kind, target=target, label=label)
