"""What people decide is kept: in every later run, whatever the history, whatever the order of the statements."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.themes.decisions import (
    CannotLink,
    Decision,
    Forbid,
    Merge,
    Move,
    MustLink,
    Part,
    Pin,
    Rename,
    Split,
    Unpin,
    what_holds,
)
from analysis.themes.model import ThemeModel
from analysis.themes.results import FormerTheme, Statement
from tests.analysis.conftest import FEW_NEEDS, by_key, fit
from tests.conftest import examples

TEXTS = [
    ("a doctor who speaks our language", "en"), ("the doctor is far", "en"), ("our doctor left", "en"), ("doctor for children", "en"),
    ("의사가 없어요", "ko"), ("没有医生", "zh-Hans"), ("pharmacy closed at night", "en"), ("a pharmacy nearby", "en"), ("약국이 없어요", "ko"),
    ("parking is full", "en"), ("no parking at night", "en"), ("parking costs too much", "en"), ("주차 문제", "ko"), ("停车太难", "zh-Hans"),
    ("drilling at night", "en"), ("drilling on sunday", "en"), ("공사 소음", "ko"), ("all fine", "en"), ("hello", "en"), ("doctor and parking", "en"),
]  # fmt: skip
IDS = list(range(len(TEXTS)))
KEYS = ["health.doctor", "health.pharmacy", "transport_parking.parking", "environment_noise.drilling"]
PARTS = ["health.p1", "health.p2", "other.p3"]

statements = st.sampled_from(IDS)
themes = st.sampled_from([*KEYS, *PARTS])


def splits() -> st.SearchStrategy[Decision]:
    return st.builds(
        lambda theme, keys, examples: Split(
            theme, [Part(key, {"en": f"name of {key}"}, examples[i::2]) for i, key in enumerate(keys)]
        ),
        st.sampled_from(KEYS),
        st.permutations(PARTS).map(lambda found: found[:2]),
        st.lists(statements, min_size=0, max_size=5, unique=True),
    )


histories = st.lists(
    st.one_of(
        st.builds(Rename, themes, st.fixed_dictionaries({}, optional={"en": st.sampled_from("AB"), "ko": st.sampled_from("가나")})),
        st.builds(Merge, themes, themes),
        splits(),
        st.builds(Move, statements, themes, st.none() | themes),
        st.builds(Forbid, statements, themes),
        st.builds(Pin, themes),
        st.builds(Unpin, themes),
        st.builds(MustLink, statements, statements),
        st.builds(CannotLink, statements, statements),
    ),
    max_size=14,
)


def said_by_all(order: Sequence[int] = IDS) -> list[Statement]:
    return [Statement(*TEXTS[i], person=i, id=i) for i in order]


def themes_by_id(model: ThemeModel, order: Sequence[int] = IDS) -> dict[int, list[str]]:
    return {i: [m.theme for m in found] for i, found in zip(order, model.memberships_, strict=True)}


class Told:
    """A second reading of the rules, as plain as can be: the whole history is walked again for every question."""

    def __init__(self, history: Sequence[Decision]) -> None:
        self.history = []
        for decision in history:
            before = len(what_holds(self.history).ignored)
            if len(what_holds([*self.history, decision]).ignored) == before:
                self.history.append(decision)

    def became(self, theme: str, since: int) -> set[str]:
        """What a theme that was spoken of at some moment is at the end."""
        now = self._at(theme, since)
        for later in self.history[since:]:
            now = self._step(now, later)
        return now

    def _at(self, theme: str, moment: int) -> set[str]:
        """What was meant by a theme at a moment: it may have been merged away before."""
        redirected: dict[str, set[str]] = {}
        for earlier in self.history[:moment]:
            if isinstance(earlier, Merge | Split):
                [gone] = redirected.get(earlier.theme, {earlier.theme})
                one = Merge(gone, next(iter(redirected.get(earlier.into, {earlier.into})))) if isinstance(earlier, Merge) else Split(gone, earlier.parts)
                redirected = {key: self._plain_step(now, one) for key, now in redirected.items()}
                redirected[gone] = self._plain_step({gone}, one)
                for new in redirected[gone]:
                    redirected.pop(new, None)
        return redirected.get(theme, {theme})

    def _step(self, now: set[str], later: Decision) -> set[str]:
        if not isinstance(later, Merge | Split):
            return now
        moment = self.history.index(later)
        [gone] = self._at(later.theme, moment)
        into = self._at(later.into, moment) if isinstance(later, Merge) else {part.theme for part in later.parts}
        return (now - {gone}) | into if gone in now else now

    @staticmethod
    def _plain_step(now: set[str], later: Merge | Split) -> set[str]:
        into = {later.into} if isinstance(later, Merge) else {part.theme for part in later.parts}
        return (now - {later.theme}) | into if later.theme in now else now


@settings(max_examples=examples(40))
@given(history=histories)
@example([Forbid(0, "health.doctor"), Merge("health.pharmacy", "health.doctor"), Move(0, "health.pharmacy")])
@example([Move(9, "health.p1"), Move(9, "health.doctor", "health.p1"), Split("health.doctor", [Part("health.p1", {}, [0]), Part("health.p2", {}, [1])])])
def test_every_decision_is_kept_in_every_run(history: list[Decision]) -> None:
    model = fit(said_by_all(), min_people=1, decisions=history)
    again = fit(said_by_all(), min_people=1, decisions=history)
    found, known = themes_by_id(model), by_key(model)
    told = Told(history)

    assert (model.themes_, model.memberships_) == (again.themes_, again.memberships_)
    placed: dict[int, tuple[int, str]] = {}
    for moment, decision in enumerate(told.history):
        match decision:
            case Move(statement, to, _):
                placed[statement] = moment, to
            case Split(_, parts):
                for part in parts:
                    placed |= dict.fromkeys(part.examples, (moment + 1, part.theme))
            case Forbid(statement, theme) if statement in placed:
                when, where = placed[statement]
                if told.became(where, when) <= told.became(theme, moment):
                    del placed[statement]
    for statement, (when, where) in placed.items():
        assert found[statement][0] in told.became(where, when), (statement, where)
    for moment, decision in enumerate(told.history):
        if isinstance(decision, Forbid):
            allowed = {found[decision.statement][0]} if decision.statement in placed else set()
            assert not (set(found[decision.statement]) & told.became(decision.theme, moment)) - allowed
    holds = what_holds(history)
    assert holds.pinned <= set(known)
    assert not set(holds.redirects) & (set(known) | {key for keys in found.values() for key in keys})
    for key, names in holds.names.items():
        if key in known:
            assert {**known[key].names, **names} == known[key].names
    unmet = {(link.one, link.other) for link in model.unmet_}
    for one, other in holds.must_link:
        assert (one, other) in unmet or found[one][:1] == found[other][:1]
    for one, other in holds.cannot_link:
        assert (one, other) in unmet or not set(found[one]) & set(found[other])


@settings(max_examples=examples(12))
@given(history=histories, seed=st.integers(0, 9))
def test_order_of_the_statements_changes_nothing(history: list[Decision], seed: int) -> None:
    order = random.Random(seed).sample(IDS, len(IDS))

    one, other = fit(said_by_all(), decisions=history), fit(said_by_all(order), decisions=history)

    assert themes_by_id(one) == themes_by_id(other, order)
    assert [(t.key, t.people, t.names) for t in one.themes_] == [(t.key, t.people, t.names) for t in other.themes_]


@settings(max_examples=examples(12))
@given(histories)
def test_reassigning_gives_what_a_fresh_run_gives(history: list[Decision]) -> None:
    """But for what the classifier learns from moved statements, which only a fresh run does: so here none are moved."""
    history = [decision for decision in history if not isinstance(decision, Move | Split)]

    quick = fit(said_by_all(), min_people=1).reassign(history)
    fresh = fit(said_by_all(), min_people=1, decisions=history)

    assert (quick.memberships_, quick.unmet_) == (fresh.memberships_, fresh.unmet_)
    assert [(t.key, t.people, t.names, t.keywords) for t in quick.themes_] == [
        (t.key, t.people, t.names, t.keywords) for t in fresh.themes_
    ]


def test_merged_theme_is_gone_and_its_people_are_in_the_other() -> None:
    model = fit(said_by_all(), min_people=1, decisions=[Merge("health.pharmacy", "health.doctor")])

    assert "health.pharmacy" not in by_key(model)
    assert by_key(model)["health.doctor"].people == 10


def test_split_sends_each_statement_to_the_part_whose_examples_it_is_like() -> None:
    parts = [Part("health.children", {"en": "Children"}, [3]), Part("health.distance", {"en": "Distance"}, [1])]

    model = fit([*said_by_all(), Statement("a doctor for my children please", "en", 99, id=99)], min_people=1,
                decisions=[Split("health.doctor", parts)])  # fmt: skip

    assert "health.doctor" not in by_key(model)
    assert by_key(model)["health.children"].names["en"] == "Children"
    assert model.memberships_[-1][0].theme == "health.children"
    assert model.memberships_[1][0].theme == "health.distance"


def test_decision_about_a_theme_that_was_merged_away_means_what_it_became() -> None:
    decisions = [Merge("health.pharmacy", "health.doctor"), Rename("health.pharmacy", {"en": "Doctors and medicine"}), Pin("health.pharmacy")]

    model = fit(said_by_all(), decisions=decisions)

    assert by_key(model)["health.doctor"].names["en"] == "Doctors and medicine"


@pytest.mark.parametrize(
    "nonsense",
    [
        Merge("health.doctor", "health.doctor"),
        Split("health.doctor", [Part("a.b", {}, [])]),
        Split("health.doctor", [Part("a.b", {}, []), Part("a.b", {}, [])]),
        Split("health.doctor", [Part("a.b", {}, []), Part("health.doctor", {}, [])]),
        MustLink(1, 1),
    ],
)
def test_decision_that_means_nothing_is_told_and_not_obeyed(nonsense: Decision) -> None:
    assert what_holds([nonsense]).ignored == [nonsense]
    assert fit(said_by_all(), decisions=[nonsense]).memberships_ == fit(said_by_all()).memberships_


def test_links_that_contradict_what_people_decided_are_listed() -> None:
    decisions = [Move(0, "health.doctor"), Move(9, "transport_parking.parking"), MustLink(0, 9), CannotLink(1, 2), MustLink(1, 2), CannotLink(2, 3)]

    model = fit(said_by_all(), decisions=decisions)

    assert model.unmet_ == [MustLink(0, 9)]
    found = themes_by_id(model)
    assert found[1][:1] == found[2][:1]
    assert not set(found[2]) & set(found[3])


def test_statements_that_people_moved_teach_the_model_about_others() -> None:
    """Small surveys have nobody to ask but the people who read them."""
    texts = [*(f"stray cats {word}" for word in ("outside", "again", "need food", "in winter", "at the gate", "everywhere")),
             *(f"parking {word}" for word in ("full", "again", "far", "costs much", "at the gate"))]  # fmt: skip
    given_ = [Statement(text, "en", number, id=number) for number, text in enumerate(texts)]
    moves = [Move(number, "environment_noise.drilling") for number in range(4)] + [Move(6, "transport_parking.parking")]

    untold, told = fit(given_), fit(given_, decisions=moves)

    assert not any(m.theme.startswith("environment_noise") for m in untold.memberships_[5])
    assert told.memberships_[5][0].theme.startswith("environment_noise")


def test_new_theme_keeps_its_key_and_name_when_its_words_change() -> None:
    cats = [f"{first} stray cats {last}" for first in ("feed", "the", "so many", "poor") for last in ("in winter", "here", "need homes", "outside", "now")]
    courts = [f"{first} badminton court {last}" for first in ("no", "the", "book any", "our") for last in ("is free", "again", "full", "costs much", "nearby")]
    first = [Statement(text, "en", number, id=number) for number, text in enumerate([*cats, *courts])]
    before = fit(first)
    new = [theme for theme in before.themes_ if theme.category == "discovered"]
    former = [
        FormerTheme(t.key, {**t.names, "zh-Hans": "流浪猫"}, [i for i in range(40) if before.labels_[i] == t.key]) for t in new
    ]
    more = [Statement(f"kittens and cats {word}", "en", 100 + n, id=100 + n) for n, word in enumerate(["cold", "hungry", "lost", "sick", "old", "thin", "wild", "tame", "new", "gone"])]

    after = fit([*first, *more], former=former)

    assert {theme.key for theme in after.themes_ if theme.category == "discovered"} == {theme.key for theme in new}
    assert all(theme.names["zh-Hans"] == "流浪猫" for theme in after.themes_ if theme.category == "discovered")
    assert FEW_NEEDS.categories.keys() & {theme.category for theme in after.themes_} == set()
