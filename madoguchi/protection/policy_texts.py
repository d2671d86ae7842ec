"""The company's public policy against harassment of its staff, as a template in five languages. {company} is filled in.

After the model of the Japanese guideline of 2026 (policy clear and made known) and the Tokyo ordinance, Art. 5: it begins with the right
to complain. Each text: title, then (heading, paragraphs or list items).
"""

POLICY: dict[str, tuple[str, list[tuple[str, list[str]]]]] = {
    "en": (
        "How we treat each other",
        [
            ("Your voice counts", ["{company} takes every complaint seriously, also an angry one. Criticism of our products and our service, asking for what you are due, going to a consumer advice centre, a lawyer or a court, and an honest review are your right. So is asking for an adjustment because of a disability."]),
            ("What we do not accept", ["Threats and violence", "Insults, and attacks on the person of those who serve you", "Discrimination and sexual remarks", "Demands to humiliate somebody", "Contact again and again to wear somebody down, or keeping somebody for hours", "Demands without any ground or out of all proportion", "Exposing names, pictures or private matters of our staff"]),
            ("What we do then", ["We ask you to stop, and we warn you before we do anything further.", "A second person joins, or another one takes over.", "We end the conversation and answer in writing.", "For a limited time we may restrict how you can reach us. A person decides this, never a machine, with a reason and an end date.", "In serious cases we turn to the police or a lawyer."]),
            ("Your rights", ["Your actual concern is dealt with in any case. Safety notices, warranty and your statutory rights are never restricted.", "You can ask for a review of every warning and restriction by the link in our notice. A person who was not involved decides."]),
        ],
    ),
    "ja": (
        "カスタマーハラスメントに対する基本方針",
        [
            ("お客様の声を大切にします", ["{company}は、お怒りを含むご意見も真摯に受け止めます。商品やサービスへのご批判、正当なご請求、消費生活センターや弁護士・裁判所へのご相談、率直なご感想の投稿は、お客様の権利です。障害のある方からの合理的配慮のお申し出も同様です。"]),
            ("お断りする言動", ["脅迫的な言動、暴力", "侮辱・暴言など、担当者個人への攻撃", "差別的な言動、性的な言動", "土下座などの強要", "執拗なご連絡や、長時間にわたる拘束", "根拠のない、または著しく過剰なご要求", "担当者の氏名・写真・私的な情報の公開"]),
            ("弊社の対応", ["まずおやめいただくようお願いし、その後の対応の前に警告いたします。", "複数名で対応し、または担当者を交代いたします。", "その場の対応を終了し、書面で回答いたします。", "期間を定めて、ご連絡の方法を制限することがあります。理由と終了日を示し、必ず人が判断いたします。", "悪質な場合は、警察または弁護士に相談いたします。"]),
            ("お客様の権利", ["ご相談の件そのものは、引き続き対応いたします。安全に関するお知らせ、保証、法令に基づく権利は制限いたしません。", "警告および制限へのご異議は、通知に記載のリンクからお申し出いただけます。決定に関与していない者が確認いたします。"]),
        ],
    ),
    "zh-hans": (
        "关于顾客骚扰的方针",
        [
            ("我们重视您的意见", ["{company}认真对待每一次投诉，包括带有怒气的投诉。批评产品和服务、要求应得的赔偿、向消费者协会、律师或法院求助、发表真实评价，都是您的权利。残障人士提出的合理便利请求也是如此。"]),
            ("我们不接受的言行", ["威胁和暴力", "辱骂以及对客服个人的攻击", "歧视和性骚扰", "羞辱性要求", "反复纠缠或长时间占用", "毫无根据或明显过分的要求", "公开员工的姓名、照片或隐私"]),
            ("我们的处理方式", ["我们会先请您停止，并在采取进一步措施之前发出警告。", "由第二名员工加入，或更换客服。", "结束本次沟通，改以书面答复。", "在限定期限内，我们可能限制您的联系方式。该决定由人作出，并说明理由和截止日期。", "情节严重的，将报警或交由律师处理。"]),
            ("您的权利", ["您反映的问题本身，我们仍会照常处理。安全通知、保修及法定权利不受限制。", "对警告和限制，您可通过通知中的链接申诉，由未参与决定的人员复核。"]),
        ],
    ),
    "zh-hant": (
        "關於顧客騷擾的方針",
        [
            ("我們重視您的聲音", ["{company}認真看待每一件客訴，包括帶有怒氣的客訴。批評產品與服務、請求應得的賠償、向消費者保護單位、律師或法院求助、發表真實評論，都是您的權利。身心障礙者提出的合理調整請求亦同。"]),
            ("我們不接受的言行", ["威脅與暴力", "辱罵，以及對服務人員個人的攻擊", "歧視與性騷擾", "羞辱性要求", "反覆糾纏或長時間占用", "毫無根據或明顯不合理的要求", "公開員工的姓名、照片或私人資訊"]),
            ("我們的處理方式", ["我們會先請您停止，並在採取進一步措施前提出警告。", "由第二位人員加入，或更換承辦人。", "結束當次對話，改以書面回覆。", "在一定期間內，我們可能限制您的聯絡方式。此決定由人作成，並說明理由與截止日。", "情節嚴重者，將報警或交由律師處理。"]),
            ("您的權利", ["您反映的問題本身，我們仍會照常處理。安全通知、保固及法定權利不受限制。", "對於警告與限制，您可透過通知中的連結提出申訴，由未參與決定的人員重新審查。"]),
        ],
    ),
    "de": (
        "Wie wir miteinander umgehen",
        [
            ("Ihre Stimme zählt", ["{company} nimmt jede Beschwerde ernst, auch eine verärgerte. Kritik an unseren Produkten und unserem Service, berechtigte Forderungen, der Gang zur Verbraucherzentrale, zu einer Anwältin oder vor Gericht und eine ehrliche Bewertung sind Ihr Recht. Das gilt ebenso für die Bitte um angemessene Vorkehrungen wegen einer Behinderung."]),
            ("Was wir nicht hinnehmen", ["Drohungen und Gewalt", "Beleidigungen und Angriffe auf die Person", "Diskriminierung und sexuelle Äußerungen", "Entwürdigende Forderungen", "Anhaltendes Bedrängen oder stundenlanges Festhalten", "Forderungen ohne jede Grundlage oder ohne jedes Maß", "Die Veröffentlichung von Namen, Bildern oder Privatem unserer Mitarbeitenden"]),
            ("Was wir dann tun", ["Wir bitten Sie, damit aufzuhören, und verwarnen Sie, bevor wir weitergehen.", "Eine zweite Person kommt hinzu oder übernimmt.", "Wir beenden das Gespräch und antworten schriftlich.", "Für begrenzte Zeit können wir einschränken, wie Sie uns erreichen. Das entscheidet ein Mensch, nie eine Maschine, mit Grund und Enddatum.", "In schweren Fällen wenden wir uns an die Polizei oder an anwaltlichen Beistand."]),
            ("Ihre Rechte", ["Ihr eigentliches Anliegen bearbeiten wir in jedem Fall. Sicherheitshinweise, Garantie und gesetzliche Rechte schränken wir nie ein.", "Jede Verwarnung und Einschränkung können Sie über den Link in unserer Mitteilung überprüfen lassen. Darüber entscheidet eine bisher nicht beteiligte Person."]),
        ],
    ),
}  # fmt: skip
