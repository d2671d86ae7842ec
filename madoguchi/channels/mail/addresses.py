"""Address lists of RFC 5322 as they really come: names with commas, groups, comments, raw bytes, no brackets."""

import re

from madoguchi.channels.mail.headers import as_bytes, decode_text, unfold

Address = tuple[str, str]

# A field with more addresses than this is cut.
MAX_ADDRESSES = 2_000
# Longer fields take the slower way, whose time does not grow with the square of the length.
_SHORT = 400

_ONE = re.compile(
    r'\s*(?:"((?:[^"\\\x80-\U0010ffff\x1b]|\\.)*)"|([^"<>,;:()@\\\x80-\U0010ffff\x1b]*))\s*<\s*([A-Za-z0-9!#$%&\'*+/=?^_`{|}~.\-]+@[A-Za-z0-9.\-]+)\s*>\s*$'
)
_BARE = re.compile(r"\s*([A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]+@[A-Za-z0-9.\-]+)\s*$")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[<>(),;:]|[^<>(),;:"\\]+|["\\]', re.DOTALL)
_ADDRESS_IN_TEXT = re.compile(r"[^\s<>,;\"()\[\]]{1,200}@[^\s<>,;\"()]{1,250}")
_LOOSE_DOT = re.compile(r"\s*([.@])\s*")
_ESCAPED = re.compile(r"\\(.)")


def parse_addresses(value: str, problems: set[str], hint: str | None = None) -> tuple[Address, ...]:
    """(name, address) pairs in order. A part without any address keeps its text as the name."""
    one = _ONE.match(value) if len(value) <= _SHORT else None
    if one:
        quoted, plain, address = one.groups()
        name = quoted if quoted is not None else plain
        return ((_name(name, problems, hint), address),)
    bare = _BARE.match(value) if len(value) <= _SHORT else None
    if bare:
        return (("", bare[1]),)
    value = unfold(value) if len(value) <= _SHORT else " ".join(value.split())
    if not value:
        return ()
    if not value.isascii() or "\x1b" in value:
        # Raw bytes of ISO-2022-JP or Shift_JIS hold commas and quotes: read first, then cut.
        words = "=?" in value
        value = decode_text(value, problems, hint) if not words else as_bytes(value).decode("utf-8", "replace")
    return _parse_list(value, problems, hint)


def _parse_list(value: str, problems: set[str], hint: str | None) -> tuple[Address, ...]:
    found: list[Address] = []
    phrase: list[str] = []
    comment: list[str] = []
    angle: list[str] | None = None
    route = ""
    depth = 0
    group = False

    def finish() -> None:
        nonlocal angle, route
        entry = _entry(phrase, route, comment, problems, hint)
        if entry is not None:
            found.append(entry)
        phrase.clear()
        comment.clear()
        angle, route = None, ""

    ignored: list[str] = []
    for token in _TOKEN.findall(value):
        if depth:
            if token == "(":
                depth += 1
            elif token == ")":
                depth -= 1
            if depth:
                (comment if angle is None else ignored).append(token)
        elif angle is not None:
            if token == "(":
                depth = 1
            elif token in (">", ",", ";") and (token == ">" or "@" in "".join(angle)):
                route, angle = route or "".join(angle), None
                if token != ">":
                    finish()
            else:
                angle.append(token)
        elif token == "(":
            depth = 1
        elif token == "<":
            angle = []
        elif token in (",", ";"):
            if group and not route and not "".join(phrase).strip():
                comment.clear()  # a group without members
            group = group and token == ","
            finish()
        elif token == ":" and not any("@" in p for p in phrase):
            phrase.clear()  # the name of a group; its members follow
            comment.clear()
            group = True
        else:
            phrase.append(token)
        if len(found) >= MAX_ADDRESSES:
            problems.add("too_many_addresses")
            return tuple(found)
    if angle:
        route = "".join(angle)
    finish()
    return tuple(found)


def _entry(phrase: list[str], route: str, comment: list[str], problems: set[str], hint: str | None) -> Address | None:
    text = "".join(phrase).strip()
    note = "".join(comment).strip()
    address = route.strip().strip("\"'").rpartition(":")[2] if route.startswith("@") else "".join(route.split()).strip("'")
    if not address:
        tight = _LOOSE_DOT.sub(r"\1", text) if "@" in text else text
        match = _ADDRESS_IN_TEXT.fullmatch(tight)
        if match:
            text = tight
        else:
            match = _ADDRESS_IN_TEXT.search(text)
        if match:
            address = match.group().strip("'")
            text = (text[: match.start()] + text[match.end() :]).strip(" '\"\t")
        elif not text and not note:
            return None
        else:
            problems.add("bad_address")
    if "=?" in address:
        address = "".join(decode_text(address, problems, hint).split())
    return _name(_unquote(text) or note, problems, hint), address


def _unquote(text: str) -> str:
    if '"' in text:
        text = text.replace('\\"', "\0").replace('"', "").replace("\0", '"')
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    return text


def _name(name: str, problems: set[str], hint: str | None) -> str:
    if not name:
        return ""
    if "\\" in name:
        name = _ESCAPED.sub(r"\1", name)
    name = decode_text(name, problems, hint).strip()
    if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name[:500]
