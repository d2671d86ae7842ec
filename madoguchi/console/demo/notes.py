"""Internal notes of the demo company's staff, each in the language that its writer uses among colleagues."""

TEXTS = {
    "ja": (
        "倉庫に確認済み。17日に出荷場を出ているが、ラベルが読み取られていない。15:00までなら今日中に再発送できる。",
        "@Sora 今月3回目のお問い合わせです。特別対応の範囲を確認させてください。",
    ),
    "en": (
        "The carrier says that the driver left it with a neighbour. Photo requested, answer by tomorrow noon.",
        "@Sora Third contact this month. May I waive the fee?",
    ),
    "de": (
        "Mit dem Lager geklärt: Ersatz kann heute noch raus, wenn wir bis 15:00 Uhr bestätigen.",
        "@Sora Dritte Meldung in diesem Monat. Darf ich die Gebühr erlassen?",
    ),
    "zh-hans": ("已和仓库确认，15点前答复的话今天可以补发。", "@Sora 这位客户本月第三次来信，可以免收费用吗？"),
    "zh-hant": ("已和倉庫確認，15點前回覆的話今天可以補寄。", "@Sora 這位客戶本月第三次來信，可以免收費用嗎？"),
}
