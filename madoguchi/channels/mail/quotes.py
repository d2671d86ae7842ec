"""Reply text, quoted text and signature of one message. The three hold every line of it.

How it thinks: lines are marked (quoted by `>`, announcing a quote, empty, text). What follows an announcement
is quoted: only its `>` lines when it has some, all the rest otherwise. A quote in the middle of a reply that answers
point by point stays in the reply, because the answers make no sense without it.
"""

from itertools import pairwise

from madoguchi.channels.mail.html_text import QUOTE_MARK
from madoguchi.channels.mail.quote_markers import announcement, header_block, label_of, separator, shared_line
from madoguchi.channels.mail.signatures import signature_start

# Lines beyond this are not searched for announcements; they go with what stands before them.
MAX_LINES = 20_000
# After so many lines that might be announcements, a text is no mail that somebody answered.
MAX_LOOKS = 1_000
_ENDS = frozenset(":：-")
_STARTS = frozenset("-_=*")
# A line that the sender's program broke inside a quote: the quoted line before it was this long.
_WRAPPED_WIDTH = 60

_TEXT, _EMPTY, _QUOTED, _SPLITTER, _FORWARD = "t", "e", "m", "s", "f"
_LABEL_COLONS = (":", "：")


def split(text: str, *, sender: str = "") -> tuple[str, str, str]:
    """(reply, quoted, signature), each without empty lines around. `sender`: the name in From, to know a signature by."""
    if not text.strip():
        return "", "", ""
    lines = text.split("\n")
    marks = _mark(lines)
    if QUOTE_MARK in text:
        lines = [line.replace(QUOTE_MARK, "") for line in lines]
    places = _place(lines, marks)
    reply = [line for line, place in zip(lines, places, strict=True) if place == "r"]
    quoted = [line for line, place in zip(lines, places, strict=True) if place == "q"]
    start = signature_start(reply, sender)
    signature = reply[start:]
    reply = reply[:start]
    if any(line.strip() for line in reply):
        return _joined(reply), _joined(quoted), _joined(signature)
    return _without_reply(lines, marks, quoted, signature, sender)


def _without_reply(lines: list[str], marks: list[str], quoted: list[str], signature: list[str], sender: str) -> tuple[str, str, str]:
    """Nothing of one's own above: a bare quote stays one; a mail passed on, or a signature alone, is the message itself."""
    if not quoted:
        return _joined(signature), "", ""
    if _QUOTED in marks and _FORWARD not in marks:
        return "", _joined(quoted), _joined(signature)
    if signature and _joined(signature):
        return "", _joined(quoted), _joined(signature)
    begin = next((n for n, mark in enumerate(marks) if mark not in (_SPLITTER, _FORWARD, _EMPTY)), 0)
    reply, older, signature_text = split("\n".join(lines[begin:]), sender=sender) if begin else ("\n".join(lines), "", "")
    return _joined([*lines[:begin], reply]), older, signature_text


def _joined(lines: list[str]) -> str:
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return "\n".join(lines[first:last])


def _mark(lines: list[str]) -> list[str]:
    """One mark a line. A line that holds both reply and announcement is cut in two (in place)."""
    marks: list[str] = []
    number, looks = 0, 0
    while number < len(lines):
        line = lines[number]
        if number >= MAX_LINES or looks > MAX_LOOKS:
            marks.append(_QUOTED if line.startswith(">") else _TEXT)
            number += 1
            continue
        stripped = line.strip()
        if not stripped:
            marks.append(_EMPTY)
        elif QUOTE_MARK in line:
            marks.append(_SPLITTER)
        elif stripped[0] in ">＞" and not stripped.startswith((">:", ">：")):
            marks.append(_QUOTED)
        else:
            looks += line[-1:] in _ENDS or line[:1] in _STARTS
            size, mark = _announced(lines, marks, number)
            if size < 0:  # the line was cut: look at its first half again
                continue
            marks.extend([mark] * max(size, 1))
            number += max(size, 1)
            continue
        number += 1
    return marks


def _announced(lines: list[str], marks: list[str], number: int) -> tuple[int, str]:
    line = lines[number]
    size, forward = separator(lines, number)
    if size:
        return size, _FORWARD if forward else _SPLITTER
    end = line.rstrip()
    if end[-1:] in (":", "：", "-", "e", "道", ">", "b", "ł", "ó"):
        halves = shared_line(end)
        if halves:
            lines[number : number + 1] = list(halves)
            return -1, _TEXT
        begin, count = announcement(lines, number)
        if count:
            for earlier in range(begin, number):
                marks[earlier] = _SPLITTER
            return 1, _SPLITTER
    if (":" in line[:40] or "：" in line[:20]) and label_of(line):
        size, _fields = header_block(lines, number)
        if size:
            return size, _SPLITTER
    return 1, _TEXT


def _place(lines: list[str], marks: list[str]) -> list[str]:
    """`r` for reply and `q` for quoted, for each line."""
    size = len(marks)
    marks = _mend_wrapped(lines, marks)
    blocks = _quote_blocks(marks)
    places = ["r"] * size
    if not blocks:
        return places
    # The quote at the end is always a quote, with or without an announcement, also above a mere signature.
    begin, end, _ = blocks[-1]
    if not any(marks[n] == _TEXT for n in range(end, size)) or _only_signature(lines[end:]):
        blocks.pop()
        places[begin:end] = ["q"] * (end - begin)
    if blocks and not _answers_between(marks, blocks):
        for begin, end, announced_block in blocks:
            leading = not any(marks[n] == _TEXT for n in range(begin))
            if announced_block or leading:
                places[begin:end] = ["q"] * (end - begin)
    return places


def _only_signature(lines: list[str]) -> bool:
    return signature_start([line for line in lines if line.strip()]) == 0


def _answers_between(marks: list[str], blocks: list[tuple[int, int, bool]]) -> bool:
    return any(marks[n] == _TEXT for (_, end, _a), (begin, _, _b) in pairwise(blocks) for n in range(end, begin))


def _quote_blocks(marks: list[str]) -> list[tuple[int, int, bool]]:
    """(begin, end, announced) of each quote. An announcement without `>` lines below takes all the rest."""
    blocks: list[tuple[int, int, bool]] = []
    number, size = 0, len(marks)
    while number < size:
        mark = marks[number]
        if mark in (_SPLITTER, _FORWARD):
            begin = number
            while number < size and marks[number] in (_SPLITTER, _FORWARD, _EMPTY):
                number += 1
            if number >= size or marks[number] != _QUOTED or _FORWARD in marks[begin:number]:
                blocks.append((begin, size, True))
                return blocks
            number = _quoted_end(marks, number)
            blocks.append((begin, number, True))
        elif mark == _QUOTED:
            begin = number
            number = _quoted_end(marks, number)
            blocks.append((begin, number, False))
        else:
            number += 1
    return blocks


def _quoted_end(marks: list[str], number: int) -> int:
    """Behind the last of a run of quoted lines; empty lines inside belong to it."""
    end = number
    while number < len(marks) and marks[number] in (_QUOTED, _EMPTY):
        number += 1
        if marks[number - 1] == _QUOTED:
            end = number
    return end


def _mend_wrapped(lines: list[str], marks: list[str]) -> list[str]:
    """A lone line right between quoted lines, after a long one, is the rest of that line."""
    if _QUOTED not in marks:
        return marks
    mended = marks[:]
    for number in range(1, len(marks) - 1):
        if marks[number] != _TEXT or mended[number - 1] != _QUOTED:
            continue
        following = marks[number + 1]
        if following != _QUOTED:
            continue
        line = lines[number].strip()
        if (len(lines[number - 1]) >= _WRAPPED_WIDTH and len(line) < len(lines[number - 1])) or _is_link_rest(line):
            mended[number] = _QUOTED
    return mended


def _is_link_rest(line: str) -> bool:
    """A link that a program broke out of the quote: `(http://example.com/x) >` or `_nonce=3dd518)`."""
    return line.startswith(("(http", "<http", "http")) or (" " not in line and line.endswith((")", ">")) and any(c in line for c in "=/&?"))
