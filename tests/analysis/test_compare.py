"""Two waves of one survey through the model: nothing new is told of a survey that is asked twice, and what was planted is."""

from __future__ import annotations

import random

from analysis.themes.model import ThemeModel
from analysis.themes.results import DISCOVERED, Statement
from tests.analysis.conftest import FEW_NEEDS, said
from tests.analysis.test_model import KARAOKE

WAYS = ["{} please", "we need {}", "{} again", "no {} here", "too far to {}", "my {} is bad", "{} for children", "about {}", "{}!", "the {}"]


def wave(needs: dict[str, int], seed: int) -> list[Statement]:
    """So many people for each need, each in words of their own."""
    chance = random.Random(seed)
    texts = [
        chance.choice(WAYS).format(need) + chance.choice(["", " this year", " in winter", " near the station", " thanks"])
        for need, count in needs.items()
        for _ in range(count)
    ]
    return said(texts)


def fitted(needs: dict[str, int]) -> ThemeModel:
    return ThemeModel(lexicon=FEW_NEEDS).fit(wave(needs, seed=1))


SAME = {"doctor": 60, "parking": 60, "drilling": 40}


def test_survey_that_is_asked_again_raises_no_alert() -> None:
    """Each alarm of two equal waves is false: 5 % at most, here 1 of 100."""
    model = fitted(SAME)

    assert sum(model.compare(wave(SAME, seed)).has_alerts for seed in range(2, 42)) <= 2


def test_need_that_grew_one_that_vanished_and_a_new_one_are_told() -> None:
    model = fitted(SAME)

    found = model.compare([*wave({"doctor": 100, "parking": 60}, seed=2), *said(KARAOKE, first=1000)])

    told = {theme.theme: theme for theme in found.themes}
    assert told["health.doctor"].is_changed
    assert told["environment_noise.drilling"].is_lost
    assert not told["transport_parking.parking"].is_changed
    [new] = [group for group in found.groups if group.is_new]
    assert new.key.startswith(f"{DISCOVERED}.en.")
    assert "karaoke" in new.key
    assert new.people.people_after == len(KARAOKE)
    assert found.unsorted_share_after is not None
    assert found.unsorted_share_after > 0.1 > (found.unsorted_share_before or 0)


def test_group_that_both_waves_have_is_not_new() -> None:
    model = ThemeModel(lexicon=FEW_NEEDS).fit([*wave(SAME, seed=1), *said(KARAOKE, first=1000)])

    found = model.compare([*wave(SAME, seed=2), *said(KARAOKE, first=1000)])

    assert not found.has_alerts


def test_comparing_changes_nothing_in_the_model() -> None:
    model = fitted(SAME)
    before = model.themes_, model.memberships_, list(model.labels_)

    model.compare(wave({"doctor": 5}, seed=3))

    assert (model.themes_, model.memberships_, list(model.labels_)) == before


def test_empty_wave_is_compared_without_complaint() -> None:
    found = fitted(SAME).compare([])

    assert found.people_after == 0
    assert not found.has_alerts
