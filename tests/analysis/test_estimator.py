"""ThemeModel keeps scikit-learn's conventions, and what the analysis offers is documented in numpydoc's sections."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator

import analysis
from analysis.text.duplicates import near_duplicates
from analysis.themes.decisions import Pin
from analysis.themes.discover import discover_groups
from analysis.themes.embedder import remove_language_means, similarity_to_examples
from analysis.themes.inputs import as_statements
from analysis.themes.keywords import class_tf_idf
from analysis.themes.model import ThemeModel
from analysis.themes.waves import compare_waves
from tests.analysis.conftest import FEW_NEEDS

WORDS = ["doctor", "parking", "drilling", "pharmacy", "karaoke", "badminton", "cats"]
TEXTS = ["we need a doctor", "  parking is full", "의사가 필요해요", "karaoke", "", "all fine"]


def _told(table: Any) -> list[str]:
    """Each row of numbers as a text."""
    return [" ".join(WORDS[int(abs(value) * 10) % len(WORDS)] for value in row) for row in np.asarray(table).tolist()]


class Told(ThemeModel):
    """ThemeModel for tables: scikit-learn's checks make tables of numbers, and ask here what they ask of any estimator."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = False, False, True
        return tags

    def fit(self, X: Any, y: Any = None) -> Told:  # noqa: N803 -- scikit-learn's name
        super().fit(_told(X))
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803 -- scikit-learn's name
        return np.array([zlib.crc32(key.encode()) for key in super().predict(_told(X))])


NO_COLUMNS = "texts have no columns to count"
NO_NUMBERS = "texts are no numbers; what is no text is an error that names the place (test_inputs.py)"
NO_TABLE = "texts are never sparse"

LEFT_OUT = {
    "check_n_features_in": NO_COLUMNS,
    "check_n_features_in_after_fitting": NO_COLUMNS,
    "check_fit1d": "texts have one dimension",
    "check_fit2d_predict1d": "texts have one dimension",
    "check_complex_data": NO_NUMBERS,
    "check_dtype_object": NO_NUMBERS,
    "check_estimators_nan_inf": NO_NUMBERS,
    "check_estimator_sparse_tag": NO_TABLE,
    "check_estimator_sparse_array": NO_TABLE,
    "check_estimator_sparse_matrix": NO_TABLE,
    "check_estimators_empty_data_messages": "a survey without answers has no themes, which is no error",
    "check_clustering": "it wants clouds of points told apart, as numbers from 0; themes have names",
}
"""Checks that fail, and why they should. One that passes after all fails this test: then it belongs here no longer."""


@pytest.mark.parametrize(
    ("estimator", "check"),
    list(estimator_checks_generator(Told(lexicon=FEW_NEEDS), expected_failed_checks=LEFT_OUT, mark="xfail")),
    ids=lambda given: "told" if isinstance(given, Told) else getattr(given, "func", given).__name__,
)
def test_scikit_learn_own_checks(estimator: Told, check: Callable[[Told], None]) -> None:
    check(estimator)


def test_scikit_learn_checks_left_out_are_checks_that_there_are() -> None:
    checks = {getattr(check, "func", check).__name__ for _, check in estimator_checks_generator(Told(), mark=None)}

    assert set(LEFT_OUT) - checks == set()
    assert len(checks) > 40


def test_check_estimator_takes_the_model_as_it_is() -> None:
    """It tries the little that needs no table, and says that it cannot do more."""
    with pytest.warns(SkipTestWarning, match="two_d_array=False"):
        results = check_estimator(ThemeModel())

    assert {result["status"] for result in results} == {"passed"}


def test_tags_say_that_the_input_is_texts_and_nothing_is_to_be_learnt_from_answers() -> None:
    tags = get_tags(ThemeModel())

    assert tags.estimator_type == "clusterer"
    asked = tags.input_tags
    assert (asked.string, asked.one_d_array, asked.two_d_array, asked.three_d_array, asked.sparse) == (
        True,
        True,
        False,
        False,
        False,
    )
    assert not tags.target_tags.required
    assert tags.requires_fit
    assert not tags.non_deterministic


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.assign(["doctor"]),
        lambda model: model.predict(["doctor"]),
        lambda model: model.predict([]),
        lambda model: model.compare(["doctor"]),
        lambda model: model.reassign([Pin("health")]),
    ],
)
def test_model_that_is_not_fitted_says_so(ask: Callable[[ThemeModel], object]) -> None:
    model = ThemeModel(lexicon=FEW_NEEDS)
    before = dict(vars(model))

    with pytest.raises(NotFittedError, match="This ThemeModel instance is not fitted yet"):
        ask(model)

    assert vars(model) == before


def test_clone_learns_the_same() -> None:
    model = ThemeModel(lexicon=FEW_NEEDS, min_people=1, n_discovered=2).fit(TEXTS)

    again = clone(model).fit(TEXTS)

    assert again.themes_ == model.themes_
    assert again.memberships_ == model.memberships_


def test_fit_predict_is_fit_and_its_labels() -> None:
    model = ThemeModel(lexicon=FEW_NEEDS)

    labels = model.fit_predict(TEXTS)

    assert labels.tolist() == ["health.doctor", "transport_parking", "health.doctor", "", "", ""]
    assert labels is model.labels_


def test_model_is_the_last_step_of_a_pipeline() -> None:
    tidy = FunctionTransformer(lambda texts: [text.strip() for text in texts])
    steps = Pipeline([("tidy", tidy), ("themes", ThemeModel(lexicon=FEW_NEEDS))])

    steps.set_params(themes__min_people=1).fit(TEXTS)

    assert steps.predict(TEXTS).tolist() == ["health.doctor", "transport_parking.parking", "health.doctor", "", "", ""]
    assert steps.fit_predict(TEXTS).tolist() == steps.predict(TEXTS).tolist()
    assert [theme.key for theme in steps[-1].themes_] == ["health.doctor", "transport_parking.parking"]
    assert [[found.theme for found in row] for row in steps[-1].assign(["no parking"])] == [["transport_parking.parking"]]


# Docstrings


def _offered() -> Iterator[Any]:
    """The public functions and classes of the analysis."""
    for found in pkgutil.walk_packages(analysis.__path__, "analysis."):
        for name, thing in vars(importlib.import_module(found.name)).items():
            if (
                (inspect.isfunction(thing) or inspect.isclass(thing))
                and thing.__module__ == found.name
                and not name.startswith("_")
            ):
                yield thing


_HEADING = re.compile(r"^(\w[\w ]*)\n(-{3,})$", re.MULTILINE)
SECTIONS = ["Parameters", "Attributes", "Returns", "Raises", "Examples"]
"""Numpydoc's, in its order, as far as we use them."""


def _sections(thing: Any) -> dict[str, str]:
    parts = _HEADING.split(inspect.getdoc(thing) or "")
    return dict(zip(parts[1::3], parts[3::3], strict=True))


def _entries(section: str) -> dict[str, str]:
    """What `name : type` or `one, other : type` begins, by name."""
    entries = {}
    for entry in re.split(r"\n(?=\S)", section.strip()):
        names, colon, told = entry.partition(" : ")
        if colon:
            entries.update(dict.fromkeys(names.split(", "), told))
    return entries


DOCUMENTED = [thing for thing in _offered() if _sections(thing)]
WITH_EXAMPLES = [
    ThemeModel,
    as_statements,
    class_tf_idf,
    compare_waves,
    near_duplicates,
    remove_language_means,
    similarity_to_examples,
]


@pytest.mark.parametrize("thing", DOCUMENTED, ids=lambda thing: thing.__name__)
def test_docstring_has_numpydoc_sections_in_its_order(thing: Any) -> None:
    found = list(_sections(thing))

    assert found == [name for name in SECTIONS if name in found]
    assert all(len(name) == len(line) for name, line in _HEADING.findall(inspect.getdoc(thing) or ""))


@pytest.mark.parametrize("thing", DOCUMENTED, ids=lambda thing: thing.__name__)
def test_docstring_names_parameters_as_the_signature_does(thing: Any) -> None:
    """In its order; what names and types say already may be left out."""
    parameters = list(inspect.signature(thing).parameters)

    told = list(_entries(_sections(thing).get("Parameters", "")))

    assert told == [name for name in parameters if name in told]


@pytest.mark.parametrize("thing", DOCUMENTED, ids=lambda thing: thing.__name__)
def test_docstring_gives_the_shape_of_every_array(thing: Any) -> None:
    told = _entries(_sections(thing).get("Parameters", "")) | _entries(_sections(thing).get("Attributes", ""))
    arrays = [name for name, what in told.items() if re.match(r"array|sparse matrix", what)]
    arrays += [
        name for name, parameter in inspect.signature(thing).parameters.items()
        if re.match(r"np.ndarray|sp.csr_matrix", str(parameter.annotation))
    ]  # fmt: skip

    assert [name for name in arrays if "shape" not in told.get(name, "").split("\n", maxsplit=1)[0]] == []


@pytest.mark.parametrize("thing", WITH_EXAMPLES, ids=lambda thing: thing.__name__)
def test_docstring_has_examples_which_test_doctests_runs(thing: Any) -> None:
    assert ">>>" in _sections(thing)["Examples"]


def test_docstring_of_the_model_tells_every_parameter_and_all_that_is_learnt() -> None:
    model = ThemeModel(lexicon=FEW_NEEDS).fit(TEXTS)
    sections = _sections(ThemeModel)

    assert set(_entries(sections["Parameters"])) == set(model.get_params(deep=False))
    assert set(_entries(sections["Attributes"])) == {
        name for name in vars(model) if name.endswith("_") and not name.startswith("_")
    }


def test_docstrings_are_there_for_every_method_of_the_model() -> None:
    own = [method for name, method in vars(ThemeModel).items() if inspect.isfunction(method) and not name.startswith("_")]

    assert {method.__name__ for method in own} >= {"fit", "assign", "predict", "reassign"}
    assert all(inspect.getdoc(method) for method in own)


def test_docstring_checks_would_see_a_fault() -> None:
    def given(rows: np.ndarray, size: int, other: int) -> None:
        """Do nothing.

        Parameters
        ----------
        size, rows : array of shape (n,)
            In the wrong order.
        wrong : int

        Returns
        -------
        nothing

        """

    assert _entries(_sections(given)["Parameters"]) == {
        "size": "array of shape (n,)\n    In the wrong order.", "rows": "array of shape (n,)\n    In the wrong order.", "wrong": "int"
    }  # fmt: skip
    assert list(_sections(given)) == ["Parameters", "Returns"]
    with pytest.raises(AssertionError):
        test_docstring_names_parameters_as_the_signature_does(given)
    with pytest.raises(AssertionError):
        test_docstring_has_numpydoc_sections_in_its_order(type("Thing", (), {"__doc__": "A.\n\nReturns\n-----\nx\n"}))
    assert discover_groups in DOCUMENTED
