"""A case file on paper: PDF with the fonts that every reader has for Japanese and Chinese (docs/adr/0024-case-files.md)."""

import io
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from madoguchi.design import formats

from .models import Case, CaseEntry, Measure

_FONTS = {"ja": "HeiseiKakuGo-W5", "zh-hans": "STSong-Light", "zh-hant": "MSung-Light"}
_LATIN = "Helvetica"
_LONGEST = 6000  # characters of one message; the package has all of it


def _font(name: str) -> str:
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name


def _font_for(text: str, language: str) -> str:
    """Latin letters in the standard font; anything beyond in the font of the language, Japanese where that has none."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return _font(_FONTS.get(language, _FONTS["ja"]))
    return _LATIN


class _Sheet:
    """Paragraphs one after the other, each in a font that has its letters."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.flow: list[Any] = []

    def say(self, text: str, *, size: float = 9.5, space: float = 4, language: str = "") -> None:
        font = _font_for(text, language or self.language)
        style = ParagraphStyle(
            "p", fontName=font, fontSize=size, leading=size * 1.55, spaceAfter=space, wordWrap="CJK" if font != _LATIN else None
        )
        for part in text.split("\n"):
            self.flow.append(Paragraph(escape(part) or "&nbsp;", style))

    def head(self, text: str) -> None:
        self.flow.append(Spacer(1, 5 * mm))
        self.say(text, size=12.5, space=6)

    def _cell(self, text: str) -> Paragraph:
        style = ParagraphStyle("c", fontName=_font_for(text, self.language), fontSize=9, leading=13, wordWrap="CJK")
        return Paragraph(escape(text), style)

    def table(self, rows: list[tuple[str, str]]) -> None:
        cells = [[self._cell(text) for text in pair] for pair in rows]
        table = Table(cells, colWidths=[48 * mm, 122 * mm])
        table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.25, "#cccccc")]))
        self.flow.append(table)


def case_pdf(case: Case, data: dict[str, Any], *, language: str) -> bytes:
    """The file as PDF in one of our languages; `data` is `cases.as_data`. Evidence is quoted as it was written."""
    with override(language):
        sheet = _Sheet(language)
        sheet.say(f"{_('Case file')} {case.code}", size=17, space=8)
        sheet.table([
            (_("Title"), case.title), (_("Customer"), f"{case.customer.name} (#{case.customer_id})"),
            (pgettext("case file", "Person in charge"), data["owner"]), (_("Opened"), f"{formats.stamp(case.opened_at)} {case.opened_by}"),
            (_("State"), str(Case.State(case.state).label)),
            (_("Is the demand justified?"), str(Case.Answer(case.demand).label)),
            (_("Is the manner acceptable?"), str(Case.Answer(case.manner).label)),
        ])  # fmt: skip
        for title, text in ((_("Facts"), case.facts), (_("Reasons of the judgement"), case.judgement)):
            _section(sheet, title, text)
        _steps(sheet, case)
        _entries(sheet, case)
        for title, text in ((_("Against recurrence"), case.recurrence), (_("Conclusion"), case.conclusion)):
            _section(sheet, title, text)
        _evidence(sheet, data)
    made = io.BytesIO()
    document = SimpleDocTemplate(
        made, pagesize=A4, title=f"{case.code}", author="Madoguchi", leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm,
        bottomMargin=18 * mm, invariant=1,
    )  # fmt: skip
    document.build(sheet.flow)
    return made.getvalue()


def _section(sheet: _Sheet, title: str, text: str) -> None:
    if text.strip():
        sheet.head(title)
        sheet.say(text)


def _steps(sheet: _Sheet, case: Case) -> None:
    rows = list(Measure.objects.filter(ticket__in=case.tickets.all()).order_by("id"))
    if rows:
        sheet.head(_("Steps that were taken"))
        sheet.table([
            (f"{formats.stamp(row.created_at)}", f"{Measure.Step(row.step).label} · {row.by_name} · {row.reason}") for row in rows
        ])  # fmt: skip


def _entries(sheet: _Sheet, case: Case) -> None:
    for row in case.entries.order_by("id"):
        sheet.head(f"{CaseEntry.Kind(row.kind).label}: {row.person}")
        sheet.say(row.text)
        sheet.say(f"{formats.stamp(row.at)} {row.by_name}", size=8)


def _evidence(sheet: _Sheet, data: dict[str, Any]) -> None:
    for one in data["evidence"]:
        sheet.head(_("Evidence: message {number}, ticket {ticket}").format(number=one["message"], ticket=one["ticket"]))
        sheet.table([
            (_("Arrived"), one["at"]), (_("From"), " ".join(one["from"])), (_("Checksum (SHA-256)"), one["sha256"]),
            (_("Of"), one["of"]), (_("Audit entry"), f"{one['audit_entry']} {one['audit_digest']}"),
        ])  # fmt: skip
        sheet.flow.append(Spacer(1, 2 * mm))
        sheet.say(one["text"][:_LONGEST], language=one["language"])
