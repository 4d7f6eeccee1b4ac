"""What an expression says of answers. frontend/modules/logic.mjs says the same; tests/vectors/logic.json holds both to it.

The rules are XPath 1.0's (https://www.w3.org/TR/1999/REC-xpath-19991116/, 3.4 and 4), made total: nothing raises.

- A question without an answer, a refusal and "I don't know" are the empty text.
- Numbers are IEEE 754 doubles. A text is the number that it writes, a day (2026-11-26) the days since 1970-01-01, else NaN.
- `=` and `!=`: if one side is a boolean, both are compared as booleans; if one is a number, as numbers; else as texts.
  `<` and its like compare numbers.
- Several chosen answers are, as a text, joined by spaces.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from survey.questionnaire.expressions import COMPARISONS, Tree
from survey.questionnaire.values import NO_OPINION, Answer

Value = str | float | bool | list[str]

_NUMBER = re.compile(r"[ \t\r\n]*(-?[0-9]+(?:\.[0-9]+)?)[ \t\r\n]*")
_DAY = re.compile(r"([1-9][0-9]{3})-([0-9]{2})-([0-9]{2})")
_EPOCH = dt.date(1970, 1, 1).toordinal()


def holds(tree: Tree, answers: Mapping[str, Answer], *, own: Answer | None = None, today: str = "") -> bool:
    """Whether a condition is true of clean answers. `own` is the answer that a constraint judges; `today` is ISO 8601."""
    return as_boolean(value_of(tree, answers, own=own, today=today))


def value_of(tree: Tree, answers: Mapping[str, Answer], *, own: Answer | None = None, today: str = "") -> Value:
    """Return what an expression comes to."""
    return _Scope(answers, own, today).value(tree)


class _Scope:
    def __init__(self, answers: Mapping[str, Answer], own: Answer | None, today: str) -> None:
        self._answers = answers
        self._own = own
        self._today = today

    def value(self, tree: Tree) -> Value:
        if not isinstance(tree, list):
            return tree if isinstance(tree, str | bool) else float(tree)
        operation, *parts = tree
        match operation:
            case "q":
                return _answer(self._answers.get(parts[0]))
            case ".":
                return _answer(self._own)
            case "choice":
                return ""  # only a filter that was not filled in asks; see expressions.filled
            case "and":
                return as_boolean(self.value(parts[0])) and as_boolean(self.value(parts[1]))
            case "or":
                return as_boolean(self.value(parts[0])) or as_boolean(self.value(parts[1]))
            case "if":
                return self.value(parts[1] if as_boolean(self.value(parts[0])) else parts[2])
            case "today":
                return self._today
        values = [self.value(part) for part in parts]
        if operation in COMPARISONS:
            return _compared(operation, values[0], values[1])
        return _FUNCTIONS[operation](*values)


def _answer(answer: Any) -> Value:
    if answer is None or (isinstance(answer, str) and answer in NO_OPINION):
        return ""
    if isinstance(answer, str | list):
        return answer
    return float(answer)


def as_boolean(value: Value) -> bool:
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def as_number(value: Value) -> float:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    text = as_text(value)
    match = _NUMBER.fullmatch(text)
    if match:
        return float(match[1])
    day = _DAY.fullmatch(text)
    if day:
        try:
            return float(dt.date(int(day[1]), int(day[2]), int(day[3])).toordinal() - _EPOCH)
        except ValueError:
            return math.nan
    return math.nan


def as_text(value: Value) -> str:
    """A number is written plainly; one that is not between 0.000001 and 10^15 (or zero) has no text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(value)
    if value == 0:
        return "0"
    if not 1e-6 <= abs(value) < 1e15:
        return ""
    if value == int(value):
        return str(int(value))
    # The shortest digits that read back as the same double, as JavaScript writes them, never with an exponent.
    plain = repr(value)
    return plain if "e" not in plain else _without_exponent(plain)


def _without_exponent(text: str) -> str:
    """`1.5e-05` as `0.000015`; only small numbers come here."""
    digits, _, exponent = text.partition("e-")
    sign = "-" if digits.startswith("-") else ""
    return f"{sign}0.{'0' * (int(exponent) - 1)}{digits.removeprefix('-').replace('.', '')}"


def _compared(operation: str, left: Value, right: Value) -> bool:
    if operation in {"=", "!="}:
        if isinstance(left, bool) or isinstance(right, bool):
            is_equal = as_boolean(left) == as_boolean(right)
        elif isinstance(left, float) or isinstance(right, float):
            is_equal = as_number(left) == as_number(right)
        else:
            is_equal = as_text(left) == as_text(right)
        return is_equal == (operation == "=")
    one, other = as_number(left), as_number(right)
    match operation:
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
        case _:
            return one >= other


def _selected(given: Value, wanted: Value) -> bool:
    return as_text(wanted) in _chosen(given)


def _chosen(value: Value) -> list[str]:
    return value if isinstance(value, list) else [part for part in as_text(value).split(" ") if part]


def _divided(left: Value, right: Value) -> float:
    one, other = as_number(left), as_number(right)
    if other == 0:
        return math.nan if one == 0 or math.isnan(one) else math.copysign(math.inf, one) * math.copysign(1.0, other)
    return one / other


def _remainder(left: Value, right: Value) -> float:
    one, other = as_number(left), as_number(right)
    if other == 0 or math.isinf(one) or math.isnan(one) or math.isnan(other):
        return math.nan
    return math.fmod(one, other)


def _among(choose: Callable[..., float]) -> Callable[..., float]:
    def chosen(*values: Value) -> float:
        numbers = [as_number(value) for value in values]
        if any(math.isnan(number) for number in numbers):
            return math.nan
        return choose(numbers, key=lambda number: (number, math.copysign(1.0, number)))  # -0 is the smaller zero

    return chosen


def _whole(read: Callable[[float], int]) -> Callable[[Value], float]:
    def whole(value: Value) -> float:
        number = as_number(value)
        return float(read(number)) if math.isfinite(number) else number

    return whole


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "+": lambda one, other: as_number(one) + as_number(other),
    "-": lambda one, other: as_number(one) - as_number(other),
    "*": lambda one, other: as_number(one) * as_number(other),
    "div": _divided,
    "mod": _remainder,
    "selected": _selected,
    "count-selected": lambda value: float(len(_chosen(value))),
    "not": lambda value: not as_boolean(value),
    "coalesce": lambda first, second: first if as_text(first) else second,
    "string-length": lambda value: float(len(as_text(value))),
    "number": as_number,
    "int": _whole(math.trunc),
    "round": _whole(lambda number: math.floor(number + 0.5)),
    "min": _among(min),
    "max": _among(max),
    "contains": lambda text, part: as_text(part) in as_text(text),
    "starts-with": lambda text, part: as_text(text).startswith(as_text(part)),
    "ends-with": lambda text, part: as_text(text).endswith(as_text(part)),
    "date": lambda value: value,
}
