"""Other systems in the evaluation: those that are installed find what is planted, and the rest is left out in so many words."""

from __future__ import annotations

import random
import sys
import warnings

import numpy as np
import pytest

from analysis.evaluation import baselines, metrics
from analysis.evaluation.datasets import NONE, LabelledTexts
from analysis.evaluation.protocol import OURS, evaluate
from tests.analysis.conftest import a_lexicon

SYSTEMS = {
    "BERTopic": "bertopic",
    "BERTopic, guided": "bertopic",
    "CorEx, anchored": "corextopic.corextopic",
    "LDA, seeded": "tomotopy",
}
NAMED = ("CorEx, anchored", "LDA, seeded")
"""Systems whose groups have the names of the categories that they were seeded with."""

NEEDS = a_lexicon(
    {
        "health.doctor": {"en": ["doctor*"], "ko": ["의사"]},
        "transport_parking.parking": {"en": ["parking"], "ko": ["주차"]},
        "environment_noise.drilling": {"en": ["drilling"], "ko": ["공사"]},
        "culture_sports.concert": {"en": ["concert*"], "ko": ["공연"]},
    }
)
SAID = {
    ("en", "transport_parking"): "parking cars street gate permit garage ticket bicycles fee",
    ("en", "environment_noise"): "drilling night baby loud walls upstairs sleep neighbours morning",
    ("en", "culture_sports"): "concerts music festival stage piano singers guitar opera dance",
    ("ko", "transport_parking"): "주차 자동차 골목 요금 차고 단속 표지 아파트 입구",
    ("ko", "environment_noise"): "공사 새벽 이웃 먼지 소음 망치 수면 천장 아기",
    ("ko", "culture_sports"): "공연 음악 축제 무대 피아노 가수 기타 연극 무용",
}
"""What is said of each need; the first word is one of the lexicon's. Three needs: of two, CorEx takes one for want of the other."""


def method(name: str) -> baselines.Method:
    """The system's adapter; the test is skipped where the system is not installed."""
    pytest.importorskip(SYSTEMS[name])
    return baselines.installed_systems()[name]


def planted(*languages: str) -> LabelledTexts:
    """Three needs, 40 times in each language; nobody speaks of health, which the lexicon names first."""
    chance = random.Random(0)
    rows = [
        (" ".join([words.split()[0], *chance.sample(words.split()[1:], 4)]), tag, label)
        for (tag, label), words in SAID.items()
        for _ in range(40)
        if tag in languages
    ]
    texts, tags, labels = (list(column) for column in zip(*rows, strict=True))
    return LabelledTexts("planted", texts, tags, labels, NEEDS, is_development=False)


def test_every_system_is_tested_here() -> None:
    assert {*baselines.installed_systems(), *baselines.left_out()} == set(SYSTEMS)


@pytest.mark.parametrize("name", SYSTEMS)
def test_planted_needs_are_found_the_same_way_each_time(name: str) -> None:
    find, data = method(name), planted("en")

    found = find(data, 0)

    assert metrics.v_measure(data.labels, found) >= 0.9
    assert found == find(data, 0)


@pytest.mark.parametrize("name", NAMED)
def test_topics_bear_the_names_of_the_categories_that_were_heard(name: str) -> None:
    """In every language, although the lexicon's first category has no words in the texts."""
    data = planted("en", "ko")

    found = method(name)(data, 0)

    assert set(found) == set(data.labels)
    assert metrics.accuracy(data.labels, found) >= 0.95


@pytest.mark.parametrize("name", NAMED)
def test_languages_without_a_choice_are_not_asked(name: str) -> None:
    """No seed words were found in the Russian texts, and those of one category only in the Korean ones."""
    data = planted("en")
    data.texts.extend(["привет", "", "🙂", "주차", "안녕"])
    data.languages.extend(["ru", "ru", "ru", "ko", "ko"])

    found = method(name)(data, 0)

    assert found[120:] == [NONE, NONE, NONE, "transport_parking", "transport_parking"]


def test_a_text_without_words_is_none_of_the_topics() -> None:
    data = planted("en")
    data.texts[0] = "🙂"

    found = method("LDA, seeded")(data, 0)

    assert found[0] == NONE
    assert metrics.accuracy(data.labels[1:], found[1:]) >= 0.95


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_leaves_the_process_as_it_was(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """BERTopic silences warnings for good when it is imported, CorEx numpy's errors, and it prints of words that all texts have."""
    find, data = method(name), planted("en")
    data.texts[:] = [f"{text} everywhere" for text in data.texts]
    for module in [module for module in sys.modules if module.split(".", maxsplit=1)[0] == "bertopic"]:
        monkeypatch.delitem(sys.modules, module)

    with warnings.catch_warnings():
        before, errors = list(warnings.filters), np.geterr()
        find(data, 0)

        assert (list(warnings.filters), np.geterr()) == (before, errors)
    assert capsys.readouterr().out == ""


def test_what_is_not_installed_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    here, gone, half = ("json",), ("no_such_module", "json"), ("json", "no_such_part")
    systems = {"Here": (here, baselines.one_group), "Gone": (gone, baselines.one_group), "Half": (half, baselines.one_group)}
    monkeypatch.setattr(baselines, "_OPTIONAL", systems)
    told: list[str] = []

    results = evaluate([planted("en")], told.append, rounds=10)

    assert [line for line in told if "left out" in line] == [
        "Gone is left out: no_such_module is not installed.",
        "Half is left out: no_such_part is not installed.",
    ]
    assert {result.method for result in results} == {*baselines.BASELINES, "Here", baselines.TRAINED, OURS}
