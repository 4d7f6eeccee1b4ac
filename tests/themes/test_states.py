"""What a history of acts comes to, whatever the acts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.themes.decisions import what_holds
from survey.themes.decisions import decisions_of
from survey.themes.states import (
    DATA,
    Accept,
    Act,
    Decided,
    Dismiss,
    Event,
    EventKind,
    Forbid,
    Merge,
    Move,
    NewPart,
    NewTheme,
    Pin,
    Rename,
    Reopen,
    SetCategory,
    Split,
    ThemeState,
    Undo,
    Unpin,
    clash,
    clashes,
    effective,
    kind_of,
    obstacles,
    read_act,
    replay,
    undone_ids,
    whence,
    whither,
)

HEALTH, PARKING, NOISE = "health.doctor", "transport_parking.parking", "environment_noise.drilling"


def log(*acts: tuple[str, Act]) -> list[Event]:
    """Events numbered from 1."""
    return [Event(number, key, act) for number, (key, act) in enumerate(acts, start=1)]


def halves(name: str, *examples: int) -> Split:
    return Split([NewPart(f"{name}.own-1", {"en": "one"}, list(examples[:1])), NewPart(f"{name}.own-2", {"en": "two"}, list(examples[1:]))])


@pytest.mark.parametrize(
    ("kind", "stored", "act"),
    [
        ("accept", "{}", Accept()),
        ("rename", '{"before":{"en":"Doctors"},"names":{"en":"Clinics"}}', Rename({"en": "Clinics"}, {"en": "Doctors"})),
        ("merge", '{"into":"a"}', Merge("a")),
        ("move", '{"out_of":["a"],"statements":[1,2],"to":"b"}', Move([1, 2], "b", ["a"])),
        ("forbid", '{"of":["a"],"statements":[1]}', Forbid([1], ["a"])),
        ("undo", '{"event":4}', Undo(4)),
        (
            "split", '{"parts":[{"examples":[1],"key":"a.own-1","names":{"en":"one"}}],"placed":{"7":"a.own-1"}}',
            Split([NewPart("a.own-1", {"en": "one"}, [1])], {7: "a.own-1"}),
        ),
    ],
)  # fmt: skip
def test_act_is_read_as_it_was_stored(kind: str, stored: str, act: Act) -> None:
    """The first two as they stand in databases of the first release."""
    read = read_act(EventKind(kind), stored)

    assert read == act
    assert kind_of(read) == kind
    assert read_act(EventKind(kind), msgspec.json.encode(act)) == act


@pytest.mark.parametrize(("kind", "stored"), [("accept", '{"why":"x"}'), ("merge", "{}"), ("move", '{"statements":[1]}'), ("undo", '{"event":"x"}')])
def test_act_with_other_keys_than_its_own_is_refused(kind: str, stored: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read_act(EventKind(kind), stored)


def test_every_kind_has_data_of_its_own() -> None:
    assert set(DATA) == set(EventKind)
    assert len(set(DATA.values())) == len(EventKind)


def test_replay_the_last_word_counts_and_other_themes_are_left_alone() -> None:
    decided = replay(log(
        (HEALTH, Accept()), (HEALTH, Rename({"zh-Hans": "看病", "en": "Doctors"})), (HEALTH, Rename({"en": "Clinics"})),
        (PARKING, Dismiss()), (NOISE, Pin()), (NOISE, SetCategory("housing_property")), (PARKING, Reopen()),
    ))  # fmt: skip

    assert decided == {
        HEALTH: Decided(ThemeState.ACCEPTED, {"zh-Hans": "看病", "en": "Clinics"}),
        PARKING: Decided(ThemeState.PROPOSED),
        NOISE: Decided(category="housing_property", is_pinned=True),
    }


def test_replay_merged_theme_leads_to_the_other_which_inherits_that_it_was_accepted() -> None:
    events = log((HEALTH, Accept()), (HEALTH, Merge(PARKING)), (PARKING, Merge(NOISE)))

    decided = replay(events)

    assert whither(decided, HEALTH) == [NOISE]
    assert whence(decided, NOISE) == [NOISE, PARKING, HEALTH]
    assert [decided[key].state for key in (HEALTH, PARKING, NOISE)] == ["ended", "ended", "accepted"]


def test_replay_split_theme_leads_to_its_parts_in_its_own_state() -> None:
    decided = replay(log((HEALTH, Accept()), (HEALTH, halves("health", 1, 2))))

    assert whither(decided, HEALTH) == ["health.own-1", "health.own-2"]
    assert {(decided[key].state, decided[key].parent) for key in whither(decided, HEALTH)} == {("accepted", HEALTH)}
    assert whence(decided, "health.own-1") == ["health.own-1"]


def test_replay_part_of_an_undone_split_leads_back_to_the_whole() -> None:
    decided = replay(log((HEALTH, halves("health", 1, 2)), (HEALTH, Undo(1))))

    assert whither(decided, "health.own-2") == [HEALTH]
    assert whence(decided, HEALTH) == [HEALTH]


def test_undo_of_an_undo_makes_the_act_count_again() -> None:
    events = log((HEALTH, Accept()), (HEALTH, Undo(1)), (HEALTH, Undo(2)))

    assert undone_ids(events[:2]) == {1}
    assert replay(events[:2]) == {}
    assert undone_ids(events) == {2}
    assert replay(events)[HEALTH].state == ThemeState.ACCEPTED


@pytest.mark.parametrize(
    ("acts", "undo", "blocking"),
    [
        ([(HEALTH, Accept()), (PARKING, Accept())], 1, []),
        ([(HEALTH, Accept()), (HEALTH, Dismiss())], 1, [2]),
        ([(HEALTH, Rename({"en": "A"})), (HEALTH, Rename({"ko": "나"}))], 1, []),
        ([(HEALTH, Rename({"en": "A"})), (HEALTH, Rename({"en": "B"}))], 1, [2]),
        ([(HEALTH, Move([1], PARKING, [HEALTH])), (HEALTH, Move([2], PARKING, [HEALTH]))], 1, []),
        ([(HEALTH, Move([1], PARKING, [HEALTH])), (PARKING, Forbid([1], [PARKING]))], 1, [2]),
        ([(HEALTH, Merge(PARKING)), (PARKING, Merge(NOISE))], 1, [2]),
        ([(HEALTH, Merge(PARKING)), (NOISE, Merge(PARKING))], 1, []),
        ([(HEALTH, Merge(PARKING)), (PARKING, Move([1], NOISE, [PARKING, HEALTH]))], 1, []),
        ([(HEALTH, halves("health", 1, 2)), ("health.own-1", Rename({"en": "A"}))], 1, [2]),
        ([(HEALTH, halves("health", 1, 2)), (PARKING, Move([3], "health.own-2", [PARKING]))], 1, [2]),
        ([(HEALTH, Move([1], "health.own-9", [HEALTH], NewTheme({"en": "new"}, "health"))), ("health.own-9", Accept())], 1, [2]),
        # an undo, and what was done while the act did not count
        ([(HEALTH, Merge(PARKING)), (HEALTH, Undo(1)), (HEALTH, Accept())], 2, [3]),
        ([(HEALTH, Merge(PARKING)), (HEALTH, Undo(1)), (NOISE, Accept())], 2, []),
        ([(HEALTH, Accept()), (HEALTH, Undo(1)), (HEALTH, Dismiss())], 2, [3]),
        # what is undone itself builds on nothing
        ([(HEALTH, Accept()), (HEALTH, Dismiss()), (HEALTH, Undo(2))], 1, []),
    ],
)  # fmt: skip
def test_obstacles_are_the_acts_that_build_on_it(acts: list[tuple[str, Act]], undo: int, blocking: list[int]) -> None:
    assert [event.id for event in obstacles(log(*acts), undo)] == blocking


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((HEALTH, Accept()), (HEALTH, Accept()), False),
        ((HEALTH, Accept()), (HEALTH, Dismiss()), True),
        ((HEALTH, Accept()), (PARKING, Dismiss()), False),
        ((HEALTH, Rename({"en": "A"})), (HEALTH, Move([1], PARKING, [HEALTH])), False),
        ((HEALTH, Rename({"en": "A"})), (HEALTH, Rename({"ko": "나"})), False),
        ((HEALTH, Rename({"en": "A"})), (HEALTH, Rename({"en": "B"})), True),
        ((HEALTH, Move([1, 2], PARKING, [HEALTH])), (HEALTH, Move([3], NOISE, [HEALTH])), False),
        ((HEALTH, Move([1, 2], PARKING, [HEALTH])), (HEALTH, Move([2], NOISE, [HEALTH])), True),
        ((HEALTH, Forbid([1], [HEALTH])), (HEALTH, Merge(PARKING)), False),
        ((PARKING, Move([1], HEALTH, [PARKING])), (HEALTH, Merge(NOISE)), True),
        ((HEALTH, Merge(PARKING)), (HEALTH, halves("health", 1, 2)), True),
        ((HEALTH, Merge(PARKING)), (PARKING, Merge(NOISE)), True),
        ((HEALTH, Merge(PARKING)), (HEALTH, Accept()), True),
        ((HEALTH, Merge(PARKING)), (PARKING, Rename({"en": "B"})), False),
        ((HEALTH, Pin()), (HEALTH, Unpin()), True),
    ],
)
def test_clash_is_told_of_acts_that_want_different_things(one: tuple[str, Act], other: tuple[str, Act], expected: bool) -> None:
    first, second = Event(1, *one), Event(2, *other)

    assert clash(first, second) is expected
    assert clash(second, first) is expected
    assert clashes(second, [first], after=0) == ([first] if expected else [])
    assert clashes(second, [first], after=1) == []


# Histories as they come about: each act means what stands when it is done

DRAWS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 9), st.integers(0, 9), st.integers(0, 7)), max_size=14)
NAMES = [{"en": "A"}, {"en": "B"}, {"ko": "가"}]
STATES: list[Act] = [Accept(), Dismiss(), Reopen(), Pin(), Unpin(), SetCategory("health")]


def history(draws: list[tuple[int, int, int, int]]) -> list[Event]:
    events: list[Event] = []
    for kind, one, other, statement in draws:
        act = _act(events, kind, one, other, statement)
        if act is not None:
            events.append(Event(len(events) + 1, *act))
    return events


def _act(events: list[Event], kind: int, one: int, other: int, statement: int) -> tuple[str, Act] | None:
    decided = replay(events)
    standing = sorted({key for start in (HEALTH, PARKING, NOISE, *decided) for key in whither(decided, start)})
    key, target = standing[one % len(standing)], standing[other % len(standing)]
    number = len(events) + 1
    if kind < 3:
        return key, STATES[other % len(STATES)]
    if kind == 3:
        return key, Rename(NAMES[other % 3])
    if kind == 4 and key != target:
        return key, Merge(target)
    if kind == 5:
        return key, Split([NewPart(f"x.own-{number}{half}", {"en": half}, [10 * number + place]) for place, half in enumerate("ab")])
    if kind in {6, 7} and key != target:
        return key, Move([statement], target, [old for old in whence(decided, key) if old != target])
    if kind == 8:
        return key, Forbid([statement], whence(decided, key))
    if kind == 9:
        return key, Move([statement], f"health.own-{number}", whence(decided, key), NewTheme({"en": "new"}, "health", key))
    if kind > 9 and events:
        event = events[one % len(events)]
        if event.id not in undone_ids(events) and not obstacles(events, event.id):
            return event.key, Undo(event.id)
    return None


@given(DRAWS)
def test_replay_of_a_history_is_always_the_same_and_means_what_the_analysis_understands(draws: list[Any]) -> None:
    events = history(draws)

    decided = replay(events)
    held = what_holds(decisions_of(events))

    assert replay(list(events)) == decided
    assert held.ignored == []
    for key, theme in decided.items():
        if not theme.is_made or key in {born for event in effective(events) for born in event.born}:
            assert set(held.now(key)) == set(whither(decided, key))
    accepted = [event.key for event in effective(events) if isinstance(event.act, Accept)]
    ended = {key for key, theme in decided.items() if theme.state == ThemeState.ENDED}
    for key in accepted:
        last = [e for e in effective(events) if e.key == key and isinstance(e.act, Accept | Dismiss | Reopen)][-1]
        if isinstance(last.act, Accept) and key not in ended:
            assert decided[key].state == ThemeState.ACCEPTED


@given(DRAWS)
def test_undo_of_the_newest_act_restores_what_stood_before_and_undoing_that_brings_it_back(draws: list[Any]) -> None:
    events = history(draws)
    if not events or isinstance(events[-1].act, Undo):
        return
    number, key = len(events), events[-1].key

    assert obstacles(events, number) == []
    undone = [*events, Event(number + 1, key, Undo(number))]
    again = [*undone, Event(number + 2, key, Undo(number + 1))]

    assert effective(undone) == effective(events[:-1])
    assert what_holds(decisions_of(undone)) == what_holds(decisions_of(events[:-1]))
    born = events[-1].born
    assert {key: theme for key, theme in replay(undone).items() if key not in born} == replay(events[:-1])
    assert replay(again) == replay(events)
