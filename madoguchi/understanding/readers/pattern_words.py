"""Words by which `patterns` tells what a message of a conversation is about, in the five languages; they meet folded text. Pure."""

import re

FINAL = re.compile(
    r"(?:対応|ご?案内|回答)は以上|終了いたします|お伝えした(?:とおり|通り)|(?:いたし|でき)かねます|結論は変わ|最終(?:回答|的な(?:回答|ご案内))|これ以上(?:の(?:ご)?(?:対応|回答|案内))?(?:は|の)?(?:でき|いたしかね|お答え)|(?:対応|受付|案件|チケット)(?:は|を)?(?:終了|クローズ|完了)|以上をもちまして|お断り"
    r"|返金(?:は|手続きは?)?(?:完了|済み|いたしました|できません|いたしかねます)|変わりません"
    r"|\b(?:fee|decision|answer|charge|price|offer) stands\b|\b(?:file|case|matter|account|topic) (?:is |has been )?(?:now )?closed\b|\b(?:will|shall) not (?:reply|respond|answer|discuss|enter|take)\b|\bfinal (?:answer|reply|decision|position|response)\b|\bour (?:decision|answer|position) (?:stands|remains|is final|has not changed|hasn't changed)\b|\b(?:case|ticket|matter|complaint) (?:is |has been |was )?(?:now )?(?:closed|resolved|settled)\b"
    r"|\b(?:cannot|can't|unable to|not able to|won't be able to) (?:offer|do|provide|discuss|add|help|refund|change)\b|\brefund (?:has been|was|is) (?:issued|completed|processed|sent|paid)\b|\bas (?:i|we) (?:have )?(?:already )?(?:explained|said|told|confirmed|stated)\b"
    r"|\babschließend\w*\b|\bendgültig\w*\b|\b(?:vorgang|fall|ticket|angelegenheit|beschwerde) (?:ist |wurde )?(?:damit |nun |hiermit )?(?:geschlossen|abgeschlossen|erledigt|beendet)\b|\bwie (?:bereits|schon) (?:erklärt|mitgeteilt|gesagt|geschrieben|erläutert)\b"
    r"|\b(?:können|kann) (?:ich |wir )?(?:ihnen )?(?:leider )?(?:nichts weiter|nicht weiter|keine weitere|keinen)\b|\berstatt\w* (?:wurde|ist) (?:bereits |schon )?(?:veranlasst|überwiesen|abgeschlossen|erfolgt)\b"
    r"|(?:本案|此案|案件)?(?:已)?(?:结案|結案)|(?:结论|結論)不(?:变|變)|(?:请|請)勿重(?:复|複)|(?:投票)?(?:否决|否決)|(?:到此|至此)(?:为止|為止|结束|結束)|不再(?:回复|回覆|处理|處理|受理)|最终(?:答复|回复|决定|處理|处理)|最終(?:答覆|回覆|決定|處理)|已(?:经|經)?(?:关闭|關閉|结案|結案|退款|解决|解決|处理完|處理完)|(?:无法|無法|不能)(?:再)?(?:为您|為您|提供|满足|滿足|退|补偿|補償)|之前(?:已|就)(?:经|經)?(?:说明|說明|答复|答覆|回复|回覆|告知)"
)
PROMISE = re.compile(
    r"(?:確認|調査|折り返し|後ほど|少々|しばらく|担当(?:部署|者)に)\S{0,14}(?:ます|ください|いたし)|\b(?:we(?:'ll| will)|i(?:'ll| will)) (?:get back|look into|check|call you|find out|come back|let you know|investigate)\b|\bplease (?:wait|bear with|allow)\b|\bwithin \d+"
    r"|\b(?:melden uns|prüfen|kümmern uns|rufen (?:sie )?zurück|geben bescheid|bitte (?:warten|haben sie geduld))\b|(?:核实|核實|稍等|回复您|回覆您|尽快|盡快|联系您|聯繫您|查一下|帮您查|幫您查|工作日内|工作日內)"
)
DAILY = re.compile(
    r"(?:毎日|毎朝|毎晩|日々|一日一回|1日1回)\S{0,14}(?:ご?連絡|ご?報告|お?知らせ|お?送り|教えて|電話)|\b(?:every (?:day|morning|evening|few hours)|daily|each day|once a day)\b.{0,50}\b(?:let us know|send|report|update|call|message|photo|reading|log)\b"
    r"|\b(?:send|report|update|call|message|let us know|write|post)\b.{0,50}\b(?:every (?:day|morning|evening|few hours)|daily|each day|once a day)\b|\b(?:täglich|jeden (?:tag|morgen|abend)|einmal am tag)\b.{0,60}\b(?:melden|schicken|senden|mitteilen|durchgeben|anrufen|schreiben)\b"
    r"|\b(?:melden|schicken|senden|teilen|geben|rufen|schreiben)\b.{0,60}\b(?:täglich|jeden (?:tag|morgen|abend)|einmal am tag)\b|(?:每天|每日|天天)\S{0,16}(?:发|發|告诉|告訴|联系|聯繫|回报|回報|报告|報告|拍照|上传|上傳|反馈|反饋|打)"
)
NEW = re.compile(
    r"別の(?:件|注文|商品)|新しい(?:注文|件|情報|写真|証拠)|追加(?:で|の)?(?:写真|資料|情報)|\b(?:another|different|new|separate) (?:order|matter|issue|question|product|item|information|evidence|problem)\b|\battached\b|\bthank(?:s| you)\b|ありがとう|"
    r"\b(?:andere|neue|weitere)[nrs]? (?:bestellung|frage|sache|angelegenheit|problem|beleg\w*|informationen)\b|\banbei\b|\bdanke\b|(?:另外|别的|別的|新的|另一)(?:个|個|件|张|張)?(?:订单|訂單|问题|問題|商品|证据|證據)|谢谢|謝謝"
)
EMERGENCY = re.compile(
    r"(?:電梯|电梯)\S{0,8}(?:困|停|卡)|(?:脱水|呼吸|ぜんそく|喘息|停電|断水|雨漏り|水漏れ|漏水|破裂)|(?:煙|火花|発火|ガス(?:漏れ|臭)|一酸化炭素|感電|救急車|意識が|出血|閉じ込め|浸水|爆発し(?:そう|た))|\b(?:smoke|on fire|gas leak|smell(?:s)? (?:of )?gas|carbon monoxide|electric shock|ambulance|unconscious|trapped|flooding|sparks|burning smell|insulin|oxygen)\b"
    r"|\b(?:rauch\w*|brennt|gasgeruch|riecht nach gas|kohlenmonoxid|stromschlag|notarzt|bewusstlos|eingesperrt|überschwemm\w*|funken|insulin|sauerstoff)\b|(?:冒烟|冒煙|着火|著火|起火|煤气|瓦斯|一氧化碳|触电|觸電|漏电|漏電|救护车|救護車|昏迷|被困|淹水|呼吸机|呼吸器|胰岛素|胰島素)"
)
CLAIM = re.compile(
    r"届(?:いていない|いてない|かない|きません|かなかった|いておりません)|壊れて|不良|欠品|入っていな|空箱|破損|\b(?:never (?:arrived|came|received)|not (?:arrived|received|in the box|delivered)|missing|broken|damaged|empty box|defective|didn'?t (?:arrive|come|receive))\b"
    r"|\b(?:nicht (?:angekommen|erhalten|geliefert|da|drin)|kaputt|defekt|beschädigt|fehlt|leer|nie angekommen)\b|没收到|沒收到|没到|沒到|坏了|壞了|破损|破損|少(?:发|發|了)|空(?:包|盒|箱)|瑕疵"
)
REFUND = re.compile(
    r"返金|全額|お金を返|\b(?:refund|money back|reimburse\w*|credit)\b|\b(?:erstatt\w*|geld zurück|rückerstatt\w*|gutschrift)\b|退款|退钱|退錢|退费|退費|全额|全額|仅退款"
)
ORDER = re.compile(r"(?:[a-z]{1,4}[-#]?)?\d{4,12}")
SENT_BACK = re.compile(
    r"(?:配達|受領|署名|重量|記録)\S{0,14}(?:完了|確認|あり|一致)|(?:三|3|四|4|五|5)(?:回|件)(?:目|続けて)|\b(?:signed for|proof of delivery|gps|photo of delivery|third|fourth|fifth|previous claims?|several claims?|pattern)\b|\b(?:zustellnachweis|unterschrieben|dritte[nr]?|vierte[nr]?|mehrere fälle)\b|签收|簽收|第[三四五六]|多次"
)
PERSONAL = re.compile(
    r"(?:彼氏|彼女|結婚|独身|お?いくつ|何歳|お住まい|どこに住|休み(?:は|の日)|シフト|下の名前|line(?:交換|教え)|連絡先|会いた|会え|声(?:が|を)(?:聞き|かわい|可愛|好き|素敵)|あなた(?:が|と|のこと)\S{0,6}(?:好き|話し|思い|忘れ)|プライベート)"
    r"|\b(?:boyfriend|single|married|how old are you|where do you live|when (?:do you|are you) (?:work|off|finish)|your (?:shift|voice|smile|eyes|instagram|facebook|personal number|photo)|miss(?:ed)? (?:you|your voice)|thinking (?:of|about) you|meet you|see you|love (?:you|your voice)|date with|coffee with|dinner with|only want to (?:talk|speak) to you)\b"
    r"|\b(?:freund\b.{0,10}\bhaben|single|verheiratet|wie alt sind sie|wo wohnen sie|wann (?:haben sie|arbeiten sie|hast du)|ihre (?:stimme|schicht|augen)|deine (?:stimme|schicht)|denke (?:oft |ständig |immer )?an sie|vermiss\w*|kennenlernen|treffen|kaffee (?:trinken|mit)|nur mit ihnen (?:sprechen|reden)|privatnummer|instagram)\b"
    r"|(?:男朋友|女朋友|单身|單身|结婚了|結婚了|多大(?:了|年纪|年紀)|几岁|幾歲|住(?:哪|在哪)|几点下班|幾點下班|上什么班|什麼時候上班|声音(?:真|很|好)|聲音(?:真|很|好)|想(?:你|妳|见你|見妳|見你)|加(?:个|個)?(?:微信|line|好友)|喜欢你|喜歡(?:你|妳)|约(?:你|妳)|約(?:你|妳)|只想(?:跟|和)(?:你|妳))"
)
WHEREABOUTS = re.compile(
    r"(?:店|会社|駅|家|職場|通用口|裏口|駐車場|マンション)\S{0,10}(?:で|の前で|から)(?:待って|見てい|見かけ|見守)|後を(?:つけ|追)|帰り道|尾行|\b(?:followed you|saw you (?:leave|at|outside|yesterday|getting|walking)|waited (?:outside|for you|by)|waiting (?:outside|for you|by)|know where you (?:live|park)|your (?:street|flat|house|car|bus stop)|outside your)\b"
    r"|\b(?:ihnen gefolgt|dir gefolgt|vor (?:ihrem|deinem|dem) (?:haus|laden|büro|personaleingang)|auf sie gewartet|auf dich gewartet|ihre adresse|deine adresse|nach hause gefolgt|gesehen,? wie sie)\b|(?:跟(?:着|著|在)(?:你|妳|她)|在(?:门口|門口|楼下|樓下|公司外|停车场|停車場)\S{0,6}(?:等|看)|看(?:到|见|見)(?:你|妳)(?:下班|回家|出来|出來|上车|上車)|知道(?:你|妳)(?:住|家))"
)
