"""Hypothesis strategies: any expression, any form that passes the checks, and anything that may be sent to it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from survey.questionnaire.form import POINTS, Choice, Form, Question
from survey.questionnaire.values import DONT_KNOW, GRANTED, OTHER, REFUSED
from tests.questionnaire.conftest import a_column, a_form, a_question, a_section, said

ASKED_TYPES = [
    "note", "select_one", "select_many", "scale", "rating", "matrix", "ranking", "integer", "decimal", "date", "short_text",
    "long_text", "consent",
]  # fmt: skip

letters = st.characters(codec="utf-8", exclude_categories=["Cn", "Co", "Cs"]) | st.sampled_from(
    "e\u0301\u0300 \x00\r\n가\u1100\u1161\u11a8👩\u200d👧🏽🇨🇳क\u094dष"
)
"""What phones and pastes hold: separate accents and jamo, NUL, line ends of every kind, families, flags."""

texts = st.text(letters, max_size=12)

NUMBERS = ["0", "1", "2", "3", "7.5", "0.1", "100", "1000000", "99999999999999999999"]
WORDS = ["", "a", "b", "a b", " 3 ", "3", "-2.5", "2026-02-28", "2024-02-29", "2023-02-29", "true", "🇨🇳", "é", "1e3", "Infinity"]
NAMES = ["a", "b", "c", "m", "n", "r"]

_TWO = ["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"]
_CALLS = {
    "selected": 2, "count-selected": 1, "not": 1, "true": 0, "false": 0, "if": 3, "coalesce": 2, "string-length": 1, "number": 1,
    "int": 1, "round": 1, "min": 2, "max": 3, "contains": 2, "starts-with": 2, "ends-with": 2, "today": 0, "date": 1,
}  # fmt: skip

_atoms = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(WORDS).map(lambda word: f"'{word}'"),
    st.sampled_from(NAMES).map(lambda name: f"${{{name}}}"),
    st.sampled_from([".", "today()", "nothing", "true()", "false()"]),
)


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def called(name: str) -> st.SearchStrategy[str]:
        return st.lists(inner, min_size=_CALLS[name], max_size=_CALLS[name]).map(lambda parts: f"{name}({', '.join(parts)})")

    return st.one_of(
        st.tuples(inner, st.sampled_from(_TWO), inner).map(" ".join),
        st.tuples(inner, st.sampled_from(_TWO), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.sampled_from(sorted(_CALLS)).flatmap(called),
        inner.map(lambda part: f"-({part})"),
    )


any_expressions = st.recursive(_atoms, _joined, max_leaves=12)
"""Any expression that can be read, about the questions NAMES, with operators of every rank beside each other."""

any_answers = st.one_of(
    st.sampled_from([*WORDS, REFUSED, DONT_KNOW]),
    st.integers(-(10**18) + 1, 10**18 - 1),
    st.floats(-1e18, 1e18, allow_nan=False),
    st.sampled_from([0, -1, 0.000001, -0.0000005, 1e-7, 0.30000000000000004, 1e15, 999999999999999.9, 0.5, -0.5, 2.5]),
    st.lists(st.sampled_from(["a", "b", "3", "a_b"]), max_size=3, unique=True),
)


def leaves_css_can_tell(item: Question) -> list[str]:
    """Conditions on one item that pass the checks and that CSS can tell."""
    name = f"${{{item.id}}}"
    values = [choice.value for choice in item.choices] + ([OTHER] if item.allow_other else [])
    if item.type == "select_one":
        return [f"{name} {sign} '{value}'" for sign in ("=", "!=") for value in values] + [f"{name} != ''", name]
    if item.type == "select_many":
        return [f"selected({name}, '{value}')" for value in values] + [f"{name} = ''", name]
    if item.type in POINTS:
        return [f"{name} = {point}" for point in item.points()]
    if item.type == "consent":
        return [f"{name} = '{GRANTED}'", f"{name} != '{GRANTED}'"]
    if item.is_text or item.type == "ranking":
        return [f"{name} != ''", f"{name} = ''", name]
    return [f"{name} != ''"] if item.type in {"integer", "decimal"} else []


def _leaves_css_cannot_tell(item: Question) -> list[str]:
    name = f"${{{item.id}}}"
    if item.type in {"select_many", "ranking"}:
        return [f"count-selected({name}) {sign} 1" for sign in ("=", ">", "<=")]
    if item.type in {"integer", "decimal", *POINTS}:
        return [f"{name} > 2", f"{name} <= 3.5", f"{name} mod 2 = 1", f"{name} + 1 < 4 or {name} = ''", f"round({name} div 2) = 2"]
    if item.type == "date":
        return [f"{name} <= today()", f"today() - {name} > 365", f"{name} = '2024-02-29'", f"{name} = ''"]
    if item.is_text:
        return [f"string-length({name}) > 2", f"contains({name}, 'e')", f"starts-with({name}, 'a')", f"number({name}) = 3"]
    return [f"if({name} = '', true(), string-length({name}) = 2)", f"coalesce({name}, 'none') = 'none'"]


def conditions(items: list[Question], *, is_for_css: bool) -> st.SearchStrategy[str]:
    """Any condition on these items that passes the checks."""
    leaves = [leaf for item in items for leaf in leaves_css_can_tell(item) + ([] if is_for_css else _leaves_css_cannot_tell(item))]
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(lambda parts: f"({''.join(parts)})"),
            inner.map(lambda part: f"not({part})"),
        ),
        max_leaves=4,
    )


def _choices(draw: st.DrawFn, type_: str) -> list[Choice]:
    kinds = draw(st.lists(st.sampled_from(["x", "y"]), min_size=3, max_size=3))
    exclusive = type_ == "select_many" and draw(st.booleans())
    return [
        Choice(value=value, label=said(value), attributes={"kind": kind}, is_exclusive=exclusive and value == "maybe")
        for value, kind in zip(("yes", "no", "maybe"), kinds, strict=True)
    ]


_CONSTRAINTS = {
    "integer": [". > 1", ". != 3", ". mod 2 = 0"],
    "decimal": [". > 1", ". != 2.5"],
    "scale": [". != 3"],
    "rating": [". > 1"],
    "date": [". <= today()", ". > '2000-01-01'"],
    "short_text": ["string-length(.) > 1", "not(contains(., 'e'))"],
    "long_text": ["ends-with(., 'e')"],
    "select_one": [". != 'no'"],
    "select_many": ["count-selected(.) < 3", "selected(., 'yes')"],
    "ranking": ["count-selected(.) > 1"],
}


def _question(draw: st.DrawFn, id_: str, earlier: list[Question], *, is_for_css: bool) -> Question:
    type_ = draw(st.sampled_from(ASKED_TYPES))
    can_depend = any(leaves_css_can_tell(item) for item in earlier)

    def condition() -> str:
        return draw(conditions(earlier, is_for_css=is_for_css))

    more: dict[str, Any] = {"relevant": condition() if can_depend and draw(st.booleans()) else None}
    if type_ not in {"note", "matrix", "consent"}:
        more["allow_refusal"] = draw(st.booleans())
    if type_ not in {"note", "consent"}:
        more["required"] = condition() if can_depend and draw(st.integers(0, 3)) == 0 else draw(st.booleans())
    if type_ in {"select_one", "select_many", "ranking"}:
        more["choices"] = _choices(draw, type_)
        selects = [item for item in earlier if item.type == "select_one"]
        if selects and draw(st.booleans()):
            more["choice_filter"] = f"kind = 'x' or ${{{draw(st.sampled_from(selects)).id}}} = 'yes'"
        more["random_order"] = draw(st.booleans())
    if type_ in {"select_one", "select_many"}:
        more["allow_other"] = draw(st.booleans())
    if type_ in {"select_many", "ranking"}:
        more["max_choices"] = draw(st.sampled_from([None, 2, 3]))
    if type_ in {"select_one", "select_many", "integer", "decimal", "date", "matrix", *POINTS}:
        more["allow_dont_know"] = draw(st.booleans())
    if type_ in {"integer", "decimal"}:
        more["minimum"], more["maximum"] = draw(st.sampled_from([(None, None), (0, None), (-2, 9)]))
    if type_ in {"short_text", "long_text"}:
        more["max_length"] = draw(st.sampled_from([None, 1, 3, 5]))
    if type_ == "matrix":
        more["columns"] = [a_column("liked"), a_column("used", 3)][: draw(st.integers(1, 2))]
    if type_ in _CONSTRAINTS and draw(st.integers(0, 2)) == 0:
        more["constraint"] = draw(st.sampled_from(_CONSTRAINTS[type_]))
        more["constraint_message"] = said("Please look again.")
    return a_question(type_, id_, **more)


@st.composite
def forms(draw: st.DrawFn, *, is_for_css: bool = False) -> Form:
    """Any form that passes the checks: up to three sections, every type, conditions of every kind. With `is_for_css`, only
    conditions that CSS can tell.
    """
    earlier: list[Question] = []
    sections = []
    count = 0
    for number in range(draw(st.integers(1, 3))):
        can_depend = any(leaves_css_can_tell(item) for item in earlier)
        relevant = draw(conditions(earlier, is_for_css=is_for_css)) if can_depend and draw(st.booleans()) else None
        questions = []
        for _ in range(draw(st.integers(1, 4))):
            question = _question(draw, f"q{count}", earlier, is_for_css=is_for_css)
            questions.append(question)
            earlier += question.items()
            count += 1
        sections.append(a_section(*questions, id=f"s{number}", relevant=relevant))
    return a_form(*sections)


def typed_values(item: Question) -> st.SearchStrategy[list[str]]:
    """What a page can send for an item: a list of texts, right or wrong."""
    values = [choice.value for choice in item.choices] + ([OTHER] if item.allow_other else [])
    silent = ([REFUSED] if item.may_be_refused else []) + ([DONT_KNOW] if item.allow_dont_know else [])
    one: st.SearchStrategy[str]
    if item.type in {"select_many", "ranking"}:
        return st.lists(st.sampled_from([*values, "", *silent]), max_size=4)
    if item.type == "select_one":
        one = st.sampled_from([*values, ""])
    elif item.type in POINTS:
        one = st.sampled_from([*map(str, item.points()), "", "9"])
    elif item.type == "consent":
        one = st.sampled_from([GRANTED, "", "no"])
    elif item.type == "integer":
        one = st.sampled_from(["", "0", "3", "-2", "٣", "３", "1 0", "x", "2.5", "999999999999999999", "1234567890123456789"]) | st.integers(-20, 20).map(str)
    elif item.type == "decimal":
        one = st.sampled_from(["", "0", "2,5", "٢٫٥", "1.000", "12.5", ".5", "-0.0000004", "1.0000005", "999999999999999999", "x", "1.5."])
        one |= st.decimals(-100, 100, places=7).map(str)
    elif item.type == "date":
        one = st.sampled_from(["", "2026-02-30", "2024-02-29", "1899-12-31", "2101-01-01", "2026年2月3日", "２０２６/1/5", "0000-01-01"])
        one |= st.dates().map(str)
    else:
        one = texts
    lists = one.map(lambda value: [value])
    return st.one_of(lists, lists, lists, st.just([]), *([st.sampled_from([[silent[0]], ["", silent[-1]], ["3", silent[-1]]])] if silent else []))


def typed_forms(form: Form) -> st.SearchStrategy[dict[str, list[str]]]:
    """What a page can send for a form, by item; some fields left out."""
    return st.fixed_dictionaries({}, optional={item.id: typed_values(item) for item in form.items()})


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.just(REFUSED),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)


def sent_to(form: Form, *, is_wild: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What is sent: from the page, or (wild) anything that JSON can carry and more, to unknown questions too."""
    if not is_wild:
        return typed_forms(form)
    wild = {item.id: typed_values(item) | junk for item in form.items()}
    return st.fixed_dictionaries({}, optional={**wild, "unknown": junk})
