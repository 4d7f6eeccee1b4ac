"""What people really wrote (../shared/data/texts, not part of the project): every file gives themes that make sense."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest
from sklearn.metrics import v_measure_score

from analysis.text.language import identify
from analysis.text.statements import MAX_STATEMENT, split_statements
from analysis.themes.model import ThemeModel
from analysis.themes.results import DISCOVERED, Statement
from tests.analysis.conftest import by_key, leading, real_rows

TAGS = {"zh": "zh-Hans"}
MOST = 400
"""Rows of a long file that a test reads: every n-th, so that it takes seconds."""


def statements_of(name: str) -> list[Statement]:
    rows = real_rows(name)
    chosen = rows if name == "en_bowling_green" else rows[:: max(1, len(rows) // MOST)]
    return [Statement(row["text"][:MAX_STATEMENT], TAGS.get(row["lang"], row["lang"]), i) for i, row in enumerate(chosen)]


@lru_cache
def model_of(name: str) -> tuple[list[Statement], ThemeModel]:
    statements = statements_of(name)
    return statements, ThemeModel().fit(statements)


@pytest.mark.parametrize("name", ["zh_government_messages", "ko_petitions", "en_city_requests", "en_bowling_green"])
def test_file_gives_themes(name: str) -> None:
    statements, model = model_of(name)

    assert len(model.memberships_) == len(statements)
    assert len(model.themes_) >= 15
    assert model.unsorted_share_ < 0.7
    largest = model.themes_[0]
    assert largest.people <= 0.25 * len(statements)  # corex_topic#21: no theme swallows the others
    assert largest.quotes
    for theme in model.themes_:
        for words in theme.keywords.values():
            assert all(any(letter.isalpha() for letter in word) for word in words)


def test_bowling_green_gives_themes_that_its_people_would_recognise() -> None:
    """What residents said in 2018: traffic and its lights, internet, the fairness ordinance, sidewalks, buses, parking, taxes."""
    statements, model = model_of("en_bowling_green")
    themes = by_key(model)

    assert model.themes_[0].key == "transport_parking.traffic_congestion"
    assert {
        "transport_parking.walking_pavements", "transport_parking.parking_space", "transport_parking.bus_service",
        "daily_life_services.internet_access", "employment_business.taxes", "environment_noise.green_space",
        "housing_property.landlord_contract", "education_childcare.university_study",
    } <= set(themes)  # fmt: skip
    assert "traffic" in themes["transport_parking.traffic_congestion"].keywords["en"]
    assert "internet" in themes["daily_life_services.internet_access"].keywords["en"]
    assert all("sidewalk" in statements[i].text.lower() for i in themes["transport_parking.walking_pavements"].quotes[:1])
    fairness = themes["social_integration.discrimination"]
    assert fairness.people >= 20
    assert {"fairness", "ordinance"} <= set(fairness.keywords["en"])
    assert any("fairness ordinance" in statements[i].text.lower() for i in fairness.quotes)
    assert not [key for key in themes if key.startswith(DISCOVERED) and ("bowling" in key or "green" in key)]


def test_languages_are_pooled_without_becoming_the_themes() -> None:
    """The same 150 sentences in ten languages: who knows the category knows nothing of the language."""
    rows = [row for row in real_rows("sib200_train_10_languages") if int(row["index_id"]) < 380]
    languages = [row["lang"] for row in rows]

    model = ThemeModel().fit([Statement(row["text"], row["lang"], i) for i, row in enumerate(rows)])

    categories = [found or "unsorted" for found in leading(model)]
    assert len(set(languages)) == 10
    assert len(rows) > 1000
    assert v_measure_score(languages, categories) <= 0.05
    known = [theme for theme in model.themes_ if theme.category != DISCOVERED and theme.people >= 30]
    assert known
    assert all(len(theme.languages) >= 5 for theme in known)


def test_languages_of_real_sentences_are_named() -> None:
    rows = real_rows("sib200_train_10_languages")[::7]

    wrong = Counter(row["lang"] for row in rows if identify(row["text"]).language != row["lang"])

    assert sum(wrong.values()) <= 0.01 * len(rows), wrong


def test_real_messages_lose_no_letter_when_they_are_cut() -> None:
    for row in real_rows("zh_government_messages")[::10]:
        pieces = split_statements(row["text"])
        kept = [letter for letter in "".join(pieces) if letter.isalpha()]
        assert kept == [letter for letter in row["text"] if letter.isalpha()]
