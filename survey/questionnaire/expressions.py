"""The language of conditions, as XLSForm writes them: from text to a tree, once. Evaluation is in evaluation.py.

    ${used_library} = 'yes' and (${visits} > 3 or selected(${reasons}, 'far'))
    . <= today()                         a constraint: `.` is the answer itself
    district = ${district}               a choice filter: a bare name is an attribute of the choice

A tree is JSON: numbers, strings and booleans stand for themselves; all else is a list of an operation and its arguments:
`["=", ["q", "used_library"], "yes"]`, `["."]`, `["choice", "district"]`. The page gets the same tree
(frontend/modules/logic.mjs); tests/vectors/logic.json holds both evaluators to one reading.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

Tree = Any
"""A number, a string, a boolean, or a list of an operation and its arguments."""

LONGEST = 2000
DEEPEST = 40
MOST_OPERATORS = 200
"""Each makes the tree one deeper on its left side; both evaluators go down it step by step."""

FUNCTIONS: dict[str, tuple[int, int]] = {
    "selected": (2, 2), "count-selected": (1, 1), "not": (1, 1), "true": (0, 0), "false": (0, 0), "if": (3, 3),
    "coalesce": (2, 2), "string-length": (1, 1), "number": (1, 1), "int": (1, 1), "round": (1, 1), "min": (1, 20), "max": (1, 20),
    "contains": (2, 2), "starts-with": (2, 2), "ends-with": (2, 2), "today": (0, 0), "date": (1, 1),
}  # fmt: skip
"""Name to the least and the most arguments."""

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})

_LEVELS: list[frozenset[str]] = [
    frozenset({"or"}), frozenset({"and"}), COMPARISONS, frozenset({"+", "-"}), frozenset({"*", "div", "mod"}),
]  # fmt: skip
"""Operators, the loosest first."""

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<text>'[^']*'|"[^"]*")
    | \$\{\s*(?P<question>[A-Za-z][A-Za-z0-9_.]*)\s*\}
    | (?P<name>[A-Za-z_][A-Za-z0-9_-]*)
    | (?P<sign><=|>=|!=|[-+*=<>(),.])
    )""",
    re.VERBOSE,
)


class ExpressionInvalid(ValueError):
    """An expression that cannot be read; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


@lru_cache(maxsize=4096)
def parse(text: str) -> Tree:
    """Return the tree of an expression. Raises ExpressionInvalid with where and what to do."""
    if len(text) > LONGEST:
        raise ExpressionInvalid(f"An expression may have {LONGEST} characters; this one has {len(text)}.", LONGEST)
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0
        self._operators = 0

    def whole(self) -> Tree:
        tree = self._level(0)
        if self._now.kind != "end":
            raise self._unexpected()
        return tree

    @property
    def _now(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._now
        self._next += 1
        return token

    def _unexpected(self) -> ExpressionInvalid:
        found = "The expression ends too early" if self._now.kind == "end" else f"{self._now.text!r} is not expected here"
        return ExpressionInvalid(f"{found} (character {self._now.position + 1}).", self._now.position)

    def _level(self, level: int) -> Tree:
        self._depth += 1
        if self._depth > DEEPEST * len(_LEVELS):
            raise ExpressionInvalid("The expression is nested too deeply.", self._now.position)
        left = self._level(level + 1) if level + 1 < len(_LEVELS) else self._negated()
        while self._now.kind in {"name", "sign"} and self._now.text in _LEVELS[level]:
            self._operators += 1
            if self._operators > MOST_OPERATORS:
                raise ExpressionInvalid(f"An expression may have {MOST_OPERATORS} operators.", self._now.position)
            operation = self._take().text
            left = [operation, left, self._level(level + 1) if level + 1 < len(_LEVELS) else self._negated()]
        self._depth -= 1
        return left

    def _negated(self) -> Tree:
        negatives = 0
        while self._now.text == "-" and self._now.kind == "sign":
            self._take()
            negatives += 1
        tree = self._single()
        if not negatives:
            return tree
        if isinstance(tree, float):
            return -tree if negatives % 2 else tree
        return ["-", 0.0, tree] if negatives % 2 else ["number", tree]

    def _single(self) -> Tree:
        token = self._take()
        if token.kind == "number":
            number = float(token.text)
            if math.isinf(number):
                raise ExpressionInvalid("This number is too large.", token.position)
            return number
        if token.kind == "text":
            return token.text[1:-1]
        if token.kind == "question":
            return ["q", token.text]
        if token.kind == "sign" and token.text == ".":
            return ["."]
        if token.kind == "sign" and token.text == "(":
            tree = self._level(0)
            self._expect(")")
            return tree
        if token.kind == "name":
            return self._call(token) if self._now.text == "(" and self._now.kind == "sign" else ["choice", token.text]
        self._next -= 1
        raise self._unexpected()

    def _call(self, name: _Token) -> Tree:
        arity = FUNCTIONS.get(name.text)
        if arity is None:
            raise ExpressionInvalid(
                f"There is no function {name.text}(). There are: {', '.join(sorted(FUNCTIONS))}.", name.position
            )
        self._take()
        arguments: list[Tree] = []
        while self._now.text != ")" or self._now.kind != "sign":
            if arguments:
                self._expect(",")
            arguments.append(self._level(0))
        self._expect(")")
        least, most = arity
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ExpressionInvalid(f"{name.text}() takes {wanted} arguments, not {len(arguments)}.", name.position)
        if name.text in {"true", "false"}:
            return name.text == "true"
        return [name.text, *arguments]

    def _expect(self, sign: str) -> None:
        if self._now.kind != "sign" or self._now.text != sign:
            raise self._unexpected()
        self._take()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            start = len(text) - len(text[position:].lstrip())
            raise ExpressionInvalid(
                f"{text[start]!r} cannot be read here (character {start + 1}). A question is written ${{its_id}}, a text 'in quotes'.",
                start,
            )
        kind = match.lastgroup
        assert kind is not None
        yield _Token(kind, match[kind], match.end() - len(match[0].lstrip()))
        position = match.end()
    yield _Token("end", "", end)


def walk(tree: Tree) -> Iterator[Tree]:
    """Yield the tree and every tree in it."""
    yield tree
    if isinstance(tree, list):
        for part in tree[1:]:
            if tree[0] not in {"q", "choice"}:
                yield from walk(part)


def questions_in(tree: Tree) -> list[str]:
    """Return the ids of the questions that it asks about, each once, in their order."""
    return list(dict.fromkeys(part[1] for part in walk(tree) if isinstance(part, list) and part[0] == "q"))


def attributes_in(tree: Tree) -> list[str]:
    """Return the names of the choice attributes that it asks about."""
    return list(dict.fromkeys(part[1] for part in walk(tree) if isinstance(part, list) and part[0] == "choice"))


def asks_own(tree: Tree) -> bool:
    """Whether it asks about the answer itself (`.`)."""
    return any(part == ["."] for part in walk(tree))


def filled(tree: Tree, attributes: dict[str, str]) -> Tree:
    """Put a choice's attributes in the place of their names; what a choice does not have is an empty text."""
    if not isinstance(tree, list):
        return tree
    if tree[0] == "choice":
        return attributes.get(tree[1], "")
    if tree[0] == "q":
        return tree
    return [tree[0], *(filled(part, attributes) for part in tree[1:])]
