"""Cuts an article's Markdown into passages to be found and sentences to be shown. Pure."""

import re
from collections.abc import Iterator

PASSAGE = 260
"""Width of a passage in half-width characters: about 80 tokens. Longer ones blur what each sentence means."""
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]")
_MARKS = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__)(.+?)\1"), r"\2"),
    (re.compile(r"(?<!\w)([*_])([^*_]+)\1(?!\w)"), r"\2"),
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r"<[^>]{1,200}>"), " "),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])"), r"\1"),
)
_BLOCK_START = re.compile(r"^\s*(?:[-*+]\s+|\d{1,3}[.)]\s+|>\s?|#{1,6}\s+|:::.*$)")
_RULE = re.compile(r"^[\s|:=-]+$")
_LABEL = re.compile(r"^(?:\*\*[^*]+\*\*[:：]?|#{1,6}\s.*)$")
_WIDE_END = ("。", "！", "？")
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+(?=[^a-z\s])")


def plain(markdown: str) -> str:
    """One line of Markdown as plain text."""
    text = _BLOCK_START.sub("", markdown)
    for pattern, replacement in _MARKS:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())


def sentences(markdown: str) -> list[str]:
    """What can be quoted: sentences, list items, table rows, each with the label that stands above it where it has one."""
    return [f"{label} {text}" if label else text for label, text in _pieces(markdown)]


def cut(title: str, markdown: str) -> list[str]:
    """Passages in order, each beginning with the article's title, which says what it is about."""
    found: list[str] = []
    pending: list[str] = []
    label = ""
    for above, text in _pieces(markdown):
        if pending and (above != label or width(" ".join([*pending, text])) > PASSAGE):
            found.append(_passage(title, label, pending))
            pending = []
        label = above
        pending.append(text)
    if pending:
        found.append(_passage(title, label, pending))
    return found


def width(text: str) -> int:
    """Half-width columns: a Han character or kana counts two."""
    return len(text) + len(_WIDE.findall(text))


def _passage(title: str, label: str, texts: list[str]) -> str:
    body = _joined(texts)
    return f"{title}: {label} {body}" if label else f"{title}: {body}"


def _joined(texts: list[str]) -> str:
    """With a space between, except after a Chinese or Japanese sentence."""
    return "".join(text if text.endswith(_WIDE_END) else f"{text} " for text in texts).rstrip()


def _pieces(markdown: str) -> Iterator[tuple[str, str]]:
    """(label above, sentence or row). A heading holds until the next one, a line all in bold for the block below it."""
    heading = label = ""
    columns: list[str] = []
    used = False
    for line in markdown.splitlines():
        text = line.strip()
        if not text:
            label, columns = "" if used else label, []
        elif _LABEL.match(text):
            heading, label, used = (plain(text), "", False) if text.startswith("#") else (heading, plain(text), False)
        elif text.startswith("|") and not columns:
            columns = _cells(text)
        elif not _RULE.match(text) and not text.startswith(("```", "~~~")):
            used = True
            for piece in [_row(columns, _cells(text))] if text.startswith("|") else _SENTENCE.split(plain(text)):
                if piece.strip():
                    yield label or heading, piece.strip()


def _cells(text: str) -> list[str]:
    return [plain(cell) for cell in text.strip("|").split("|")]


def _row(columns: list[str], cells: list[str]) -> str:
    """A row of a table as a sentence: what it is about, then each value with its column."""
    first, *rest = cells
    values = [f"{name} {cell}" if name else cell for name, cell in zip(columns[1:], rest, strict=False) if cell]
    return f"{first}: {'; '.join(values)}" if values else first
