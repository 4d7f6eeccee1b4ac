"""No count of 1 to 9 can be read, worked out or narrowed to fewer than ten from tables that are shown together.

`make sweep` runs many more examples than the suite (SWEEP). The attacker of these tests shares no code with what is tested.
"""

from __future__ import annotations

import itertools
import os
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.statistics.audit import audit
from analysis.statistics.disclosure import THRESHOLD
from analysis.statistics.suppression import protect, protect_table, sum_over_waves
from analysis.statistics.tables import Protected, Table, pool_columns
from tests.analysis.attacker import Attacker, Person, figures, table_of

EXAMPLES = int(os.environ.get("SWEEP", "100"))
LANGUAGES, AREAS, THEMES = ["ko", "en", "ja"], ["a", "b", "c"], ["v", "w"]
SUBSETS = [frozenset(s) for k in range(3) for s in itertools.combinations(THEMES, k)]
MENUS = [
    [("theme", "language"), ("theme", "area")], [("language", "area"), ("theme", "area")], [("language", "area")], [("theme", "language")],
]  # fmt: skip

Waves = list[dict[str, Table[Any, Any]]]


@st.composite
def releases(draw: st.DrawFn) -> Waves:
    """Tables of random people: those of a menu, in one or two waves, with totals told or not."""
    waves = draw(st.integers(1, 2))
    persons = st.builds(Person, st.sampled_from(LANGUAGES[: draw(st.integers(1, 3))]), st.sampled_from(AREAS[: draw(st.integers(1, 3))]),
                        st.sampled_from(SUBSETS), st.integers(0, waves - 1))  # fmt: skip
    numbers = st.one_of(st.integers(1, 4), st.integers(1, 25), st.integers(10, 80))
    people = draw(st.dictionaries(persons, numbers, max_size=14))
    labels = {"language": LANGUAGES, "area": AREAS, "theme": THEMES}
    tables = draw(st.sampled_from(MENUS))
    options = {pair: {"shows_row_totals": draw(st.booleans()), "shows_column_totals": draw(st.booleans()), "shows_total": draw(st.booleans())}
               for pair in tables} if draw(st.booleans()) else {}  # fmt: skip
    return [
        {" by ".join(pair): table_of(people, *pair, labels[pair[0]], labels[pair[1]], wave, **options.get(pair, {})) for pair in tables}
        for wave in range(waves)
    ]  # fmt: skip


def _truth(table: Table[Any, Any]) -> Protected[Any, Any]:
    columns = {c: table.people[c] if table.people is not None else sum(table.cells[r, c] for r in table.rows) for c in table.columns}
    rows = {r: sum(table.cells[r, c] for c in table.columns) for r in table.rows}
    return Protected(dict(table.cells), rows, columns, sum(columns.values()))


def _counts(table: Protected[Any, Any]) -> dict[Any, int | None]:
    return {**table.cells, **{("row", key): n for key, n in table.row_totals.items()},
            **{("column", key): n for key, n in table.column_totals.items()}, "total": table.total}  # fmt: skip


def _attack(waves: Waves, shown: list[dict[str, Protected[Any, Any]]], sums: dict[str, Protected[Any, Any]] | None) -> list[tuple[Any, ...]]:
    attacker = Attacker(languages=LANGUAGES, areas=AREAS, themes=THEMES, waves=len(waves))
    for wave, tables in enumerate(waves):
        for name, table in tables.items():
            attacker.reads(table, shown[wave][name], wave)
    for name, total in (sums or {}).items():
        attacker.reads(waves[0][name], total, None)
    return [
        (wave, name, count)
        for wave, tables in enumerate(waves)
        for name, table in tables.items()
        for test, count in figures(table, _truth(table))
        if 0 < (count or 0) < THRESHOLD and not shown[wave][name].is_withheld and attacker.width(test, wave) < THRESHOLD
    ]


@settings(max_examples=EXAMPLES, deadline=None)
@given(releases(), st.booleans())
def test_attacker_cannot_narrow_a_small_count_down(waves: Waves, is_outside: bool) -> None:
    shown = protect(waves)
    sums = {name: sum_over_waves([wave[name] for wave in shown]) for name in shown[0]}
    is_complete = not any(table.is_withheld for wave in shown for table in wave.values())
    if is_outside:
        shown = [{name: table.outside() for name, table in wave.items()} for wave in shown]
        sums = {name: table.outside() for name, table in sums.items()}

    assert _attack(waves, shown, sums if is_complete else None) == []
    assert audit(waves, shown, sums) == []


@settings(max_examples=EXAMPLES, deadline=None)
@given(releases(), st.randoms(use_true_random=False))
def test_shown_are_true_large_counts_and_the_same_cells_in_all_waves_whatever_the_order(waves: Waves, order: random.Random) -> None:
    shown = protect(waves)

    for wave, tables in enumerate(waves):
        for name, table in tables.items():
            told, truth = _counts(shown[wave][name]), _counts(_truth(table))
            assert {key: n for key, n in told.items() if n is not None and (n != truth[key] or 0 < n < THRESHOLD)} == {}
            outside = [n for n in _counts(shown[wave][name].outside()).values() if n is not None]
            assert [n for n in outside if n < THRESHOLD or n % 5] == []
    patterns = [{(name, key): n is None for name in wave for key, n in _counts(wave[name]).items()}
                for wave in shown if not wave[min(wave)].is_withheld]  # fmt: skip
    assert all(pattern == patterns[0] for pattern in patterns)

    def shuffled(items: Any) -> dict[Any, Any]:
        mixed = list(items.items())
        order.shuffle(mixed)
        return dict(mixed)

    again = [shuffled({name: Table(t.rows_by, t.columns_by, shuffled(t.cells), None if t.people is None else shuffled(t.people),
                                   t.shows_row_totals, t.shows_column_totals, t.shows_total) for name, t in wave.items()})
             for wave in waves]  # fmt: skip
    assert protect(again) == shown


def test_small_cell_takes_the_cheapest_cycle_with_it() -> None:
    cells = {("ko", "a"): 50, ("ko", "b"): 4, ("ko", "c"): 30, ("en", "a"): 20, ("en", "b"): 15, ("en", "c"): 40,
             ("ja", "a"): 12, ("ja", "b"): 11, ("ja", "c"): 0}  # fmt: skip

    shown = protect_table(Table("language", "area", cells))

    assert [key for key, n in shown.cells.items() if n is None] == [("ja", "b"), ("ja", "c"), ("ko", "b"), ("ko", "c")]
    assert shown.row_totals == {"en": 75, "ja": 23, "ko": 84}
    assert shown.column_totals == {"a": 82, "b": 30, "c": 70}


def test_theme_has_one_more_language_hidden_so_that_its_total_does_not_tell() -> None:
    cells = {("visa", "ko"): 60, ("visa", "en"): 30, ("visa", "ja"): 4, ("clinic", "ko"): 20, ("clinic", "en"): 11, ("clinic", "ja"): 0}

    shown = protect_table(Table("theme", "language", cells, people={"ko": 90, "en": 60, "ja": 30}))

    assert shown.cells == {("clinic", "en"): 11, ("clinic", "ja"): 0, ("clinic", "ko"): 20,
                           ("visa", "en"): None, ("visa", "ja"): None, ("visa", "ko"): 60}  # fmt: skip
    assert shown.row_totals == {"clinic": 31, "visa": 94}
    assert shown.column_totals == {"en": 60, "ja": 30, "ko": 90}


def test_theme_that_everybody_in_a_group_named_is_hidden_there() -> None:
    """In it 15 of 15: a count that is large enough, and yet it tells what each of them said."""
    cells = {("visa", "ko"): 40, ("visa", "ja"): 15, ("visa", "en"): 20}

    shown = protect_table(Table("theme", "language", cells, people={"ko": 90, "ja": 15, "en": 50}))

    assert shown.cells[("visa", "ja")] is None
    assert [key for key, n in shown.cells.items() if n is not None] == [("visa", "ko")]


def test_sensitive_answer_that_everybody_in_a_group_gave_is_hidden() -> None:
    cells = {("ko", "yes"): 20, ("ko", "no"): 0, ("en", "yes"): 30, ("en", "no"): 40, ("ja", "yes"): 25, ("ja", "no"): 50}

    open_table, sensitive = (protect_table(Table("language", "answer", cells, is_sensitive=flag)) for flag in (False, True))

    assert open_table.cells[("ko", "yes")] == 20
    assert (sensitive.cells[("ko", "yes")], sensitive.cells[("ko", "no")]) == (None, None)


def test_fewer_than_ten_people_show_nothing_and_their_wave_is_in_no_sum() -> None:
    many = Table("theme", "language", {("visa", "ko"): 30, ("visa", "en"): 12}, people={"ko": 60, "en": 40})
    few = Table("theme", "language", {("visa", "ko"): 3}, people={"ko": 5, "en": 3})

    first, second = (wave["t"] for wave in protect([{"t": many}, {"t": few}]))
    total = sum_over_waves([first, second])

    assert second == Protected({("visa", "ko"): None, ("visa", "en"): None}, {"visa": None}, {"ko": None, "en": None}, None, is_withheld=True)
    assert total == first
    assert first.cells == {("visa", "en"): 12, ("visa", "ko"): 30}


def test_small_columns_are_counted_together_before() -> None:
    cells = {("visa", "ko"): 40, ("visa", "en"): 20, ("visa", "ru"): 3, ("visa", "de"): 0}
    table = Table("theme", "language", cells, people={"ko": 90, "en": 50, "ru": 6, "de": 0})

    pooled = pool_columns(table, "others")
    shown = protect_table(pooled)

    assert pooled.people == {"ko": 90, "others": 56}
    assert shown.cells == {("visa", "ko"): 40, ("visa", "others"): 23}
    assert shown.column_totals == {"ko": 90, "others": 56}
    assert pool_columns(Table("language", "area", {("ko", "a"): 30, ("ko", "b"): 4}), "rest").cells == {("ko", "rest"): 34}


def test_tables_that_disagree_or_link_in_a_ring_are_refused() -> None:
    by_language = Table("theme", "language", {("visa", "ko"): 30}, people={"ko": 60})
    by_area = Table("theme", "area", {("visa", "a"): 31}, people={"a": 60})

    with pytest.raises(ValueError, match="disagree"):
        protect([{"one": by_language, "other": by_area}])
    with pytest.raises(ValueError, match="ring"):
        protect([{"1": by_language, "2": Table("theme", "area", {("visa", "a"): 30}, people={"a": 60}), "3": Table("language", "area", {("ko", "a"): 60})}])
    with pytest.raises(ValueError, match="of 5 people"):
        Table("theme", "language", {("visa", "ko"): 6}, people={"ko": 5})
    with pytest.raises(ValueError, match="never negative"):
        Table("language", "area", {("ko", "a"): -1})


def _with_hidden(cells: dict[Any, int], hidden: set[Any]) -> tuple[Waves, list[dict[str, Protected[Any, Any]]]]:
    table = Table("row", "column", cells)
    truth = _truth(table)
    return [{"": table}], [{"": Protected({key: None if key in hidden else n for key, n in cells.items()}, truth.row_totals, truth.column_totals, truth.total)}]


def test_audit_finds_a_lone_hidden_cell_and_one_that_two_in_each_line_do_not_hide() -> None:
    cells = {(r, c): 20 for r in range(4) for c in range(4)} | {(1, 2): 4}
    rings = {(r, c) for r in (0, 1) for c in (0, 1)} | {(r, c) for r in (2, 3) for c in (2, 3)}

    (alone,) = audit(*_with_hidden(cells, {(1, 2)}))
    (bridge,) = audit(*_with_hidden(cells, {*rings, (1, 2)}))

    assert (alone.least, alone.most, alone.is_determined) == (4, 4, True)
    assert (bridge.least, bridge.most, bridge.is_determined) == (4, 4, True)  # two hidden in every line, and yet it follows


def test_audit_finds_a_narrow_range_that_is_not_determined() -> None:
    cells = {("a", "x"): 4, ("a", "y"): 3, ("a", "z"): 60, ("b", "x"): 50, ("b", "y"): 60, ("b", "z"): 70}

    found = audit(*_with_hidden(cells, {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}))

    assert [(leak.least, leak.most, leak.is_determined) for leak in found] == [(0, 7, False), (0, 7, False)]


def test_audit_knows_that_a_shown_ten_is_rounded_from_no_less_than_ten() -> None:
    table = Table("row", "column", {("a", "x"): 7, ("a", "y"): 12, ("a", "z"): 41})
    shown = Protected({("a", "x"): None, ("a", "y"): 12, ("a", "z"): 41}, {"a": 60}, {"x": None, "y": 12, "z": 41}, 60)

    exactly, rounded, asked_for_more = (
        audit([{"": table}], [{"": told}], threshold=threshold)
        for told, threshold in ((shown, THRESHOLD), (shown.outside(), THRESHOLD), (shown.outside(), THRESHOLD + 1))
    )

    assert {(leak.least, leak.most) for leak in exactly} == {(7, 7)}
    assert rounded == []
    assert {(leak.least, leak.most) for leak in asked_for_more} == {(58 - 12 - 42, 62 - 10 - 38)}


def test_large_table_is_protected_in_a_second() -> None:
    numbers = random.Random(7)
    cells = {(f"theme {i}", f"group {j}"): max(0, int(numbers.gauss(6, 8))) for i in range(200) for j in range(30)}
    people = {f"group {j}": sum(n for (_, group), n in cells.items() if group == f"group {j}") for j in range(30)}

    shown = protect_table(Table("theme", "group", cells, people=people))

    small = {key for key, n in cells.items() if 0 < n < THRESHOLD}
    hidden = {key for key, n in shown.cells.items() if n is None}
    assert small <= hidden
    assert len(hidden - small) < len(small) / 10  # what is lost beside the small ones
