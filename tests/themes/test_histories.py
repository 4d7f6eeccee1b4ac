"""Whatever people do, undo, and however often the analysis runs in between: what stands is what the log says (decision 6)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from survey.accounts.rules import Actor, RoleKind
from survey.accounts.service import create_account
from survey.authoring.queries import SurveyView, forget_forms
from survey.db.engine import bind_engine, make_engine, open_engine
from survey.db.transaction import read_transaction
from survey.errors import Conflict
from survey.responses.service import Receipt, withdraw
from survey.settings import Settings
from survey.statements.queries import list_statements
from survey.tables import ALL_TABLES
from survey.themes import answering, differences, lexicon, service
from survey.themes.errors import CannotUndo
from survey.themes.queries import (
    ThemeView,
    all_themes,
    count_theme,
    list_events,
    newest_run,
    statements_by_theme,
    unsorted_page,
)
from survey.themes.runs import recount_themes
from survey.themes.settling import Ground, base_of, read_ground, stand
from survey.themes.states import (
    Accept,
    Event,
    EventKind,
    Forbid,
    Merge,
    Move,
    RejectRun,
    Split,
    TakeRun,
    ThemeState,
    Undo,
    effective,
    obstacles,
    undone_ids,
    whither,
)
from survey.themes.tables import Assignment, Theme
from tests.conftest import SECRET, bundled_survey
from tests.voices import (
    DOCTOR,
    GIBBERISH,
    NOISE,
    PARKING,
    Person,
    actor_named,
    analyse,
    record,
    themes_by_key,
    use_three_needs,
)

NEEDS = {
    "doctor": "health.doctor_language", "parking": "transport_parking.parking_space", "noise": "environment_noise.construction_noise",
}  # fmt: skip
Moves = dict[int, tuple[frozenset[str], frozenset[str]]]
"""Statements with the themes that they would leave, and those that they would come into."""

INDEX = st.integers(0, 11)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), INDEX, st.sampled_from(["accept", "accept", "dismiss", "reopen", "pin", "unpin"])),
        st.tuples(st.just("rename"), INDEX, st.sampled_from(["zh-Hans", "en", "ko"]), st.sampled_from(["甲", "B"])),
        st.tuples(st.just("merge"), INDEX, INDEX),
        st.tuples(st.just("split"), INDEX),
        st.tuples(st.just("move"), INDEX, INDEX, INDEX),
        st.tuples(st.just("found"), INDEX, INDEX),
        st.tuples(st.just("forbid"), INDEX, INDEX),
        st.tuples(st.just("undo"), INDEX),
        st.tuples(st.just("undo"), st.just(0)),
        st.tuples(st.just("write"), st.sampled_from([DOCTOR, PARKING, NOISE, GIBBERISH, f"{DOCTOR}. {PARKING}."]), st.integers(1, 3)),
        st.tuples(st.just("word"), st.sampled_from(["flonk", "gribble", "starts"]), st.sampled_from(sorted(NEEDS))),
        st.tuples(st.just("withdraw"), INDEX),
        st.tuples(st.just("run")),
        st.tuples(st.just("take"), INDEX),
        st.tuples(st.just("reject"), INDEX),
    ),
    min_size=4,
    max_size=14,
)


@given(steps=STEPS)
@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
def test_what_stands_is_what_the_log_says_after_any_history(sqlite_template: Path, steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        use_three_needs(patch)
        path = Path(folder) / "linsheng.sqlite"
        shutil.copy(sqlite_template, path)
        asyncio.run(_play(Settings(database=f"sqlite:///{path}", secret=SECRET), steps))


ALL_KINDS: list[tuple[Any, ...]] = [
    ("decide", 0, "accept"), ("rename", 1, "ko", "甲"), ("move", 0, 0, 1), ("merge", 1, 2), ("write", PARKING, 2), ("run",),
    ("take", 0), ("undo", 0), ("split", 0), ("forbid", 1, 0), ("undo", 2), ("found", 0, 0), ("write", f"{DOCTOR}. {PARKING}.", 2),
    ("withdraw", 3), ("run",), ("reject", 0), ("undo", 0), ("undo", 0), ("take", 1), ("word", "flonk", "noise"), ("run",), ("reject", 0),
    ("run",), ("word", "gribble", "doctor"), ("run",), ("take", 0), ("undo", 0), ("take", 1), ("merge", 0, 1), ("undo", 1), ("undo", 2),
]  # fmt: skip


def test_what_stands_is_what_the_log_says_on_both_engines(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One history with every kind of act, for the engine that the random ones do not use."""
    use_three_needs(monkeypatch)
    asyncio.run(_play(settings, ALL_KINDS))


@dataclass
class Told:
    """What is kept apart from the code under test: the address of every theme, and the answers with what they say."""

    survey: SurveyView
    chen: Actor
    written: list[tuple[Receipt, str]]
    addresses: dict[str, str] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    said: dict[int, dict[int, dict[str, float]]] = field(default_factory=dict)
    """By act of taking a run: what the model said before of the statements that it moved."""
    refused: dict[int, Moves] = field(default_factory=dict)


async def _play(configured: Settings, steps: list[tuple[Any, ...]]) -> None:
    forget_forms()
    engine = make_engine(configured)
    bind_engine(engine, ALL_TABLES)
    async with open_engine(engine, pool_size=2):
        await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
        survey = await bundled_survey()
        first = [DOCTOR, DOCTOR, PARKING, PARKING, f"{PARKING}. {DOCTOR}.", NOISE, GIBBERISH, GIBBERISH]
        written = list(zip(await record(survey, [Person(need=text) for text in first]), first, strict=True))
        told = Told(survey, await actor_named("chen"), written)
        await analyse(survey)
        for step in steps:
            await _take(step, told)
            await _check(told)
        await analyse(survey)
        await _check(told)
        await recount_themes(survey.id)
        await _check_counts(survey)


async def _take(step: tuple[Any, ...], told: Told) -> None:
    kind, *given_ = step
    survey = told.survey
    if kind == "run":
        await analyse(survey)
    elif kind == "write":
        receipts = await record(survey, [Person(need=given_[0]) for _ in range(given_[1])])
        told.written.extend((receipt, given_[0]) for receipt in receipts)
    elif kind == "withdraw" and told.written:
        await withdraw(told.written.pop(given_[0] % len(told.written))[0].code)
        await recount_themes(survey.id)
    elif kind in {"take", "reject"}:
        await _answer(kind, given_[0], told)
    elif kind == "word":
        await lexicon.add_words([(NEEDS[given_[1]], "en", given_[0])], actor=told.chen)
    elif kind == "undo":
        await _undo(told, given_[0])
    else:
        await _act(kind, given_, told)


async def _answer(kind: str, which: int, told: Told) -> None:
    """Take or refuse what a run would change, all of it or one theme."""
    waiting = await differences.find_difference(told.survey.id)
    if waiting is None:
        return
    changes = ["", *(theme.key for theme in waiting.themes)]
    key = changes[which % len(changes)]
    moves = await _moves(waiting.run, key)
    said = await _said(told)
    act = answering.take if kind == "take" else answering.reject
    number = await act(told.survey.id, waiting.run, key, actor=told.chen)
    if kind == "take":
        told.said[number] = {statement: said[statement] for statement in moves}
    else:
        told.refused[number] = moves
        assert await _said(told) == said


async def _moves(run: int, key: str = "") -> Moves:
    return {e.statement: (frozenset(e.leaves), frozenset(e.enters)) for e in await differences.examples_of(run, key, limit=1000)}


async def _said(told: Told) -> dict[int, dict[str, float]]:
    """What the model says of every statement that there is."""
    keys = {theme.id: theme.key for theme in await all_themes(told.survey.id)}
    return await base_of([view.id for view in await list_statements(told.survey.id)], keys)


async def _undo(told: Told, back: int) -> None:
    log = await list_events(told.survey.id)
    events = [event for event in log if event.id not in undone_ids(log)]
    if not events:
        return
    target = end = events[-1 - back % len(events)]
    while isinstance(end.act, Undo):
        end = next(event for event in log if event.id == end.act.event)
    is_of_run = isinstance(end.act, TakeRun | RejectRun)
    before = await _seen(told.survey)
    refused: Conflict | None = None
    try:
        undone = await service.undo(told.survey.id, target.id, actor=told.chen)
    except Conflict as error:
        refused = error
    if refused is not None:
        assert is_of_run or obstacles(log, target.id)
        standing = {event.id for event in effective(log) if event.id > end.id}
        assert not isinstance(refused, CannotUndo) or standing >= set(refused.events) > set()
        assert await _seen(told.survey) == before
        return
    assert not obstacles(log, target.id)
    if end.id in told.said and end.id in undone_ids(await list_events(told.survey.id)):
        now = await _said(told)
        assert {s: now[s] for s in told.said[end.id] if s in now} == {s: said for s, said in told.said[end.id].items() if s in now}
    await _check(told)
    run = await newest_run(told.survey.id)
    if isinstance(end.act, TakeRun) and (run is None or end.act.run != run.id):
        with pytest.raises(Conflict):  # a newer run has other proposals
            await service.undo(told.survey.id, undone, actor=told.chen)
        return
    await service.undo(told.survey.id, undone, actor=told.chen)
    assert await _seen(told.survey) == before
    await service.undo(told.survey.id, (await list_events(told.survey.id))[-1].id, actor=told.chen)


async def _seen(survey: SurveyView) -> tuple[Any, ...]:
    """What people see of the themes, but for words and quotes."""
    themes = [(t.key, t.state, t.names, t.category, t.people, t.statements, t.languages, t.became) for t in await all_themes(survey.id)]
    ids = {t.id: t.key for t in await all_themes(survey.id)}
    rows = await Assignment.select()
    return sorted(themes), sorted((row["statement"], ids[row["theme"]], row["score"]) for row in rows)


async def _act(kind: str, given_: list[Any], told: Told) -> None:
    themes = await themes_by_key(told.survey)
    if not themes:
        return
    order = sorted(themes)
    theme, other = themes[order[given_[0] % len(order)]], themes[order[given_[-1] % len(order)]] if isinstance(given_[-1], int) else None
    members = (await statements_by_theme(told.survey.id)).get(theme.id, [])
    chosen = members[given_[1] % len(members)] if members and isinstance(given_[-1], int) and len(given_) > 1 else None
    chen = told.chen
    if kind == "rename":
        await service.decide(theme, EventKind.RENAME, actor=chen, names={given_[1]: given_[2]})
    elif kind == "decide":
        await service.decide(theme, EventKind(given_[1]), actor=chen, why="told so")
    elif kind == "merge" and other and other.key != theme.key:
        await service.merge(theme, other, actor=chen, why="one and the same")
    elif kind == "split" and len(members) > 1:
        await service.split(theme, [({"en": "one"}, members[:1]), ({"en": "two"}, members[1:2])], actor=chen)
    elif kind == "move" and chosen and other and other.key != theme.key:
        await service.move(told.survey.id, [chosen], out_of=theme, to=other, actor=chen)
        await _is_in(chosen, other, out_of=theme)
    elif kind == "found" and chosen:
        await service.move(told.survey.id, [chosen], out_of=theme, names={"en": "New"}, actor=chen)
    elif kind == "forbid" and chosen:
        await service.forbid(theme, [chosen], actor=chen)
        assert not await Assignment.exists().where((Assignment.statement == chosen) & (Assignment.theme == theme.id))


async def _is_in(statement: int, theme: ThemeView, *, out_of: ThemeView) -> None:
    rows = await Assignment.select(Assignment.theme).where(Assignment.statement == statement)
    assert theme.id in {row["theme"] for row in rows}
    assert out_of.id not in {row["theme"] for row in rows}


async def _check(told: Told) -> None:
    survey = told.survey
    themes = {theme.key: theme for theme in await all_themes(survey.id)}
    ground = await check_log(survey)
    told.addresses = {key: address for key, address in told.addresses.items() if key in themes}  # some go, and come as new ones
    for key, theme in themes.items():
        assert told.addresses.setdefault(key, theme.public_id) == theme.public_id
    await _check_refused(told, ground.events)
    told.accepted |= {event.key for event in effective(ground.events) if isinstance(event.act, Accept)}
    assert told.accepted <= set(themes)
    await _check_counts(survey)


async def check_log(survey: SurveyView) -> Ground:
    """What stands is what the log and the model's words come to."""
    themes = {theme.key: theme for theme in await all_themes(survey.id)}
    async with read_transaction(Theme):
        ground = await read_ground(survey.id)
    base = await base_of([view.id for view in await list_statements(survey.id)], ground.keys)
    expected = {
        (statement, key, standing.score) for statement, found in (await stand(base, ground.held)).items() for key, standing in found.items()
    }
    rows = await Assignment.select(Assignment.statement, Assignment.theme, Assignment.score)
    assert {(row["statement"], ground.keys[row["theme"]], row["score"]) for row in rows} == expected
    assert len(rows) == len(expected)
    for key, decided in ground.decided.items():
        assert key in themes
        assert (themes[key].state, themes[key].is_pinned, themes[key].became) == (decided.state, decided.is_pinned, list(decided.became))
        assert {**themes[key].names, **decided.names} == themes[key].names
    assert {t.state for key, t in themes.items() if key not in ground.decided} <= {ThemeState.PROPOSED}
    await _check_acts(survey, ground.decided)
    return ground


async def _check_refused(told: Told, events: list[Event]) -> None:
    """Nothing is proposed that people refused, as long as the refusal counts."""
    waiting = await differences.find_difference(told.survey.id)
    moves = await _moves(waiting.run) if waiting else {}
    for event in effective(events):
        assert not moves.items() & told.refused.get(event.id, {}).items()


async def _check_acts(survey: SurveyView, decided: dict[str, Any]) -> None:
    """Every statement is where the newest act about it put it, told without the code that puts it there."""
    ids = {theme.key: theme.id for theme in await all_themes(survey.id)}
    there = defaultdict(set)
    for theme, statements in (await statements_by_theme(survey.id)).items():
        for statement in statements:
            there[statement].add(theme)
    here = {view.id for view in await list_statements(survey.id)}
    newest: dict[int, tuple[str, str]] = {}
    for event in effective(await list_events(survey.id)):
        match event.act:
            case Move(statements=statements, to=to):
                newest |= dict.fromkeys(statements, ("in", to))
            case Forbid(statements=statements):
                newest |= dict.fromkeys(statements, ("out", event.key))
            case Split(parts=parts):
                newest |= {statement: ("in", part.key) for part in parts for statement in part.examples}
            case Merge():
                newest = {s: (where, key) for s, (where, key) in newest.items() if where == "in"}  # may be in it by the other
            case TakeRun():
                pass
    for statement, (where, key) in newest.items():
        if statement in here:
            places = {ids[now] for now in whither(decided, key)}
            assert bool(places & there[statement]) == (where == "in")


async def _check_counts(survey: SurveyView) -> None:
    """Figures that were kept up act by act are those that counting everything gives."""
    for theme in await all_themes(survey.id):
        counts = await count_theme(theme.id)
        assert (theme.people, theme.people_unflagged, theme.statements) == (counts.people, counts.unflagged, counts.statements)
        assert theme.languages == counts.languages
    run = await newest_run(survey.id)
    assert run is not None
    assert run.figures["unsorted"] == len((await unsorted_page(survey.id)).ids)
    assigned = {s for found in (await statements_by_theme(survey.id)).values() for s in found}
    assert not assigned & set((await unsorted_page(survey.id)).ids)
