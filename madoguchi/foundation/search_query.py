"""What a person typed into a search box, as clauses over the terms of `text`; and where a shown text matches it.

    invoice rechnung      both words, anywhere
    "zu spät geliefert"   these words in this order
    返品                   these characters in this order
    -newsletter           not this word
    from:anna  subject:x  only among names and addresses, only in the subject

Every clause must match. A clause has alternatives: HZ-264762 matches as two words in order and as one word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from madoguchi.foundation import text as terms

MAX_QUERY = 400
"""Characters of a query that are read."""
MAX_CLAUSES = 16
MAX_PHRASE = 60
"""Terms of one phrase; what is longer is searched by its beginning."""
SHORTEST_PREFIX = 3
"""Letters from which on the word being typed is also searched as the beginning of a word."""
MAX_HIGHLIGHT = 20_000
"""Characters of a text in which matches are marked."""

Phrase = tuple[str, ...]
Range = tuple[int, int]

FIELDS = {"from": "who", "to": "who", "subject": "head"}
_TYPED = re.compile(r'(?P<minus>(?<!\S)-)?(?:(?P<field>from|to|subject):(?=\S))?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_SPACED_PHONE = re.compile(r"(?<!\S)(?:\+?\d|\(0)[\d ()./-]*\d(?!\S)")
_DENSE = re.compile(f"[{terms.DENSE}]+")
_LONG_SOUND = "ー"


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. A phrase of one term may match any word or part, a longer one only words in order."""

    phrases: tuple[Phrase, ...]
    exclude: bool = False
    prefix: bool = False
    """The word may still be being typed: its only phrase may also match as the beginning of a word."""
    field: str = ""
    """Only there: a field of `search.Document`."""


@dataclass(frozen=True, slots=True)
class Query:
    clauses: tuple[Clause, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing positive is asked; such a query finds nothing."""
        return all(clause.exclude for clause in self.clauses)


def query_terms(typed: str) -> Query:
    """Reads what was typed. Anything is a valid query; without a single word it is empty."""
    folded = terms.fold(typed[:MAX_QUERY])
    clauses: list[Clause] = []

    def take_phone(match: re.Match[str]) -> str:
        found = terms.PHONE.search(match[0])
        if not found or found[0][0] not in "+0" or " " not in match[0]:
            return match[0]
        clauses.append(Clause(((terms.phone_terms(found[0])[0],), ("tel" + _digits(match[0])[-terms.PHONE_TAIL :],))))
        return " "

    if '"' not in folded:
        folded = _SPACED_PHONE.sub(take_phone, folded)
    for match in _TYPED.finditer(folded):
        exclude = match["minus"] is not None
        if match["quoted"] is not None:
            found = list(_quoted(match["quoted"]))
        else:
            found = list(_plain(match["plain"], last=match.end() == len(folded)))
        if exclude and len(found) > 1:
            continue  # "not all of these at once" is no question that people ask
        field = FIELDS.get(match["field"] or "", "")
        clauses.extend(Clause(clause.phrases, exclude, clause.prefix and not exclude, field) for clause in found)
    return Query(tuple(dict.fromkeys(clauses))[:MAX_CLAUSES])


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _plain(typed: str, *, last: bool) -> Iterator[Clause]:
    for match in terms.TOKEN.finditer(typed):
        token = match[0]
        if match[1]:
            yield Clause((_dense_phrase(token),))
            continue
        pieces = terms.pieces_of(token)
        words = tuple([word for piece in pieces for word in terms.word_terms(piece)[0]])
        phrases = [words[:MAX_PHRASE]]
        if len(pieces) > 1 and (whole := terms.joined(pieces)):
            phrases.append((whole,))
        phone = terms.PHONE.search(typed)
        if phone and token in phone[0]:
            phrases.extend((term,) for term in terms.phone_terms(phone[0]))
        typing = last and match.end() == len(typed) and len(words) == 1 and token.isalpha()
        yield Clause(tuple(dict.fromkeys(phrases)), prefix=typing and len(words[0]) >= SHORTEST_PREFIX)


def _dense_phrase(run: str) -> Phrase:
    if len(run) > terms.SHORTEST_TAIL - 1 and run.endswith(_LONG_SOUND):
        run = run[:-1]  # サーバー and サーバ are the same word
    if len(run) == 1:
        return (run,)
    return tuple([run[at : at + 2] for at in range(len(run) - 1)])[:MAX_PHRASE]


def _quoted(typed: str) -> Iterator[Clause]:
    """The words in order. A single dense character at an edge may belong to a longer run, so it stands alone."""
    tokens = list(terms.TOKEN.finditer(typed))
    phrase: list[str] = []
    for at, match in enumerate(tokens):
        token = match[0]
        if not match[1]:
            phrase.extend(word for piece in terms.pieces_of(token) for word in terms.word_terms(piece)[0])
        elif len(token) > 1:
            phrase.extend(_dense_phrase(token) if at == len(tokens) - 1 else map("".join, pairwise(token)))
        elif at in (0, len(tokens) - 1):
            yield Clause(((token,),))
        else:
            phrase.append(token)
    if phrase:
        yield Clause((tuple(phrase[:MAX_PHRASE]),))


def count_found(text: str, query: Query) -> int:
    """How many of the query's wanted clauses a short text meets by itself."""
    words, parts = terms.index_terms(text)
    everything = parts.union(words)
    found = 0
    for clause in query.clauses:
        if not clause.exclude:
            found += any(phrase[0] in everything if len(phrase) == 1 else _in_order(phrase, words) for phrase in clause.phrases)
    return found


def _in_order(phrase: Phrase, words: list[str]) -> bool:
    return any(words[at] == phrase[0] and tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words)))


def match_ranges(text: str, query: Query) -> list[Range]:
    """Where `text` matches the query's words: ordered, not overlapping ranges of its characters, for marking."""
    text = text[:MAX_HIGHLIGHT]
    folded, offsets = terms.fold_with_offsets(text)
    ranges: list[Range] = []
    sought = [(phrase, clause.prefix) for clause in query.clauses if not clause.exclude for phrase in clause.phrases]
    spaced = [(phrase, prefix) for phrase, prefix in sought if not all(map(_DENSE.fullmatch, phrase))]
    for phrase, _ in sought:
        if (phrase, True) not in spaced and (phrase, False) not in spaced:
            ranges.extend(_find_run(folded, phrase[0] + "".join(pair[-1] for pair in phrase[1:])))
    if spaced:
        ranges.extend(_find_words(folded, spaced))
    if offsets is not None:
        ranges = [_source(start, end, offsets) for start, end in ranges]
    return _merged(ranges)


def _source(start: int, end: int, offsets: list[int]) -> Range:
    """Back to the text's own characters; the last one is taken whole, with its marks."""
    first = offsets[start]
    after = next((offset for offset in offsets[end:] if offset > offsets[end - 1]), offsets[-1])
    return first, after


def _find_run(folded: str, run: str) -> Iterator[Range]:
    at = folded.find(run)
    while at >= 0:
        yield at, at + len(run)
        at = folded.find(run, at + len(run))


def _find_words(folded: str, sought: list[tuple[Phrase, bool]]) -> Iterator[Range]:
    singles = {phrase[0] for phrase, _ in sought if len(phrase) == 1}
    prefixes = tuple(phrase[0] for phrase, prefix in sought if prefix)
    words: list[tuple[str, int, int]] = []
    for match in terms.TOKEN.finditer(folded):
        token, start = match[0], match.start()
        if match[1]:
            words.extend((token[at : at + 2], start + at, start + at + min(2, len(token))) for at in range(max(len(token) - 1, 1)))
            continue
        pieces = terms.pieces_of(token)
        if len(pieces) > 1 and terms.joined(pieces) in singles:
            yield start, match.end()
        for piece in pieces:
            yield from _find_in_piece(piece, start, singles, prefixes, words)
            start += len(piece) + 1
    yield from _find_phrases(words, [phrase for phrase, _ in sought if len(phrase) > 1])
    if any(single[-1].isdigit() for single in singles):
        for match in terms.PHONE.finditer(folded):
            if not singles.isdisjoint(terms.phone_terms(match[0])):
                yield match.span()


def _find_phrases(words: list[tuple[str, int, int]], phrases: list[Phrase]) -> Iterator[Range]:
    for phrase in phrases:
        for at in range(len(words) - len(phrase) + 1):
            if words[at][0] == phrase[0] and all(words[at + k][0] == phrase[k] for k in range(1, len(phrase))):
                yield words[at][1], words[at + len(phrase) - 1][2]


def _find_in_piece(
    piece: str, start: int, singles: set[str], prefixes: tuple[str, ...], words: list[tuple[str, int, int]]
) -> Iterator[Range]:
    ends, parts = terms.word_terms(piece)
    if len(ends) == 1:
        words.append((ends[0], start, start + len(piece)))
        if ends[0] in singles or (prefixes and ends[0].startswith(prefixes)):
            yield start, start + len(piece)
            return
    else:
        at = start
        for end, part in zip(ends, re.findall(r"\d+|\D+", piece), strict=False):
            words.append((end, at, at + len(part)))
            if end in singles or (prefixes and end.startswith(prefixes)):
                yield at, at + len(part)
            at += len(part)
    if parts and not singles.isdisjoint(parts) and piece.isalpha():
        yield next((start + at, start + len(piece)) for at, tail in terms.tails(piece) if tail in singles)


def _merged(ranges: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
