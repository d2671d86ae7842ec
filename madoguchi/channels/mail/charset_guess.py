"""Which charset are these bytes? A guess by how plausible the text is that comes out.

Each candidate is decoded and scored by the share of characters that ordinary text of its
script is made of. The right reading scores high; a wrong one is full of rare characters.
"""

import re

from madoguchi.channels.mail.iso2022 import decode_eucjp, decode_iso2022jp

# How much of a long text is looked at.
_SAMPLE = 6000
# A reading below this share of ordinary characters is not believed.
_BELIEVABLE = 0.35
# A greater share of half-width katakana is a sign of another charset read as Shift_JIS.
_HALF_WIDTH = 0.4

_ISO2022_ESCAPE = re.compile(rb"\x1b\$[@BA(]|\x1b\([IJ]")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32", "utf-32"),
    (b"\xff\xfe", "utf-16", "utf-16"),
    (b"\xfe\xff", "utf-16", "utf-16"),
)

_PUNCTUATION = "、。，．！？：；「」『』（）・ー〜～…　“”‘’《》【】―－％／￥"
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进"
    "好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制"
    "身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务"
    "做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望"
    "您请谢订单发票款退换货收付邮箱号码客服问题账户登录密码复查询附件公司产品购买价格快递物流商城店网站系统错误联系帮助处理申请修改地址快件支付宝微信尊敬女士先生贵司祝商您好谢周末今天昨天明天上午下午"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進"
    "好小部其些主樣理心她本前開但因只從想實日者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應向頭文體美相見被利什二等產或新己制"
    "身果加月話合回特代內信表化老給位次度門任常先海通教原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活更別打女變四總何電數安少報才結反受目太量再感建務做接必場件計"
    "管期市直資命金指許統區保至形社便空決展科司五基書非則聽白卻界達光放強即像難且權思象完設式色路記南品住告類求據程北邊該交規萬取格望"
    "您請謝訂單發票款退換貨收付郵箱號碼客服問題帳戶登入密碼覆查詢附檔公司產品購買價格快遞物流商城店網站系統錯誤聯絡幫助處理申請修改地址寄送尊敬女士先生貴祝好週末今昨明上午下"
)
_JAPANESE = (
    "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西電校語土木聞食車何南万毎白天母火右読友左休父雨"
    "会同事自社発者地業方新場員立開手力問代明動京目通言理体田主題意不作用度強公持野以思家世多正安院心界教文元重近考画海売知道集別物使品計死特私始朝運終台広住真有口少"
    "町料工建空急止送切転研足究楽起着店病質待試族銀早映親験英医仕去味写字答夜音注帰古歌買悪図週室歩風紙黒花春赤青館屋色走秋夏習駅洋旅服夕借曜飲肉貸堂鳥飯勉冬昼茶弟"
    "株式様御願致申込注文番号返品送料配達請求登録確認連絡対応問合商品購入支払届荷物交換返金領収変更解約再設定画面終了状況金額間違割住所添付写真期限切表示認証期待利用担当部課件宜世話失礼拝受付都合最終回答済佐藤鈴木高橋渡辺伊藤山本中村小林加藤吉田"
)
_KANA = "".join(map(chr, [*range(0x3041, 0x3097), *range(0x30A1, 0x30FD)]))
_LATIN = frozenset("äöüßÄÖÜéèêëàâáãçñóòôõíìîïúùûøåæœÉÈÀÂÇÑÓØÅÆ’‘“”„–—…€£«»°·§©®•¡¿²³½ýÝðþ´\xa0")
_CYRILLIC_COMMON = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфё")

_COMMON = {
    "shift_jis": frozenset(_KANA + _PUNCTUATION + _JAPANESE),
    "euc-jp": frozenset(_KANA + _PUNCTUATION + _JAPANESE),
    "gb18030": frozenset(_SIMPLIFIED + _PUNCTUATION),
    "big5": frozenset(_TRADITIONAL + _PUNCTUATION),
}


def guess(data: bytes, hint: str | None = None, *, only_double_byte: bool = False) -> tuple[str, str | None]:
    """The most plausible text and its charset; ("", None) when nothing is believable."""
    if not only_double_byte:
        certain = _certain(data)
        if certain is not None:
            return certain
    sample = data if len(data) <= _SAMPLE else data[: data.rfind(b"\n", 1000, _SAMPLE) + 1 or _SAMPLE]
    scores = {name: score(sample) for name, score in _SCORERS.items() if name in _COMMON or not only_double_byte}
    for name in scores:
        if hint is not None and _CODEC[name] == hint:
            scores[name] += 0.15
    best = max(scores, key=scores.__getitem__)
    if scores[best] < _BELIEVABLE:
        return "", None
    text = _read(data, best)
    return text, best


def doubtful(text: str, data: bytes, codec: str) -> bool:
    """A declared East Asian charset fits by chance only: private characters, or half-width katakana where EUC-JP gives plain Japanese."""
    wide = [c for c in text[:_SAMPLE] if c > "\x7f"]
    if sum("\ue000" <= c <= "\uf8ff" for c in wide) > 1 + len(wide) * 0.05:
        return True
    if codec != "cp932" or sum("\uff61" <= c <= "\uff9f" for c in wide) <= len(wide) * _HALF_WIDTH:
        return False
    sample = data[:_SAMPLE]
    return _SCORERS["euc-jp"](sample) > max(_BELIEVABLE, _SCORERS["shift_jis"](sample))


def _certain(data: bytes) -> tuple[str, str] | None:
    for mark, codec, name in _BOMS:
        # Two odd bytes at the start of Latin text are no UTF-16: that holds NULs, at least in its line ends.
        if data.startswith(mark) and (name == "utf-8" or b"\0" in data):
            try:
                return data.decode(codec), name
            except UnicodeError:
                continue
    if _ISO2022_ESCAPE.search(data):
        text = decode_iso2022jp(data)
        if text is not None:
            return text, "iso-2022-jp"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.start >= 3 and error.reason == "unexpected end of data":
            return data.decode("utf-8", "replace"), "utf-8"
    # Text cut in the middle of a character, or with one stray byte, is still UTF-8.
    text = data.decode("utf-8", "replace")
    wide = sum(c > "\x7f" for c in text[:_SAMPLE])
    bad = text.count("\ufffd", 0, _SAMPLE)
    if wide > 4 and bad <= max(1, wide // 12):
        return text, "utf-8"
    return None


def _read(data: bytes, name: str) -> str:
    if name == "euc-jp":
        text = decode_eucjp(data)
        if text is not None:
            return text
    return data.decode(_CODEC_TO_READ[name], "replace")


def _double_byte_scorer(name: str):
    common = _COMMON[name]

    def score(sample: bytes) -> float:
        text = _read(sample, name)
        wide = [c for c in text if c > "\x7f"]
        if not wide:
            return 0.0
        half = sum("\uff61" <= c <= "\uff9f" for c in wide)
        bad = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in wide)
        if name != "shift_jis" or half > len(wide) * _HALF_WIDTH:  # people who write Shift_JIS do write ｶﾀｶﾅ, within other text
            bad += half
        if bad > 1 + len(wide) * 0.05 or (bad and len(wide) <= 2):
            return 0.0
        return sum(c in common for c in wide) / len(wide)

    return score


def _korean(sample: bytes) -> float:
    text = sample.decode("cp949", "replace")
    wide = [c for c in text if c > "\x7f"]
    if not wide or "\ufffd" in text:
        return 0.0
    # The 2,350 syllables of KS X 1001 lie at B0-C8; random bytes reach the extension far more often.
    usual = len(_KS_SYLLABLE.findall(sample))
    return 0.9 * min(usual, sum("\uac00" <= c <= "\ud7a3" for c in wide)) / len(wide)


_KS_SYLLABLE = re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")


def _western(sample: bytes) -> float:
    text = sample.decode("cp1252", "replace")
    wide = [c for c in text if c > "\x7f"]
    if not wide:
        return 0.0
    usual = sum(c in _LATIN for c in wide) / len(wide)
    letters = sum(c.isascii() and c.isalpha() for c in text)
    # Latin prose is mostly ASCII; a text of high bytes alone is something else.
    return usual * min(1.0, letters / (2 * len(wide))) if len(wide) > 2 else usual * 0.6


def _cyrillic_scorer(codec: str):
    def score(sample: bytes) -> float:
        wide = [c for c in sample.decode(codec, "replace") if c > "\x7f"]
        if len(wide) < 4:
            return 0.0
        return 0.95 * sum(c in _CYRILLIC_COMMON for c in wide) / len(wide)

    return score


_SCORERS = {name: _double_byte_scorer(name) for name in _COMMON} | {
    "euc-kr": _korean,
    "windows-1252": _western,
    "windows-1251": _cyrillic_scorer("cp1251"),
    "koi8-r": _cyrillic_scorer("koi8-r"),
}
_CODEC = {
    "shift_jis": "cp932",
    "euc-jp": "euc-jp",
    "gb18030": "gb18030",
    "big5": "big5",
    "euc-kr": "cp949",
    "windows-1252": "cp1252",
    "windows-1251": "cp1251",
    "koi8-r": "koi8-r",
}
_CODEC_TO_READ = _CODEC | {"euc-jp": "euc_jp", "big5": "cp950"}
