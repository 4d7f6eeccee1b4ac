"""The examples in the analysis' docstrings run and say what they promise."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import analysis

MODULES = sorted(module.name for module in pkgutil.walk_packages(analysis.__path__, "analysis."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(name)

    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = {name: sum(len(test.examples) for test in finder.find(importlib.import_module(name))) for name in MODULES}

    assert examples["analysis.themes.model"] >= 2
    assert examples["analysis.themes.keywords"] >= 1
