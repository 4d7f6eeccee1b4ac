"""Acts of people on themes, on both engines: what shows at once, what is refused, several people at the same time."""

from __future__ import annotations

import asyncio

import pytest

from survey.accounts.rules import Actor, RoleKind
from survey.accounts.service import create_account
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView
from survey.cli.job_kinds import JOB_KINDS
from survey.errors import Conflict, InputInvalid, NotAllowed
from survey.jobs import service as jobs
from survey.jobs.kinds import SETTLE_THEMES, about_survey
from survey.jobs.worker import run_next
from survey.responses.service import withdraw
from survey.settings import Settings
from survey.statements.queries import list_statements
from survey.themes import answering, differences, lexicon, service, settling
from survey.themes.errors import ActInvalid, ActsClash, CannotUndo, NothingLeft
from survey.themes.queries import (
    find_theme,
    list_events,
    newest_event,
    newest_run,
    standing_after,
    statements_by_theme,
    theme_history,
    themes_by_id,
    unsorted_page,
)
from survey.themes.states import EventKind, Merge, Move, ThemeState
from survey.themes.tables import Assignment, Difference, LexiconWord, ReviewEvent, Theme
from tests.conftest import bundled_survey
from tests.voices import DOCTOR, GIBBERISH, NOISE, PARKING, Person, actor_named, analyse, record, themes_by_key

DOCTORS, PARKINGS, DRILLING = "health.doctor_language", "transport_parking.parking_space", "environment_noise.construction_noise"
PEOPLE = [
    *(Person(need=f"{DOCTOR} {word}") for word in ("now", "soon", "here", "please", "today")),
    *(Person(need=f"{PARKING} {word}") for word in ("here", "at night", "at all")),
    Person(need="주차할 곳이 없어요", page="ko"),
    *(Person(need=NOISE) for _ in range(3)),
    Person(need=f"{DOCTOR}. {PARKING}."),
    *(Person(need=GIBBERISH) for _ in range(3)),
]


@pytest.fixture
async def survey(database: Settings) -> SurveyView:
    for name in ("chen", "wang"):
        await create_account(name=name, roles=[(RoleKind.COMMITTEE, None)])
    found = await bundled_survey()
    await record(found, PEOPLE)
    await analyse(found)
    return found


async def _members(survey: SurveyView, key: str) -> list[int]:
    return (await statements_by_theme(survey.id)).get((await themes_by_key(survey))[key].id, [])


async def test_merge_shows_at_once_and_the_old_address_leads_to_the_other(survey: SurveyView) -> None:
    themes, chen = await themes_by_key(survey), await actor_named("chen")
    await service.decide(themes[DOCTORS], EventKind.ACCEPT, actor=chen)

    number = await service.merge(themes[DOCTORS], themes[PARKINGS], actor=chen, why="  one \n need ")

    whole = (await themes_by_key(survey))[PARKINGS]
    old = await find_theme(themes[DOCTORS].public_id)
    assert DOCTORS not in await themes_by_key(survey)
    assert (old.state, old.people, [t.key for t in await standing_after(old)]) == (ThemeState.ENDED, 0, [PARKINGS])
    assert (whole.people, whole.statements, whole.languages, whole.state) == (10, 11, {"en": 9, "ko": 1}, ThemeState.ACCEPTED)
    assert (await themes_by_id([old.id]))[old.id].key == PARKINGS
    event = (await list_events(survey.id))[-1]
    assert (event.id, event.by, event.role, event.why, event.act) == (number, "chen", "committee", "one need", Merge(PARKINGS))
    assert {past.event.id for past in await theme_history(survey.id, PARKINGS)} == {number}
    acts = await AuditEvent.select(AuditEvent.action).where(AuditEvent.subject == f"theme:{DOCTORS}").order_by(AuditEvent.id)
    assert [row["action"] for row in acts] == ["theme.accept", "theme.merge"]

    await service.undo(survey.id, number, actor=chen)

    again = await themes_by_key(survey)
    assert {key: (t.public_id, t.people, t.languages) for key, t in again.items()} == {
        key: (t.public_id, t.people, t.languages) for key, t in themes.items()
    }
    assert (again[DOCTORS].state, again[PARKINGS].state) == ("accepted", "proposed")
    assert [past.is_undone for past in await theme_history(survey.id, PARKINGS)] == [False, True]
    with pytest.raises(Conflict, match="undone already"):
        await service.undo(survey.id, number, actor=chen)


async def test_split_sends_each_statement_to_the_part_that_it_is_like_and_old_statements_stay_put(survey: SurveyView) -> None:
    theme, chen = (await themes_by_key(survey))[PARKINGS], await actor_named("chen")
    texts = {view.id: view.text for view in await list_statements(survey.id)}
    members = {texts[key]: key for key in await _members(survey, PARKINGS)}
    night, here = members[f"{PARKING} at night"], members[f"{PARKING} here"]

    number = await service.split(
        theme, [({"zh-Hans": "夜里停车"}, [night]), ({"zh-Hans": "附近停车", "en": "Nearby"}, [here])], actor=chen
    )

    parts = await standing_after(await find_theme(theme.public_id))
    assert [part.names for part in parts] == [{"zh-Hans": "夜里停车"}, {"zh-Hans": "附近停车", "en": "Nearby"}]
    assert sum(part.statements for part in parts) == len(members)
    assert {part.parent for part in parts} == {PARKINGS}
    assert all(part.quotes and part.category == "transport_parking" for part in parts)
    stood = await statements_by_theme(survey.id)
    assert (night in stood[parts[0].id], here in stood[parts[1].id]) == (True, True)
    moved = await service.move(survey.id, [night], out_of=parts[0], to=parts[1], actor=chen)
    with pytest.raises(CannotUndo) as refused:
        await service.undo(survey.id, number, actor=chen)
    assert refused.value.events == [moved]
    assert {key: await _members(survey, key) for key in (parts[1].key,)}[parts[1].key] != []
    await service.undo(survey.id, moved, actor=chen)
    await service.undo(survey.id, number, actor=chen)
    assert sorted(await _members(survey, PARKINGS)) == sorted(members.values())
    assert [t.key for t in await standing_after(await find_theme(parts[1].public_id))] == [PARKINGS]


async def test_move_takes_many_out_of_the_unsorted_into_a_new_theme(survey: SurveyView) -> None:
    chen = await actor_named("chen")
    left = (await unsorted_page(survey.id)).ids
    before = await newest_run(survey.id)

    await service.move(
        survey.id, left[:2], out_of=None, names={"zh-Hans": "看不懂的话"}, category="health", actor=chen, seen=await newest_event(survey.id)
    )

    [theme] = [t for t in (await themes_by_key(survey)).values() if t.names == {"zh-Hans": "看不懂的话"}]
    run = await newest_run(survey.id)
    assert (theme.category, theme.people, theme.statements, sorted(theme.quotes)) == ("health", 2, 2, left[:2])
    assert (await unsorted_page(survey.id)).ids == left[2:]
    assert before is not None
    assert run is not None
    assert (before.figures["unsorted"], run.figures["unsorted"]) == (3, 1)
    assert (await analyse(survey))[theme.key].people == 2
    assert sorted(await _members(survey, theme.key)) == left[:2]
    with pytest.raises(NothingLeft):
        await service.move(survey.id, left[:1], out_of=None, to=theme, actor=chen)


async def test_forbidden_statement_stays_out_of_the_theme_and_of_a_merge_undone_later(survey: SurveyView) -> None:
    themes, chen = await themes_by_key(survey), await actor_named("chen")
    [statement, *_] = await _members(survey, DOCTORS)
    merged = await service.merge(themes[DOCTORS], themes[PARKINGS], actor=chen)
    await service.forbid(themes[PARKINGS], [statement], actor=chen)

    await service.undo(survey.id, merged, actor=chen)
    await analyse(survey)

    assert statement not in {s for key in (DOCTORS, PARKINGS) for s in await _members(survey, key)}
    assert statement in (await unsorted_page(survey.id)).ids


async def test_act_that_means_nothing_is_refused_and_leaves_no_trace(survey: SurveyView) -> None:
    t, chen = await themes_by_key(survey), await actor_named("chen")
    wrong = [
        (service.merge(t[DOCTORS], t[DOCTORS], actor=chen), "target"),
        (service.split(t[DOCTORS], [({"en": "one"}, [1])], actor=chen), "parts"),
        (service.split(t[DOCTORS], [({"en": "one"}, [1]), ({"en": "two"}, [1])], actor=chen), "examples"),
        (service.split(t[DOCTORS], [({"en": "one"}, [1]), ({"en": " "}, [2])], actor=chen), "name"),
        (service.move(survey.id, [], out_of=t[DOCTORS], to=t[PARKINGS], actor=chen), "statements"),
        (service.move(survey.id, range(501), out_of=t[DOCTORS], to=t[PARKINGS], actor=chen), "too_many"),
        (service.move(survey.id, [1], out_of=t[DOCTORS], names={"en": ""}, actor=chen), "name"),
        (service.move(survey.id, [1], out_of=t[DOCTORS], to=t[DOCTORS], actor=chen), "target"),
        (service.set_category(t[DOCTORS], "weather", actor=chen), "category"),
        (service.decide(t[DOCTORS], EventKind.RENAME, names={"xx": "A"}, actor=chen), "name"),
        (service.decide(t[DOCTORS], EventKind.ACCEPT, why="x" * 501, actor=chen), "why"),
    ]  # fmt: skip

    for act, code in wrong:
        with pytest.raises(ActInvalid) as refused:
            await act
        assert refused.value.code == code
    assert await ReviewEvent.count() == 0
    assert await themes_by_key(survey) == t


async def test_acts_are_not_for_roles_that_only_read(survey: SurveyView) -> None:
    themes = await themes_by_key(survey)
    auditor = await actor_named("chen", RoleKind.AUDITOR)

    for act in (
        service.merge(themes[DOCTORS], themes[PARKINGS], actor=auditor),
        service.move(survey.id, [1], out_of=themes[DOCTORS], to=themes[PARKINGS], actor=auditor),
        service.undo(survey.id, 1, actor=auditor),
        answering.take(survey.id, 1, actor=auditor),
    ):
        with pytest.raises(NotAllowed):
            await act
    assert await ReviewEvent.count() == 0


# Several at once


async def test_acts_that_go_together_both_go_through_whoever_is_first(survey: SurveyView) -> None:
    themes, chen, wang = await themes_by_key(survey), await actor_named("chen"), await actor_named("wang")
    seen = await newest_event(survey.id)
    first, second, third, *_ = await _members(survey, DOCTORS)

    await asyncio.gather(
        service.move(survey.id, [first], out_of=themes[DOCTORS], to=themes[PARKINGS], actor=chen, seen=seen),
        service.move(survey.id, [second], out_of=themes[DOCTORS], to=themes[DRILLING], actor=wang, seen=seen),
        service.decide(themes[DOCTORS], EventKind.RENAME, names={"en": "Doctors"}, actor=wang, seen=seen),
        service.decide(themes[DOCTORS], EventKind.ACCEPT, actor=chen, seen=seen),
        service.forbid(themes[DOCTORS], [third], actor=wang, seen=seen),
        service.decide(themes[PARKINGS], EventKind.DISMISS, actor=wang, why="known", seen=seen),
    )

    now = await themes_by_key(survey)
    assert len(await list_events(survey.id)) == 6
    assert (now[DOCTORS].names["en"], now[DOCTORS].state, now[DOCTORS].statements) == ("Doctors", "accepted", themes[DOCTORS].statements - 3)
    assert first in await _members(survey, PARKINGS)
    assert second in await _members(survey, DRILLING)
    assert now[PARKINGS].statements == themes[PARKINGS].statements + 1


async def test_of_acts_that_clash_one_goes_through_and_the_other_learns_of_it(survey: SurveyView) -> None:
    themes, chen, wang = await themes_by_key(survey), await actor_named("chen"), await actor_named("wang")
    seen = await newest_event(survey.id)
    [statement, *_] = await _members(survey, DOCTORS)

    def to(key: str, actor: Actor, *, anyway: bool = False) -> object:
        return service.move(
            survey.id, [statement], out_of=themes[DOCTORS], to=themes[key], actor=actor, seen=seen, anyway=anyway
        )

    results = await asyncio.gather(to(PARKINGS, chen), to(DRILLING, wang), return_exceptions=True)  # type: ignore[arg-type]  # coroutines

    [clash] = [result for result in results if isinstance(result, ActsClash)]
    [event] = await list_events(survey.id)
    assert (clash.events, clash.can_go_on) == ([event.id], True)
    assert isinstance(event.act, Move)
    assert statement in await _members(survey, event.act.to)


async def test_clashing_act_can_be_done_anyway_on_what_the_theme_became(survey: SurveyView) -> None:
    themes, chen, wang = await themes_by_key(survey), await actor_named("chen"), await actor_named("wang")
    seen = await newest_event(survey.id)
    merged = await service.merge(themes[DOCTORS], themes[PARKINGS], actor=chen)

    with pytest.raises(ActsClash) as clash:
        await service.decide(themes[DOCTORS], EventKind.ACCEPT, actor=wang, seen=seen)
    await service.decide(themes[DOCTORS], EventKind.ACCEPT, actor=wang, seen=seen, anyway=True)

    assert (clash.value.events, clash.value.can_go_on) == ([merged], True)
    assert (await themes_by_key(survey))[PARKINGS].state == ThemeState.ACCEPTED


async def test_act_on_a_theme_that_was_split_meanwhile_cannot_go_on(survey: SurveyView) -> None:
    themes, chen, wang = await themes_by_key(survey), await actor_named("chen"), await actor_named("wang")
    seen = await newest_event(survey.id)
    members = await _members(survey, DOCTORS)
    await service.split(themes[DOCTORS], [({"en": "a"}, members[:1]), ({"en": "b"}, members[1:2])], actor=chen)

    with pytest.raises(ActsClash) as clash:
        await service.merge(themes[PARKINGS], themes[DOCTORS], actor=wang, seen=seen)
    with pytest.raises(Conflict, match="several others"):
        await service.merge(themes[PARKINGS], themes[DOCTORS], actor=wang, seen=seen, anyway=True)

    assert clash.value.can_go_on is False
    assert (await themes_by_key(survey))[PARKINGS].statements == themes[PARKINGS].statements


# Many statements


async def test_act_on_many_statements_is_left_to_a_worker_and_cancelled_by_undoing_it(
    survey: SurveyView, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (settling, differences, answering):
        monkeypatch.setattr(module, "AT_ONCE", 3)
    monkeypatch.setattr("survey.themes.jobs.AT_ONCE", 3)
    themes, chen = await themes_by_key(survey), await actor_named("chen")

    merged = await service.merge(themes[DOCTORS], themes[PARKINGS], actor=chen)

    waiting = (await themes_by_key(survey))[PARKINGS]
    assert (waiting.is_settling, waiting.people) == (True, themes[PARKINGS].people)
    assert await jobs.newest_job(kind=SETTLE_THEMES, subject=about_survey(survey.id)) is not None
    while await run_next("worker", JOB_KINDS):
        pass
    whole = (await themes_by_key(survey))[PARKINGS]
    assert (whole.is_settling, whole.people, whole.statements) == (False, 10, 11)

    await service.cancel_settling(survey.id, actor=chen)
    assert await Theme.count().where(Theme.is_settling == True) == 0  # noqa: E712 -- piccolo's condition
    await service.undo(survey.id, merged, actor=chen)
    await service.merge(themes[DRILLING], themes[PARKINGS], actor=chen)
    await service.cancel_settling(survey.id, actor=chen)
    while await run_next("worker", JOB_KINDS):
        pass
    again = await themes_by_key(survey)
    assert {key: (t.people, t.statements, t.is_settling) for key, t in again.items()} == {
        key: (t.people, t.statements, False) for key, t in themes.items()
    }


# A run as a difference


async def _with_difference(survey: SurveyView) -> differences.DifferenceView:
    """Chen has decided, and the next run sees parking in what was gibberish: three would move, and nothing else."""
    chen = await actor_named("chen")
    await service.decide((await themes_by_key(survey))[DOCTORS], EventKind.ACCEPT, actor=chen)
    await lexicon.add_words([(PARKINGS, "en", "flonk")], actor=chen)
    await record(survey, [Person(need=DOCTOR), Person(need=PARKING), *(Person(need=NOISE) for _ in range(2))])
    await analyse(survey)
    found = await differences.find_difference(survey.id)
    assert found is not None
    return found


async def test_run_after_decisions_places_new_statements_and_lets_the_rest_wait(survey: SurveyView) -> None:
    before = await themes_by_key(survey)
    left = (await unsorted_page(survey.id)).ids

    waiting = await _with_difference(survey)

    after = await themes_by_key(survey)
    assert {key: after[key].people - theme.people for key, theme in before.items()} == {DOCTORS: 1, PARKINGS: 1, DRILLING: 2}
    assert (await unsorted_page(survey.id)).ids == left
    assert (waiting.statements, waiting.near) == (3, 0)
    assert [(theme.key, theme.comes, theme.goes) for theme in waiting.themes] == [(PARKINGS, 3, 0)]
    examples = await differences.examples_of(waiting.run)
    assert [(e.statement, e.leaves, e.enters) for e in examples] == [(s, [], [PARKINGS]) for s in left]

    await answering.take(survey.id, waiting.run, actor=await actor_named("chen"), why="it is right")

    taken = await themes_by_key(survey)
    assert taken[PARKINGS].people == after[PARKINGS].people + 3
    assert (await unsorted_page(survey.id)).ids == []
    assert await differences.find_difference(survey.id) is None
    assert await Difference.count().where(Difference.state == "waiting") == 0
    assert (await list_events(survey.id))[-1].kind == EventKind.TAKE_RUN
    await analyse(survey)
    assert await differences.find_difference(survey.id) is None
    with pytest.raises(Conflict):
        await answering.take(survey.id, waiting.run, actor=await actor_named("chen"))


async def _places(survey: SurveyView) -> tuple[dict[str, tuple[int, int]], list[tuple[int, int, float, str]], list[int]]:
    themes = {key: (t.people, t.statements) for key, t in (await themes_by_key(survey)).items()}
    rows = await Assignment.select().order_by(Assignment.statement).order_by(Assignment.theme)
    return themes, [(r["statement"], r["theme"], r["score"], r["author"]) for r in rows], (await unsorted_page(survey.id)).ids


async def test_taking_a_run_is_undone_and_what_was_done_by_hand_since_holds(survey: SurveyView) -> None:
    chen = await actor_named("chen")
    waiting = await _with_difference(survey)
    before, left = await _places(survey), (await unsorted_page(survey.id)).ids
    words = (await themes_by_key(survey))[PARKINGS].reasons
    taken = await answering.take(survey.id, waiting.run, actor=chen)
    after = await _places(survey)
    moved = await service.move(
        survey.id, left[:1], out_of=(await themes_by_key(survey))[PARKINGS], to=(await themes_by_key(survey))[DRILLING], actor=chen
    )

    undone = await service.undo(survey.id, taken, actor=chen)

    assert left[0] in await _members(survey, DRILLING)
    assert (await unsorted_page(survey.id)).ids == left[1:]
    assert (await themes_by_key(survey))[PARKINGS].reasons == words
    await service.undo(survey.id, moved, actor=chen)
    assert await _places(survey) == before
    assert await differences.find_difference(survey.id) == waiting
    await service.undo(survey.id, undone, actor=chen)
    assert await _places(survey) == after
    assert await differences.find_difference(survey.id) is None

    # what was taken later of the same statements stands on it; undone in that order both are
    await lexicon.remove_word((await lexicon.list_words())[0].id, actor=chen)
    await lexicon.add_words([(DRILLING, "en", "flonk")], actor=chen)
    await analyse(survey)
    second = await differences.find_difference(survey.id)
    assert second is not None
    later = await answering.take(survey.id, second.run, actor=chen)
    with pytest.raises(CannotUndo) as refused:
        await service.undo(survey.id, taken, actor=chen)
    assert refused.value.events == [later]
    await service.undo(survey.id, later, actor=chen)
    assert await _places(survey) == after
    given_back = await service.undo(survey.id, taken, actor=chen)
    assert await _places(survey) == before
    with pytest.raises(Conflict, match="newer analysis"):
        await service.undo(survey.id, given_back, actor=chen)


async def test_theme_that_came_with_a_run_goes_with_its_undo_unless_somebody_acted_on_it(survey: SurveyView) -> None:
    chen = await actor_named("chen")
    themes = await themes_by_key(survey)
    await service.decide(themes[DOCTORS], EventKind.ACCEPT, actor=chen)
    await Theme.delete().where(Theme.key == DRILLING)  # as if the first run had not known it
    await analyse(survey)
    waiting = await differences.find_difference(survey.id)
    assert waiting is not None
    assert [theme.key for theme in waiting.new] == [DRILLING]
    taken = await answering.take(survey.id, waiting.run, DRILLING, actor=chen)
    made = (await themes_by_key(survey))[DRILLING]
    pinned = await service.decide(made, EventKind.PIN, actor=chen)

    with pytest.raises(CannotUndo) as refused:
        await service.undo(survey.id, taken, actor=chen)
    await service.undo(survey.id, pinned, actor=chen)
    undone = await service.undo(survey.id, taken, actor=chen)
    kept = (await themes_by_key(survey))[DRILLING]
    await service.undo(survey.id, undone, actor=chen)

    assert refused.value.events == [pinned]
    assert (kept.public_id, kept.people) == (made.public_id, 0)  # it has a history
    assert (await themes_by_key(survey))[DRILLING].people == made.people == 3


async def test_what_was_refused_is_not_proposed_again_and_comes_back_when_that_is_undone(survey: SurveyView) -> None:
    chen = await actor_named("chen")
    waiting = await _with_difference(survey)
    left = (await unsorted_page(survey.id)).ids
    refused = await answering.reject(survey.id, waiting.run, PARKINGS, actor=chen, why="flonk is no word")
    before = await _places(survey)

    await record(survey, [Person(need=DOCTOR)])
    await analyse(survey)
    assert await differences.find_difference(survey.id) is None
    run = await newest_run(survey.id)
    assert run is not None
    assert (run.figures["rejected"], [e.statement for e in await differences.rejected_by(run.id, refused)]) == (3, left)
    assert (await unsorted_page(survey.id)).ids == before[2]

    await lexicon.add_words([(DRILLING, "en", "gribble")], actor=chen)  # the same statements move another way
    await analyse(survey)
    other = await differences.find_difference(survey.id)
    assert other is not None
    assert [(e.statement, e.enters) for e in await differences.examples_of(other.run)] == [(s, [DRILLING, PARKINGS]) for s in left]
    [gribble] = [word.id for word in await lexicon.list_words() if word.word == "gribble"]
    await lexicon.remove_word(gribble, actor=chen)
    await analyse(survey)
    assert await differences.find_difference(survey.id) is None

    undone = await service.undo(survey.id, refused, actor=chen)
    again = await differences.find_difference(survey.id)
    assert again is not None
    assert [(theme.key, theme.comes, theme.goes) for theme in again.themes] == [(PARKINGS, 3, 0)]
    await service.undo(survey.id, undone, actor=chen)
    assert await differences.find_difference(survey.id) is None
    await service.undo(survey.id, (await list_events(survey.id))[-1].id, actor=chen)
    await answering.take(survey.id, again.run, actor=chen)
    assert set(left) <= set(await _members(survey, PARKINGS))


async def test_run_of_many_statements_is_taken_and_given_back_by_a_worker_and_can_be_stopped(
    survey: SurveyView, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (settling, differences, answering):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    chen = await actor_named("chen")
    waiting = await _with_difference(survey)
    before = await _places(survey)

    taken = await answering.take(survey.id, waiting.run, actor=chen)
    assert await answering.go_on(survey.id) == 2
    half = await _places(survey)
    await service.cancel_settling(survey.id, actor=chen)
    while await run_next("worker", JOB_KINDS):
        pass
    stopped, again = await _places(survey), await differences.find_difference(survey.id)
    await answering.take(survey.id, waiting.run, actor=chen)
    while await run_next("worker", JOB_KINDS):
        pass
    whole = await _places(survey)
    with pytest.raises(CannotUndo):  # the first taking was undone, and its run taken anew since
        await service.undo(survey.id, taken + 1, actor=chen)
    await service.undo(survey.id, (await list_events(survey.id))[-1].id, actor=chen)
    await analyse(survey)  # a run that ends before the worker has given everything back

    assert half != before
    assert (stopped, again) == (before, waiting)
    assert whole[2] == []
    assert await _places(survey) == before


async def test_difference_can_be_refused_and_loses_what_was_withdrawn_and_obeys_what_is_done_meanwhile(survey: SurveyView) -> None:
    chen = await actor_named("chen")
    receipts = await record(survey, [Person(need=GIBBERISH)])
    await analyse(survey)
    waiting = await _with_difference(survey)
    assert waiting.statements == 4
    await withdraw(receipts[0].code)
    first, second, *_ = (await unsorted_page(survey.id)).ids
    await service.move(survey.id, [first], out_of=None, to=(await themes_by_key(survey))[DRILLING], actor=chen)

    found = await differences.find_difference(survey.id)
    assert found is not None
    assert found.statements == 3
    await answering.take(survey.id, waiting.run, PARKINGS, actor=chen)
    assert first in await _members(survey, DRILLING)
    assert second in await _members(survey, PARKINGS)

    await record(survey, [Person(need="Wibble wobble")])
    await lexicon.add_words([(DRILLING, "en", "gribble")], actor=chen)
    await analyse(survey)
    again = await differences.find_difference(survey.id)
    before = await themes_by_key(survey)
    if again is not None:
        await answering.reject(survey.id, again.run, actor=chen)
    assert await themes_by_key(survey) == before
    assert await differences.find_difference(survey.id) is None


# Words


async def test_word_added_to_the_lexicon_counts_once_and_is_known_to_the_next_run(survey: SurveyView) -> None:
    chen = await actor_named("chen")

    added = [await lexicon.add_words([(PARKINGS, "en", "flonk")], actor=chen) for _ in range(2)]

    assert added == [1, 0]
    found = await analyse(survey)
    assert found[PARKINGS].people == 8
    assert "flonk" in found[PARKINGS].reasons["en"].lexicon
    [word] = await lexicon.list_words()
    assert (word.key, word.language, word.word, word.by) == (PARKINGS, "en", "flonk", "chen")
    await lexicon.remove_word(word.id, actor=chen)
    assert await lexicon.list_words() == []
    assert await LexiconWord.count() == 1
    assert (await analyse(survey))[PARKINGS].people == 5
    for key, language, text in [(PARKINGS, "en", "a*"), (PARKINGS, "xx", "a"), ("weather", "en", "a"), (PARKINGS, "en", ""), (PARKINGS, "en", "x" * 41)]:
        with pytest.raises(InputInvalid):
            await lexicon.add_words([(key, language, text)], actor=chen)
    assert await Assignment.exists()
