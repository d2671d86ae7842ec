"""Internal notes of the demo company's staff, in the languages that they write to each other."""

TEXTS = (
    "倉庫に確認済み。17日に出荷場を出ているが、ラベルが読み取られていない。在庫は12点あり、15:00までなら今日出せる。",
    "Carrier says that the driver left it with a neighbour. Photo requested, answer by tomorrow noon.",
    "@Sora 今月3回目のお問い合わせです。特別対応の範囲を確認させてください。",
    "Zahlungsdienst bestätigt: nur eine Buchung eingezogen, die Vormerkung läuft am Freitag ab.",
    "已和门店确认，库存还有3件，可以保留到打烊。",
    "修正版のリリースは明日10:00の予定。案内文は共有フォルダーにあります。",
)
