"""Splitting a theme: parts that are proposed, and which part a statement is most like; words that an installation adds."""

from __future__ import annotations

import pytest

from analysis.lexicon.extend import with_words
from analysis.lexicon.match import Matcher
from analysis.themes.likeness import most_alike
from analysis.themes.model import ThemeModel
from analysis.themes.parts import propose_split
from analysis.themes.results import Statement
from tests.analysis.conftest import FEW_NEEDS

NIGHT = [f"a doctor at night for {who}" for who in ("children", "old people", "everybody", "guests", "neighbours")]
TEETH = [f"a dentist {where} for teeth" for where in ("nearby", "here", "downstairs", "inside", "around")]


def test_proposed_parts_are_told_apart_by_their_words() -> None:
    texts = [text for pair in zip(NIGHT, TEETH, strict=True) for text in pair]

    parts = propose_split(texts, ["en"] * len(texts), 2)

    assert {frozenset(texts[place] for place in part.examples) for part in parts} == {frozenset(NIGHT), frozenset(TEETH)}
    assert {part.language for part in parts} == {"en"}
    assert sorted(next(word for word in part.words if word in {"night", "teeth", "dentist"}) == "night" for part in parts) == [False, True]


@pytest.mark.parametrize("texts", [[], ["one"], ["the same"] * 9])
def test_nothing_is_proposed_where_texts_do_not_fall_apart(texts: list[str]) -> None:
    assert propose_split(texts, ["en"] * len(texts), 2) == []


def test_a_statement_is_most_like_the_same_part_whoever_is_asked_about_beside_it() -> None:
    said = [Statement(text, "en", place, id=place) for place, text in enumerate([*NIGHT, *TEETH])]
    hits = [[] for _ in said]
    choices = [[0, 1], [5, 6]]

    together = most_alike(range(10), choices, said, hits, 1)
    alone = [most_alike([row], choices, said, hits, 1)[0] for row in range(10)]

    assert together == alone == [0] * 5 + [1] * 5


def test_an_example_stays_in_its_part_and_what_is_like_none_goes_to_the_first() -> None:
    said = [Statement(text, language, text) for text, language in [("a b c", "en"), ("x y z", "en"), ("여권", "ko")]]

    assert most_alike([0, 1, 2], [[1], [0]], said, [[], [], []], 1) == [1, 0, 0]


def test_added_words_are_heard_in_their_need_and_their_category() -> None:
    lexicon = with_words(FEW_NEEDS, [("health.doctor", "en", "medic"), ("health", "en", "ward"), ("health", "xx", "x"), ("weather", "en", "rain")])
    matcher = Matcher(lexicon)

    def heard(text: str) -> list[str]:
        return [lexicon.concepts[hit.concept].id for hit in matcher.find(text, "en")]

    assert heard("the medic left") == ["health.doctor"]
    assert heard("our ward is full") == ["health.own_words"]
    assert heard("rain") == []
    assert len(lexicon.concepts) == len(FEW_NEEDS.concepts) + 1
    assert with_words(FEW_NEEDS, []) is FEW_NEEDS


def test_unknown_words_are_those_that_many_use_and_the_lexicon_lacks() -> None:
    texts = [*(f"the doctor and my toothache {word}" for word in ("now", "here", "again", "please")), *(f"parking {word}" for word in ("full", "far", "bad"))]

    model = ThemeModel(lexicon=FEW_NEEDS, min_people=1).fit([Statement(text, "en", place) for place, text in enumerate(texts)])

    found = model.unknown_words()
    assert found["health.doctor"] == {"en": ["toothache"]}
    assert found["transport_parking.parking"] == {}


def test_proposed_memberships_are_what_the_model_says_before_people_decide() -> None:
    from analysis.themes.decisions import Merge

    said = [Statement(text, "en", place, id=place) for place, text in enumerate(["the doctor is far", "parking is full"])]
    model = ThemeModel(lexicon=FEW_NEEDS, min_people=1, decisions=[Merge("health.doctor", "transport_parking.parking")]).fit(said)

    assert [found[0].theme for found in model.proposed_] == ["health.doctor", "transport_parking.parking"]
    assert [found[0].theme for found in model.memberships_] == ["transport_parking.parking"] * 2
