"""Cutting an answer into statements, one need each. Nothing is lost: the statements together hold every word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

MAX_STATEMENT = 10_000
"""Characters of a text that are read; the rest of a longer one is not analysed (issue: a 1 MB cell)."""

_MARKS = re.compile(
    r"(?:(?<![^\s，,；;。：:])(?:(?P<number>\d{1,2})[.)、．]|(?P<letter>[a-d])\)|(?P<dash>[-–*])|[•·])|[①-⑳])\s*(?=[^\W\d])"
)
"""What may begin an item of a list. A number does only in a row from 1 (`im 3. Stock` does not), a dash only where its
line begins with one (`the bus - it is late` does not)."""

_SENTENCES = re.compile(
    r"(?<=[。！？!?；;…])(?![。！？!?；;…])"  # sentence marks of all ten languages but the full stop
    r"|(?<=\w\w\w[.؟۔])(?=\s+\D)"  # a full stop after a word and before a space: not in 3.5, not after Dr.
)
_CONNECTIVES = re.compile(  # a run of marks is tried from its beginning only: else 10,000 spaces take seconds
    r"(?<![，,、\s])[，,、\s]+(?=(?:另外|此外|还有|還有|以及还|再就是|同时也)[，,]?)"
    r"|(?<![,、\s])[,、\s]+(?=(?:그리고|또한|또\s|게다가|그 외에))"
    r"|(?<![、。\s])[、。\s]+(?=(?:また|それから|あと[、は]|さらに))"
    r"|,\s*(?=(?:also|and also|plus|besides|another thing|aussi|de plus|et aussi|außerdem|ausserdem|und auch|también|además|y también|"
    r"также|а также|и ещё|и еще|ещё|кроме того)\b)"
    r"|[،,]\s*(?=(?:أيضا|أيضًا|كذلك|وأيضا|كما))",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"(?<=[，,、،])(?!\d)|(?=\s[+＋&–-]\s)")
_LEADING = re.compile(r"^[+＋&–-]\s+")
_MIN_LETTERS = 4
_BETWEEN = " \t\n\r\u3000,，、،;；"
"""What stood between two statements belongs to neither."""


def split_statements(text: str, topics_of: Callable[[str], frozenset[str]] | None = None) -> list[str]:
    """Cut an answer where it turns to another need.

    Lists and words like "also" always begin a new statement. With `topics_of`, which names the topics in a piece of
    text, sentences and clauses stay together while they speak of one thing, so that "no interpreter. Hard when the
    child is ill" keeps its context; without it, every sentence is a statement. Returns none for a text without a
    letter or digit.
    """
    statements: list[str] = []
    for item in _items(text[:MAX_STATEMENT]):
        for part in _CONNECTIVES.split(item):
            sentences = [piece for piece in _SENTENCES.split(part) if piece.strip()]
            if topics_of is None:
                statements.extend(_merge_scraps(sentences))
            else:
                clauses = [clause for sentence in sentences for clause in _CLAUSES.split(sentence) if clause.strip()]
                statements.extend(_by_topic(clauses, topics_of))
    return [_LEADING.sub("", piece.strip(_BETWEEN)) for piece in _merge_scraps(statements) if _letters(piece)]


def _items(text: str) -> list[str]:
    """Cut at line breaks and at the marks of lists, which are left out; what announces a list stays with its first item."""
    marks = list(_MARKS.finditer(text))
    counted = _in_a_row(marks, "number", map(str, range(1, 100))) | _in_a_row(marks, "letter", "abcd")
    listed_lines: set[int] = set()
    cuts: list[re.Match[str]] = []
    for mark in marks:
        line = text.rfind("\n", 0, mark.start()) + 1
        if mark["dash"] and not text[line : mark.start()].strip():
            listed_lines.add(line)
        if mark["dash"]:
            is_item = line in listed_lines
        else:
            is_item = mark.start() in counted or not (mark["number"] or mark["letter"])
        if is_item:
            cuts.append(mark)
    places = [0, *(place for cut in cuts for place in cut.span()), len(text)]
    pieces = (text[start:end] for start, end in zip(places[::2], places[1::2], strict=True))
    items: list[str] = []
    for item in filter(None, (line.strip() for piece in pieces for line in piece.split("\n"))):
        if items and items[-1].endswith((":", "：")):
            items[-1] += item if items[-1].endswith("：") else f" {item}"
        else:
            items.append(item)
    return items


def _in_a_row(marks: list[re.Match[str]], kind: str, names: Iterable[str]) -> set[int]:
    """Where the marks stand that count 1, 2, 3 (or a, b, c); none for a single one."""
    wanted = iter(names)
    row: set[int] = set()
    following = next(wanted)
    for mark in marks:
        if mark[kind] == following:
            row.add(mark.start())
            following = next(wanted, "")
    return row if len(row) > 1 else set()


def _by_topic(clauses: list[str], topics_of: Callable[[str], frozenset[str]]) -> list[str]:
    """Join neighbouring clauses until one speaks of something else; a clause without a topic stays with the one before."""
    groups: list[tuple[str, frozenset[str]]] = []
    for clause in clauses:
        topics = topics_of(clause)
        if groups and (not topics or not groups[-1][1] or topics & groups[-1][1]):
            before, known = groups[-1]
            groups[-1] = (_join(before, clause), known | topics)
        else:
            groups.append((clause, topics))
    return [text for text, _ in groups]


def _merge_scraps(pieces: list[str]) -> list[str]:
    """A piece too short to mean anything stays with the one before."""
    merged: list[str] = []
    for piece in pieces:
        if merged and (_letters(piece) < _MIN_LETTERS or _letters(merged[-1]) < _MIN_LETTERS):
            merged[-1] = _join(merged[-1], piece)
        else:
            merged.append(piece)
    return merged


def _join(before: str, after: str) -> str:
    """As it was written; a space only where two words would become one."""
    return f"{before} {after}" if before[-1:].isalnum() and after[:1].isalnum() else before + after


def _letters(text: str) -> int:
    """Count letters and digits; a Chinese, Japanese or Korean character, which says more, counts as two."""
    return sum(2 if "\u3040" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3" else 1 for letter in text if letter.isalnum())
