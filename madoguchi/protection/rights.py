"""What no restriction may keep from us: danger from a product, and rights that the law gives. Read by plain words, in five languages.

A word too many only means that a person looks at a message that could have waited; a word too few could hide a fire.
"""

import re
import unicodedata

_SAFETY = (
    r"発火|出火|火災|発煙|煙が出|感電|やけど|火傷|けがを|ケガを|怪我|ガス漏れ|破裂|爆発し|リコール",
    r"起火|着火|冒烟|冒煙|触电|觸電|烫伤|燙傷|受伤|受傷|漏气|瓦斯外洩|爆炸|召回",
    r"\b(caught fire|on fire|smok(?:e|ing)|electric shock|got (?:an )?shock|burn(?:t|ed|s)?|injur(?:y|ed)|gas leak|exploded|recall)\b",
    r"\b(Brand|brennt|raucht|Rauch|Stromschlag|Verbrennung(?:en)?|verletzt|Verletzung|Gasgeruch|explodiert|Rückruf)\b",
)
_RIGHTS = (
    r"クーリング・?オフ|個人情報の(?:開示|削除|訂正|利用停止)|契約(?:を|の)解除|保証(?:期間|修理)|合理的配慮|異議",
    r"(?:七|7)天无理由|七天鑑賞期|解除合同|解除契約|删除(?:我的)?个人信息|刪除(?:我的)?個人資料|查询(?:我的)?个人信息|保修|保固|申诉|申訴|无障碍|無障礙",
    r"\b(withdraw from (?:the|this) contract|right of withdrawal|cooling[- ]off|my personal data|GDPR|data protection)\b",
    r"\b(warranty|guarantee|reasonable accommodation|appeal)\b",
    r"\b(Widerruf\w*|DSGVO|Datenschutz\w*|Auskunft über meine|meine Daten löschen)\b",
    r"\b(Gewährleistung\w*|Garantie\w*|Barrierefrei\w*|Überprüfung)\b",
)
_FOUND = re.compile("|".join((*_SAFETY, *_RIGHTS)), re.IGNORECASE)
_READ = 20_000  # characters


def touches_rights(text: str) -> bool:
    """Whether the text speaks of danger from a product or of a statutory right (withdrawal, warranty, one's own data, accommodation,
    appeal).
    """
    return _FOUND.search(unicodedata.normalize("NFKC", text[:_READ])) is not None
