"""What Python callers hand to ThemeModel by mistake: a result, or an error that names the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.text.statements import MAX_STATEMENT
from analysis.themes.inputs import as_statements
from analysis.themes.model import ThemeModel
from analysis.themes.results import Statement
from tests.analysis.conftest import FEW_NEEDS, fit, said

TEXTS = ["We need a doctor", "没有停车的地方", "parking is full"]


class Column:
    """A column of a table as pandas has it: it iterates and has a length, and is indexed by labels of its own."""

    ndim = 1

    def __init__(self, values: list[Any]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __getitem__(self, label: object) -> Any:
        raise KeyError(label)


@pytest.mark.parametrize(
    "kind", [list, tuple, iter, Column, np.array, lambda texts: np.array(texts, dtype=object), lambda texts: (text for text in texts), dict.fromkeys]
)  # fmt: skip
def test_any_kind_of_sequence_gives_the_same(kind: Callable[[list[str]], Any]) -> None:
    model = ThemeModel(lexicon=FEW_NEEDS).fit(kind(TEXTS))

    assert model.memberships_ == ThemeModel(lexicon=FEW_NEEDS).fit(TEXTS).memberships_
    assert model.predict(kind(TEXTS)).tolist() == model.labels_.tolist()
    assert all(model.labels_)


@pytest.mark.parametrize("parameters", [{}, {"known": False}, {"n_discovered": 3}])
@pytest.mark.parametrize(
    "texts", [[], [""], ["", "", ""], ["\x00"], ["a"], ["🙂"] * 30, ["doctor"] * 30, ["a" * 200_000], ["ア" * 10_000] * 3, ["\ud83d\ude00", "\ude00"]]
)  # fmt: skip
def test_poor_texts_give_a_result_of_their_length(texts: list[str], parameters: dict[str, Any]) -> None:
    model = ThemeModel(lexicon=FEW_NEEDS, **parameters).fit(texts)

    lengths = [len(found) for found in (model.memberships_, model.reasons_, model.labels_, model.copy_of_)]
    assert lengths == [len(texts)] * 4
    assert len(model.assign(texts)) == len(texts)


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=[]), max_size=30), max_size=8))
def test_no_text_is_an_error_and_none_is_dropped(texts: list[str]) -> None:
    """With halves of characters, control characters and what is no character."""
    model = ThemeModel(lexicon=FEW_NEEDS).fit(texts)

    assert len(model.labels_) == len(texts)
    assert model.unsorted_share_ == (sum(not label for label in model.labels_) / len(texts) if texts else 0)


@pytest.mark.parametrize("method", ["fit", "assign", "predict", "compare", "fit_predict"])
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (["doctor", 3], TypeError, "Position 1: int is neither a text nor a Statement."),
        (["doctor", "", None], TypeError, "Position 2: NoneType is neither a text nor a Statement."),
        ([float("nan")], TypeError, "Position 0: float is neither a text nor a Statement."),
        ([b"doctor"], TypeError, "Position 0: bytes is neither a text nor a Statement."),
        ([["doctor"]], TypeError, "Position 0: list is neither a text nor a Statement."),
        (Column(["doctor", np.float64("nan")]), TypeError, "Position 1: float64 is neither a text nor a Statement."),
        ("doctor", TypeError, "One text is not a list of texts: pass [text]."),
        (np.array([["doctor"], ["parking"]]), ValueError, "Texts have one dimension, not 2: of a table pass one column."),
        (np.array("doctor"), ValueError, "Texts have one dimension, not 0: of a table pass one column."),
        ([Statement("doctor", "en", ["a", "list"])], TypeError, "Position 0: the person is list, which cannot be hashed."),
        ([Statement("doctor", "en", ("a", []))], TypeError, "Position 0: the person is tuple, which cannot be hashed."),
        ([Statement("doctor", "en", 1, id={})], TypeError, "Position 0: the id is dict, which cannot be hashed."),
        ([Statement(None, "en", 1)], TypeError, "Position 0: the text is not str but NoneType."),
        ([Statement("doctor", None, 1)], TypeError, "Position 0: the language is not str but NoneType."),
        (
            [Statement("doctor", "../en", 1)],
            ValueError,
            "Position 0: '../en' is not a language tag, such as zh-Hans or und.",
        ),
        (
            [Statement("doctor", "en", 1, id="x"), Statement("parking", "en", 2), Statement("parking", "en", 2, id="x")],
            ValueError,
            "Positions 0 and 2: two statements have the id 'x'.",
        ),
    ],
)
def test_what_is_no_text_is_an_error_that_names_the_place(given: Any, error: type[Exception], message: str, method: str) -> None:
    model = fit(said(["doctor"]))

    with pytest.raises(error) as raised:
        getattr(model, method)(given)

    assert str(raised.value) == message
    assert model.labels_.tolist() == ["health"]


@pytest.mark.parametrize("nothing", [None, 3, Statement("doctor", "en", 1)])
def test_what_is_no_sequence_is_an_error(nothing: Any) -> None:
    with pytest.raises(TypeError, match="not iterable"):
        ThemeModel(lexicon=FEW_NEEDS).fit(nothing)


def test_statements_without_an_id_may_be_equal() -> None:
    same = [Statement("doctor", "en", 1)] * 3

    assert as_statements(same) == same


def test_statements_stay_what_they_are_but_for_what_is_not_read() -> None:
    short = Statement("doctor", "en", 1)
    long = Statement("a doctor " * 20_000, "en", 2, is_quotable=False, id="long")

    kept, cut = as_statements([short, long])

    assert kept is short
    assert cut == Statement(long.text[:MAX_STATEMENT], "en", 2, is_quotable=False, id="long")


def test_half_a_character_is_read_as_a_question_mark() -> None:
    [statement] = as_statements(["doctor \ud83d"])

    assert statement.text == "doctor ?"


@pytest.mark.parametrize("language", ["vi", "", "xx-nonsense", "zh-Hant-TW", "EN", "und", "a-b-c-d-1"])
def test_language_that_is_not_ours_is_grouped_by_itself(language: str) -> None:
    lasts = ["again", "below", "hurts", "nightly", "bar"] * 2
    texts = [f"the {need} {last}" for need in ("karaoke machine", "badminton court") for last in lasts]

    model = fit([*said(texts, language), *said(["a doctor"], first=100)])

    new = [theme for theme in model.themes_ if theme.category == "discovered"]
    assert {tag for theme in new for tag in theme.languages} == {language}
    assert sum(theme.people for theme in new) == 20
    assert model.labels_[-1] == "health"
