"""Links between new themes of two languages: planted profiles of concepts are found, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from analysis.lexicon.load import Lexicon
from analysis.text.language import family
from analysis.themes.links import HEARD_BY, LINKED_FROM, Link, link_languages
from analysis.themes.model import ThemeModel
from analysis.themes.results import DISCOVERED, Members, Statement
from tests.analysis.conftest import FEW_NEEDS, a_lexicon, fit, said

CONCEPTS = 12


def linked(themes: Mapping[str, Sequence[Mapping[int, float]]], languages: Mapping[str, str] | None = None) -> list[Link]:
    """Links of themes, each given as its statements' weights by concept. The language stands first in the key: `ko.cats`."""
    rows: list[Mapping[int, float]] = []
    statements, found = [], {}
    for key, own in themes.items():
        found[key] = Members(list(range(len(rows), len(rows) + len(own))), [1.0] * len(own))
        tag = (languages or {}).get(key, key.split(".")[0])
        statements += [Statement("", tag, len(rows) + place) for place in range(len(own))]
        rows += own
    dense = np.zeros((len(rows) + 40, CONCEPTS), dtype=np.float32)  # most of a survey is in no new theme
    for row, weights in enumerate(rows):
        for concept, weight in weights.items():
            dense[row, concept] = weight
    return link_languages(found, [*statements, *said([""] * 40)], sp.csr_matrix(dense))


def pairs(links: Sequence[Link]) -> list[tuple[str, str]]:
    return [(link.one, link.other) for link in links]


CATS, COURTS, NIGHTS, LIFTS = [{0: 1.0, 1: 0.5}] * 6, [{2: 1.0}] * 5, [{3: 1.0, 4: 1.0}] * 7, [{5: 2.0}] * 4


def test_themes_that_speak_of_the_same_are_linked_across_three_languages() -> None:
    links = linked({
        "en.cats": CATS, "en.courts": COURTS, "en.nights": NIGHTS,
        "ko.katzen": CATS, "ko.plätze": COURTS, "ko.aufzüge": LIFTS,
        "zh.mao": CATS, "zh.dianti": LIFTS,
    })  # fmt: skip

    assert sorted(pairs(links)) == [
        ("en.cats", "ko.katzen"), ("en.cats", "zh.mao"), ("en.courts", "ko.plätze"),
        ("ko.aufzüge", "zh.dianti"), ("ko.katzen", "zh.mao"),
    ]  # fmt: skip
    assert {link.likeness for link in links} == {1.0}


def test_themes_of_one_language_are_never_linked() -> None:
    assert linked({"en.cats": CATS, "en.kittens": CATS}) == []
    assert linked({"zh-Hans.mao": CATS, "zh-Hant.mao": CATS}) == []


def test_a_theme_has_one_partner_in_a_language_the_most_alike() -> None:
    links = linked({"en.cats": CATS, "ko.katzen": CATS, "ko.tiere": [{0: 1.0, 1: 0.5, 6: 0.5}] * 6})

    assert pairs(links) == [("en.cats", "ko.katzen")]


def test_two_weak_likenesses_do_not_outweigh_a_strong_one() -> None:
    """Both others are a little like it: paired with them, the sum is larger than that of the one real link."""
    links = linked({
        "en.cats": [{0: 1.2, 1: 1.0}] * 5, "en.nights": [{2: 1.0, 6: 0.9}] * 5,
        "ko.katzen": [{0: 1.2, 2: 1.0}] * 5, "ko.nächte": [{1: 1.0, 8: 0.9}] * 5,
    })  # fmt: skip

    assert pairs(links) == [("en.cats", "ko.katzen")]
    assert links[0].likeness < 0.7


@pytest.mark.parametrize(("shared", "is_linked"), [(0.0, False), (0.45, False), (0.49, False), (0.51, True), (1.0, True)])
def test_linked_from_a_cosine_of_one_half(shared: float, is_linked: bool) -> None:
    """The rest of each profile is its own; the third theme makes all three concepts equally rare."""
    links = linked({
        "en.cats": [{0: shared, 1: 1 - shared}] * 6, "ko.katzen": [{0: shared, 2: 1 - shared}] * 6,
        "fr.chats": [{1: 1.0, 2: 1.0}] * 6,
    })  # fmt: skip

    likeness = {(link.one, link.other): link.likeness for link in links}.get(("en.cats", "ko.katzen"))
    assert (likeness is not None) is is_linked
    if likeness is not None and shared < 1:
        assert likeness == pytest.approx(shared**2 / (shared**2 + (1 - shared) ** 2), abs=1e-3)
        assert likeness >= LINKED_FROM


@pytest.mark.parametrize(("heard", "is_linked"), [(0, False), (1, False), (2, True), (5, True)])
def test_theme_in_which_the_lexicon_hears_too_little_is_not_linked(heard: int, is_linked: bool) -> None:
    """One statement in ten that names a cat says nothing of the other nine."""
    own = [{0: 1.0}] * heard + [{}] * (10 - heard)

    assert bool(linked({"en.cats": CATS, "ko.katzen": own})) is is_linked
    assert (heard / 10 >= HEARD_BY) is is_linked


def test_rare_concepts_tell_more_than_what_everybody_speaks_of() -> None:
    """All themes speak of the city; the stadium alone is what two of them share."""
    city = {0: 1.0}
    links = linked({
        "en.stadium": [city | {1: 1.0}] * 3, "en.zoo": [city | {2: 1.0}] * 3,
        "ko.zoo": [city | {2: 1.0}] * 3, "ko.stadium": [city | {1: 1.0}] * 3, "fr.city": [city] * 60,
    })  # fmt: skip

    assert {("en.stadium", "ko.stadium"), ("en.zoo", "ko.zoo")} <= set(pairs(links))
    assert all(link.likeness > 0.9 for link in links if "fr.city" not in (link.one, link.other))


def test_most_alike_come_first_then_by_name() -> None:
    links = linked({
        "en.b": COURTS, "en.a": CATS, "en.c": NIGHTS, "ko.a": CATS, "ko.b": COURTS, "ko.c": [{3: 1.0, 4: 0.4}] * 7,
    })  # fmt: skip

    assert pairs(links) == [("en.a", "ko.a"), ("en.b", "ko.b"), ("en.c", "ko.c")]
    assert [link.likeness for link in links] == sorted((link.likeness for link in links), reverse=True)


def test_no_themes_and_empty_ones_are_no_error() -> None:
    assert linked({}) == []
    assert linked({"en.cats": CATS}) == []
    assert linked({"en.cats": CATS, "ko.leer": []}) == []
    assert linked({"en.nothing": [{}] * 5, "ko.nichts": [{}] * 5}) == []


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["en", "ko", "zh-Hans", "zh-Hant"]), st.sampled_from("abcd")).map(".".join),
        st.lists(st.dictionaries(st.integers(0, 3), st.sampled_from([0.5, 1.0]), max_size=3), max_size=4),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_links_keep_what_they_promise(themes: dict[str, list[dict[int, float]]], chance: random.Random) -> None:
    links = linked(themes)

    languages = {key: family(key.split(".")[0]) for key in themes}
    seen = [(key, languages[other]) for link in links for key, other in ((link.one, link.other), (link.other, link.one))]
    assert len(seen) == len(set(seen))
    for link in links:
        assert link.one < link.other
        assert languages[link.one] != languages[link.other]
        assert LINKED_FROM <= link.likeness <= 1.0001
    keys = list(themes)
    chance.shuffle(keys)
    assert linked({key: themes[key] for key in keys}) == links


# The model as a whole


def four_needs() -> Lexicon:
    return a_lexicon({
        "health.doctor": {"en": ["doctor*"], "ko": ["의사"]},
        "transport_parking.parking": {"en": ["parking"], "ko": ["주차"]},
        "environment_noise.drilling": {"en": ["drilling"], "ko": ["공사"]},
        "visa.visa": {"en": ["visa*"], "ko": ["비자"]},
    })  # fmt: skip


def new_needs() -> list[Statement]:
    """In two languages one desk for everything, which is heard and no single need, and something that is not heard."""
    ends = ["please", "in town", "downtown", "one day", "soon", "at last", "would help", "is missing", "for newcomers", "by post"]
    ends_ko = ["부탁해요", "있으면", "좋겠어요", "빨리", "가까이", "언젠가", "필요", "없어서", "처음", "우편"]
    desk = [f"one desk for doctor parking drilling visa {end}" for end in ends]
    desk_ko = [f"의사 주차 공사 비자 통합창구 {end}" for end in ends_ko]
    return [
        *said(desk), *said([f"stray cats {end}" for end in ends], first=100),
        *said(desk_ko, "ko", first=200), *said([f"배드민턴 경기장 {end}" for end in ends_ko], "ko", first=300),
    ]  # fmt: skip


def test_model_links_two_new_themes_that_speak_of_the_same_needs() -> None:
    model = ThemeModel(lexicon=four_needs()).fit(new_needs())

    assert {theme.category for theme in model.themes_} == {DISCOVERED}
    desk, desk_ko = model.labels_[0], model.labels_[20]
    assert (desk, desk_ko) != ("", "")
    assert [(link.one, link.other, link.likeness) for link in model.links_] == [(*sorted([desk, desk_ko]), 1.0)]


def test_model_that_groups_afresh_links_what_speaks_of_one_known_need() -> None:
    ends = ["please", "in town", "downtown", "one day", "soon", "at last", "would help", "is missing", "for newcomers", "by post"]
    ends_ko = ["부탁해요", "있으면", "좋겠어요", "빨리", "가까이", "언젠가", "필요", "없어서", "처음", "우편"]
    statements = [
        *said([f"a doctor {end}" for end in ends]), *said([f"stray cats {end}" for end in ends], first=100),
        *said([f"의사 선생님 {end}" for end in ends_ko], "ko", first=200), *said([f"길고양이 {end}" for end in ends_ko], "ko", first=300),
    ]  # fmt: skip

    model = fit(statements, known=False)

    assert pairs(model.links_) == [tuple(sorted([model.labels_[0], model.labels_[20]]))]


def test_known_needs_are_one_theme_in_all_languages_and_need_no_link() -> None:
    model = fit([*said(["a doctor please"] * 12), *said(["의사 부탁해요"] * 12, "ko", first=50)])

    assert [theme.key for theme in model.themes_] == ["health.doctor"]
    assert model.links_ == []


def test_new_themes_of_one_language_have_no_links() -> None:
    assert ThemeModel(lexicon=FEW_NEEDS).fit(new_needs()[:20]).links_ == []
