"""HTML to readable text: one linear pass, no parser objects, quotes kept as `> ` lines.

Hostile markup costs no more than its length: the text is cut at every `<` and never searched twice.
"""

import re
from html import unescape

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "tr",
        "table",
        "ul",
        "ol",
        "dl",
        "li",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "form",
        "fieldset",
        "address",
        "center",
        "pre",
        "blockquote",
        "hr",
        "body",
        "html",
        "title",
        "caption",
        "thead",
        "tbody",
        "figure",
    ]
)
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"])
_SKIPPED = frozenset(["script", "style", "head", "title", "noscript", "template", "svg", "math", "object", "iframe", "select", "textarea"])
_ATTRIBUTE = re.compile(r"""([a-zA-Z\-:]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_SPACE = re.compile(r"[ \t\r\n\f\u00a0]+")
_MARK = re.compile(
    r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|divrplyfwdmsg|olk_src_body|protonmail_quote|"
    r"zmail_extra|stopspelling|appendonsend|mail-editor-reference|reply-intro|ms-outlook-mobile-reference|"
    r"quote-container|netease_quote|ntes-quote|isforwardcontent|origbody|tutanota_quote|replyforward|hmmessage_quote|mailquote|"
    r"qmquote|foxdiv|mail_quote|aolmail_quote|x_divrplyfwdmsg|uik_quote|msg-quote|wordsection-quote"
)
# Where the sender's program began the quote; taken out again by `quotes.split`.
QUOTE_MARK = "\ue0f0"
# Blockquotes nested deeper than this add no further marks.
_MAX_QUOTES = 10
MAX_HTML = 5_000_000


class _Writer:
    """Collects lines; knows the quote depth and whether white space counts."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.depth = 0
        self.blank_wanted = False
        self.preformatted = 0

    def text(self, text: str) -> None:
        if self.preformatted:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for other in others:
                self.newline(force=True)
                self.line.append(other)
            return
        text = _SPACE.sub(" ", text)
        if text == " " and not self.line:
            return
        self.line.append(text)

    def newline(self, *, force: bool = False) -> None:
        content = "".join(self.line)
        content = content.rstrip() if self.preformatted else content.strip().replace("  ", " ")
        self.line = []
        if not content and not force:
            return
        if self.blank_wanted and self.lines:
            self.blank()
        self.blank_wanted = False
        self.lines.append("> " * self.depth + content if content else ">" * bool(self.depth))

    def blank(self) -> None:
        empty = ("> " * self.depth).rstrip()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(empty)

    def paragraph(self) -> None:
        self.newline()
        self.blank_wanted = True

    def quote(self, step: int) -> None:
        self.newline()
        if self.blank_wanted and self.lines and self.lines[-1]:
            self.blank()
        self.blank_wanted = False
        self.depth = min(max(self.depth + step, 0), _MAX_QUOTES)


def html_to_text(html: str) -> str:
    """The text a reader sees. Links keep their address when the words do not show it."""
    if len(html) > MAX_HTML:
        html = html[:MAX_HTML]
    writer = _Writer()
    skip, in_comment, marked = "", False, False
    links: list[tuple[str, int]] = []
    lists: list[int | None] = []
    chunks = html.split("<")
    if chunks[0].strip():
        writer.text(unescape(chunks[0]))
    for chunk in chunks[1:]:
        if in_comment:
            end = chunk.find("-->")
            if end >= 0:
                in_comment = False
                writer.text(unescape(chunk[end + 3 :]))
            continue
        if chunk.startswith("!--") and not skip:
            end = chunk.find("-->", 3)
            if end < 0:
                in_comment = True
            else:
                writer.text(unescape(chunk[end + 3 :]))
            continue
        tag, body, after = _cut(chunk)
        if skip:
            if tag == "/" + skip or (skip == "head" and tag == "body"):
                skip = ""
                if after:
                    writer.text(unescape(after) if "&" in after else after)
            continue
        if tag is None:
            if chunk:
                writer.text(unescape("<" + chunk))
            else:
                writer.line.append("<")
            continue
        if tag in _SKIPPED:
            if not body.endswith("/"):
                skip = tag
            continue
        if not marked and body and _MARK.search(body.lower()) and tag != "body":
            marked = True
            writer.newline()
            writer.line.append(QUOTE_MARK)
        _tag(writer, tag, body, links, lists)
        if after:
            writer.text(unescape(after) if "&" in after else after)
    writer.newline()
    return "\n".join(writer.lines).strip("\n")


def _cut(chunk: str) -> tuple[str | None, str, str]:
    """Name, attributes and the text behind the tag; name None when this is no tag."""
    first = chunk[:1]
    if not (first.isascii() and (first.isalpha() or first in "/!?")):
        return None, "", ""
    end = chunk.find(">")
    if end < 0:
        return None if " " not in chunk and "\n" not in chunk else "", chunk, ""
    inside = chunk[:end]
    if inside.count('"') % 2 and '"' in chunk[end:]:
        closing = chunk.find('"', end)
        further = chunk.find(">", closing)
        if further > 0:
            inside, end = chunk[:further], further
    parts = inside.split(None, 1)
    name = parts[0].lower() if parts else ""
    if name not in ("/", "") and name.endswith("/"):
        name = name[:-1]
    if ":" in name and "@" in name:
        return "", "", chunk[end + 1 :]
    if "@" in name or name.startswith(("http:", "https:", "mailto:")):
        # <someone@example.com> or <https://...> written without escaping: text, not a tag.
        return "", "", "<" + chunk
    return name, parts[1] if len(parts) > 1 else "", chunk[end + 1 :]


def _tag(writer: _Writer, tag: str, body: str, links: list[tuple[str, int]], lists: list[int | None]) -> None:
    name = tag.lstrip("/")
    closing = tag.startswith("/")
    if name == "br":
        writer.newline(force=True)
    elif name == "a":
        _link(writer, closing, body, links)
    elif name == "img" and not closing:
        alt = _attribute(body, "alt")
        if alt and len(alt) < 200:
            writer.text(f"[{unescape(alt)}]")
    elif name in ("td", "th"):
        if closing and writer.line:
            writer.line.append("  ")
    elif name == "blockquote":
        writer.quote(-1 if closing else 1)
    elif name == "li" and not closing:
        writer.newline()
        number = lists[-1] if lists else None
        if number is None:
            writer.line.append("- ")
        else:
            writer.line.append(f"{number}. ")
            lists[-1] = number + 1
    elif name in _BLOCKS:
        if name in ("ul", "ol"):
            if not closing and len(lists) < 50:
                lists.append(1 if name == "ol" else None)
            elif closing and lists:
                lists.pop()
        if name == "pre":
            writer.newline()
            writer.preformatted = max(0, writer.preformatted + (-1 if closing else 1))
        if name == "hr":
            writer.paragraph()
            writer.line.append("________________________________")
            writer.newline()
        elif name in _PARAGRAPHS:
            writer.paragraph()
        else:
            writer.newline()


def _link(writer: _Writer, closing: bool, body: str, links: list[tuple[str, int]]) -> None:
    if not closing:
        if len(links) < 20:
            links.append((_attribute(body, "href"), len(writer.line)))
        return
    if not links:
        return
    href, since = links.pop()
    shown = "".join(writer.line[since:]).strip() if since <= len(writer.line) else ""
    href = unescape(href).strip()
    plain = href.removeprefix("mailto:").removeprefix("https://").removeprefix("http://").rstrip("/")
    if not href.lower().startswith(("http:", "https:", "mailto:")) or not plain or len(href) > 2000:
        return
    if shown and plain not in shown and shown not in href:
        writer.line.append(f" ({href.removeprefix('mailto:')})")
    elif not shown and not href.startswith("mailto:") and since <= len(writer.line):
        return


def _attribute(body: str, name: str) -> str:
    for match in _ATTRIBUTE.finditer(body[:4000]):
        if match[1].lower() == name:
            return match[2] or match[3] or match[4] or ""
    return ""
