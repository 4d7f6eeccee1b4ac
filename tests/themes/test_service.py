"""Storing what the analysis found and what people decided, on both engines."""

import asyncio
from typing import Any

import pytest

from survey.accounts.rules import Actor, RoleKind
from survey.accounts.service import create_account
from survey.audit.tables import AuditEvent
from survey.authoring.queries import SurveyView
from survey.cli.job_kinds import JOB_KINDS
from survey.errors import InputInvalid, NotAllowed
from survey.jobs import service as jobs
from survey.jobs.kinds import ANALYSE, about_survey
from survey.jobs.states import JobState
from survey.jobs.tables import Job
from survey.jobs.worker import RunningJob, run_next
from survey.responses.corrections import correct
from survey.responses.service import withdraw
from survey.settings import Settings
from survey.statements.queries import list_statements
from survey.statements.service import prepare_statements
from survey.themes import runs
from survey.themes.queries import newest_run, theme_history, unsorted_page
from survey.themes.runs import analyse_survey, ask_for_analysis, recount_themes
from survey.themes.service import decide
from survey.themes.states import EventKind, Rename, ThemeState
from survey.themes.tables import AnalysisRun, Assignment, ReviewEvent, Theme
from tests.conftest import bundled_survey
from tests.themes.conftest import NEIGHBOURS
from tests.voices import (
    DOCTOR,
    GIBBERISH,
    NOISE,
    PARKING,
    Person,
    actor_named,
    analyse,
    no_report,
    record,
    themes_by_key,
)

DOCTORS, PLACES_TO_PARK, DRILLING = "health.doctor_language", "transport_parking.parking_space", "environment_noise.construction_noise"


async def _assigned(survey: SurveyView) -> list[tuple[str, str, str]]:
    """Every assignment as (text, theme's key, author)."""
    texts = {view.id: view.text for view in await list_statements(survey.id)}
    rows = await Assignment.select(Assignment.statement, Assignment.theme.key.as_alias("key"), Assignment.author)
    return sorted((texts[row["statement"]], row["key"], row["author"]) for row in rows)


async def _everything() -> dict[str, list[dict[str, Any]]]:
    """All that a run writes, to compare by equality."""
    return {table.__name__: await table.select().order_by(table.id) for table in (Theme, Assignment, AnalysisRun)}


async def test_analyse_stores_themes_assignments_and_figures(database: Settings) -> None:
    survey = await bundled_survey()
    await record(
        survey, [Person(need=DOCTOR), Person(need=DOCTOR), Person(need="주차할 곳이 없어요", page="ko"), Person(need=PARKING), Person(need=GIBBERISH)]
    )

    themes = await analyse(survey)

    assert {key: (t.state, t.people, t.statements, t.languages) for key, t in themes.items()} == {
        DOCTORS: (ThemeState.PROPOSED, 2, 2, {"en": 2}),
        PLACES_TO_PARK: (ThemeState.PROPOSED, 2, 2, {"en": 1, "ko": 1}),
    }
    assert themes[DOCTORS].names == {"zh-Hans": "会说我们语言的医生", "en": "Doctors who speak our language"}
    assert await _assigned(survey) == [
        (PARKING, PLACES_TO_PARK, "model"),
        (DOCTOR, DOCTORS, "model"),
        (DOCTOR, DOCTORS, "model"),
        ("주차할 곳이 없어요", PLACES_TO_PARK, "model"),
    ]
    run = await newest_run(survey.id)
    assert run is not None
    assert (await unsorted_page(survey.id)).ids == [v.id for v in await list_statements(survey.id) if v.text == GIBBERISH]
    assert run.figures == {
        "people": 5,
        "statements": 5,
        "unsorted": 1,
        "links": [],
        "languages": {"en": {"statements": 4, "unsorted": 1}, "ko": {"statements": 1, "unsorted": 0}},
    }


async def test_analyse_quotes_are_statements_of_the_theme_and_public_ones_were_allowed(database: Settings) -> None:
    survey = await bundled_survey()
    asked = [Person(need=f"{DOCTOR} {number}", may_quote=number % 2 == 0) for number in range(6)]
    await record(survey, [*asked, Person(need=PARKING), Person(need=PARKING)])

    theme = (await analyse(survey))[DOCTORS]

    texts = {view.id: view.text for view in await list_statements(survey.id)}
    allowed = {person.need for person in asked if person.may_quote}
    assert theme.quotes != []
    assert {texts[key] for key in theme.quotes} <= {person.need for person in asked}
    assert {texts[key] for key in theme.public_quotes} == allowed


async def test_analyse_counts_a_person_once_in_a_theme(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=DOCTOR, change=DOCTOR), Person(need=DOCTOR)])

    theme = (await analyse(survey))[DOCTORS]

    assert (theme.people, theme.statements) == (2, 3)


async def test_analyse_need_of_one_person_joins_the_rest_of_its_category(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=DOCTOR), Person(need=DOCTOR), Person(need=NOISE)])

    themes = await analyse(survey)

    rest = themes["environment_noise"]
    assert (rest.people, rest.is_rest) == (1, True)
    assert rest.names == {"zh-Hans": "环境噪音：其他需求", "en": "Environment and noise: other needs"}
    assert DRILLING not in themes


async def test_analyse_without_answers_stores_a_run_without_themes(database: Settings) -> None:
    survey = await bundled_survey()

    themes = await analyse(survey)

    run = await newest_run(survey.id)
    assert themes == {}
    assert run is not None
    assert (run.figures["people"], run.figures["statements"], run.figures["unsorted"]) == (0, 0, 0)


async def test_analyse_again_keeps_public_ids_and_doubles_nothing(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    first = await analyse(survey)
    assigned = await _assigned(survey)

    second = await analyse(survey)

    assert {key: theme.public_id for key, theme in second.items()} == {key: theme.public_id for key, theme in first.items()}
    assert await _assigned(survey) == assigned
    assert await AnalysisRun.count() == 2


async def test_analyse_drops_a_proposal_that_nobody_names_any_more(database: Settings) -> None:
    survey = await bundled_survey()
    receipts = await record(survey, [Person(need=PARKING), Person(need=PARKING), Person(need=DOCTOR), Person(need=DOCTOR)])
    before = await analyse(survey)
    for receipt in receipts[:2]:
        await withdraw(receipt.code)

    after = await analyse(survey)

    assert set(before) == {DOCTORS, PLACES_TO_PARK}
    assert set(after) == {DOCTORS}


async def test_analyse_two_at_once_leave_each_theme_and_assignment_once(database: Settings) -> None:
    """The worker's run and `linsheng analyse` may meet."""
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)

    await asyncio.gather(analyse_survey(survey.id, no_report), analyse_survey(survey.id, no_report))

    together = (await _assigned(survey), set(await themes_by_key(survey)))
    await analyse(survey)
    assert together == (await _assigned(survey), set(await themes_by_key(survey)))


async def test_analyse_leaves_the_themes_of_another_survey(database: Settings) -> None:
    mine, other = await bundled_survey("mine"), await bundled_survey("other")
    await record(mine, [Person(need=DOCTOR), Person(need=DOCTOR)])
    await record(other, [Person(need=PARKING), Person(need=PARKING)])
    theirs = await analyse(other)

    await analyse(mine)

    assert await themes_by_key(other) == theirs


@pytest.mark.parametrize("step", ["themes", "known needs", "store"])
async def test_analyse_cancelled_in_the_middle_leaves_the_old_state_whole(database: Settings, step: str) -> None:
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    await analyse(survey)
    before = await _everything()
    await record(survey, [Person(need=NOISE) for _ in range(5)])
    await ask_for_analysis(survey.id)

    async def analyse_until_the_step(job: RunningJob) -> None:
        async def report(done: int, total: int, message: str) -> None:
            if message == step:
                row = await jobs.newest_job(kind=ANALYSE, subject=job.subject)
                assert row is not None
                await jobs.ask_to_cancel(row["public_id"])
            await job.report(done, total, message)

        await analyse_survey(survey.id, report)

    has_run = await run_next("worker", {ANALYSE: analyse_until_the_step})

    job = await jobs.newest_job(kind=ANALYSE, subject=about_survey(survey.id))
    assert has_run
    assert job is not None
    assert (job["state"], job["message"]) == (JobState.CANCELLED, "")
    assert await _everything() == before


async def test_analyse_that_fails_while_it_stores_leaves_the_old_state_whole(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    await analyse(survey)
    before = await _everything()
    await record(survey, [Person(need=NOISE) for _ in range(5)])

    async def fail(**_: object) -> str:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(runs, "enqueue", fail)
        with pytest.raises(RuntimeError, match="the disk is full"):
            await analyse(survey)

    assert await _everything() == before
    assert (await analyse(survey))[DRILLING].people == 6


async def test_analyse_queues_the_charts_once(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    await Job.delete(force=True)

    await analyse(survey)
    await analyse(survey)

    rows = await Job.select(Job.kind, Job.subject, Job.state)
    assert rows == [{"kind": "draw_charts", "subject": about_survey(survey.id), "state": "waiting"}]


async def test_decide_is_an_event_with_who_and_when_and_shows_at_once(database: Settings) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    theme = (await analyse(survey))[DOCTORS]
    chen = await actor_named("chen")

    await decide(theme, EventKind.ACCEPT, actor=chen)
    await decide(theme, EventKind.RENAME, actor=chen, names={"zh-Hans": "  外语 \n 看病 ", "en": ""})

    rows = await ReviewEvent.select().order_by(ReviewEvent.id)
    assert [(row["theme_key"], row["kind"], row["account"], row["role"]) for row in rows] == [
        (DOCTORS, "accept", chen.account_id, "committee"),
        (DOCTORS, "rename", chen.account_id, "committee"),
    ]
    newest, oldest = [past.event for past in await theme_history(survey.id, DOCTORS)]
    assert (newest.by, newest.act) == ("chen", Rename({"zh-Hans": "外语 看病"}, {"zh-Hans": "会说我们语言的医生"}))
    assert newest.id > oldest.id
    shown = (await themes_by_key(survey))[DOCTORS]
    assert (shown.state, shown.names) == (ThemeState.ACCEPTED, {"zh-Hans": "外语 看病", "en": "Doctors who speak our language"})
    acts = await AuditEvent.select().where(AuditEvent.subject == f"theme:{DOCTORS}").order_by(AuditEvent.id)
    assert [(act["actor"], act["role"], act["action"]) for act in acts] == [
        ("chen", "committee", "theme.accept"),
        ("chen", "committee", "theme.rename"),
    ]


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["accept"], "accepted"),
        (["dismiss"], "dismissed"),
        (["accept", "dismiss"], "dismissed"),
        (["dismiss", "reopen"], "proposed"),
        (["dismiss", "reopen", "accept"], "accepted"),
    ],
)
async def test_decide_a_new_run_obeys(database: Settings, kinds: list[str], state: str) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    theme = (await analyse(survey))[DOCTORS]
    for kind in kinds:
        await decide(theme, EventKind(kind), actor=await actor_named("chen"), why="known")

    again = (await analyse(survey))[DOCTORS]

    assert (again.state, again.public_id, again.people) == (state, theme.public_id, 12)


async def test_decide_a_new_run_keeps_the_names_that_people_gave(database: Settings) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    theme = (await analyse(survey))[DOCTORS]
    await decide(theme, EventKind.RENAME, actor=await actor_named("chen"), names={"en": "Doctors for us"})

    again = (await analyse(survey))[DOCTORS]

    assert (again.state, again.names) == (ThemeState.PROPOSED, {"zh-Hans": "会说我们语言的医生", "en": "Doctors for us"})


@pytest.mark.parametrize("names", [{}, {"zh-Hans": " \t", "en": ""}, {"zh-Hans": "长" * 81}, {"zh-Hans": "好", "en": "x" * 81}])
async def test_decide_refuses_a_name_that_cannot_be_used(database: Settings, names: dict[str, str]) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    theme = (await analyse(survey))[DOCTORS]

    with pytest.raises(InputInvalid, match="1 to 80 characters"):
        await decide(theme, EventKind.RENAME, actor=await actor_named("chen"), names=names)

    assert await ReviewEvent.count() == 0
    assert (await themes_by_key(survey))[DOCTORS] == theme


async def test_decide_is_not_for_roles_without_review(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    theme = (await analyse(survey))[DOCTORS]
    partner = Actor(account_id=1, name="hotel", role=RoleKind.PARTNER, area_id=None, session_id=0)

    with pytest.raises(NotAllowed):
        await decide(theme, EventKind.ACCEPT, actor=partner)

    assert await ReviewEvent.count() == 0
    assert (await themes_by_key(survey))[DOCTORS] == theme


async def test_decide_while_a_run_computes_is_not_overwritten_by_it(database: Settings) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    await record(survey, NEIGHBOURS)
    theme = (await analyse(survey))[DOCTORS]
    chen = await actor_named("chen")

    async def accept_late(_done: int, _total: int, step: str) -> None:
        if step == "store":
            await decide(theme, EventKind.ACCEPT, actor=chen)
            await decide(theme, EventKind.RENAME, actor=chen, names={"en": "Doctors for us"})

    await analyse_survey(survey.id, accept_late)

    shown = (await themes_by_key(survey))[DOCTORS]
    assert (shown.state, shown.names["en"], shown.public_id) == (ThemeState.ACCEPTED, "Doctors for us", theme.public_id)


async def test_accepted_theme_stays_however_few_name_it(database: Settings) -> None:
    await create_account(name="chen", roles=[(RoleKind.COMMITTEE, None)])
    survey = await bundled_survey()
    receipts = await record(survey, [*(Person(need=NOISE) for _ in range(3)), *(Person(need=DOCTOR) for _ in range(3))])
    theme = (await analyse(survey))[DRILLING]
    await decide(theme, EventKind.ACCEPT, actor=await actor_named("chen"))
    await withdraw(receipts[0].code)
    await withdraw(receipts[1].code)

    one_left = (await analyse(survey))[DRILLING]
    await withdraw(receipts[2].code)
    none_left = (await analyse(survey))[DRILLING]

    assert (one_left.state, one_left.public_id, one_left.people) == (ThemeState.ACCEPTED, theme.public_id, 1)
    assert (none_left.state, none_left.public_id) == (ThemeState.ACCEPTED, theme.public_id)
    assert (none_left.people, none_left.statements, none_left.languages) == (0, 0, {})
    assert (none_left.quotes, none_left.public_quotes) == ([], [])


async def test_withdrawn_answer_leaves_its_themes_before_any_new_run(database: Settings) -> None:
    survey = await bundled_survey()
    receipts = await record(
        survey, [*(Person(need=DOCTOR) for _ in range(4)), Person(need=PARKING), Person(need=PARKING), Person(need=GIBBERISH)]
    )
    before = (await analyse(survey))[DOCTORS]
    for receipt in (receipts[0], receipts[1], receipts[6]):
        await withdraw(receipt.code)

    while await run_next("worker", JOB_KINDS):
        pass

    after = (await themes_by_key(survey))[DOCTORS]
    left = {view.id for view in await list_statements(survey.id)}
    run = await newest_run(survey.id)
    assert (before.people, after.people, after.statements, after.languages) == (4, 2, 2, {"en": 2})
    assert set(after.quotes) == set(before.quotes) & left
    assert set(after.public_quotes) == set(before.public_quotes) & left
    assert run is not None
    assert (run.figures["people"], run.figures["statements"], run.figures["unsorted"]) == (4, 4, 0)
    assert (await unsorted_page(survey.id)).ids == []
    assert len(await _assigned(survey)) == 4


async def test_recount_without_withdrawals_changes_nothing(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [*NEIGHBOURS, Person(need=f"{DOCTOR}. {PARKING}.", change="의사가 필요해요")])
    await analyse(survey)
    before = await _everything()

    await recount_themes(survey.id)

    assert await _everything() == before


async def test_recount_before_the_first_run_does_nothing(database: Settings) -> None:
    survey = await bundled_survey()

    await recount_themes(survey.id)

    assert await newest_run(survey.id) is None
    assert await themes_by_key(survey) == {}


async def test_ask_for_analysis_twice_queues_one_job(database: Settings) -> None:
    survey = await bundled_survey()

    await ask_for_analysis(survey.id)
    await ask_for_analysis(survey.id)

    assert await Job.count().where(Job.kind == ANALYSE) == 1


async def test_analyse_where_nobody_allows_quotes_has_none_for_outside(database: Settings) -> None:
    survey = await bundled_survey()
    await record(survey, [Person(need=DOCTOR, may_quote=False) for _ in range(3)])

    theme = (await analyse(survey))[DOCTORS]

    assert len(theme.quotes) == 3
    assert theme.public_quotes == []


async def test_keywords_and_languages_stand_in_the_order_of_how_many_people_wrote(database: Settings) -> None:
    survey = await bundled_survey()
    korean = [Person(need="병원에 한국어 하는 의사가 있으면 좋겠어요", page="ko") for _ in range(12)]
    english = [Person(need=DOCTOR, page="en") for _ in range(3)]
    await record(survey, [*english, *korean])

    themes = await analyse(survey)

    theme = themes["health.doctor_language"]
    assert list(theme.languages) == ["ko", "en"]
    assert list(theme.keywords) == ["ko", "en"]


async def test_answers_withdrawn_or_corrected_while_the_model_is_at_work_do_not_fail_the_run(database: Settings) -> None:
    """Their statements are gone when the run is stored."""
    survey = await bundled_survey()
    receipts = await record(survey, [*(Person(need=DOCTOR) for _ in range(4)), Person(need=PARKING), Person(need=PARKING)])
    who = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "mainland"}

    async def meanwhile(_done: int, _total: int, step: str) -> None:
        if step == "store":
            await withdraw(receipts[0].code)
            await correct(receipts[1].code, raw={**who, "need_most": PARKING}, language="en", revision=0)
            await prepare_statements(survey.id)

    await analyse_survey(survey.id, meanwhile)

    left = {view.id: view.response for view in await list_statements(survey.id)}
    assigned = await Assignment.select(Assignment.statement)
    # The corrected one is said anew, and belongs to no theme before the next run.
    assert {left[row["statement"]] for row in assigned} == {receipt.response_id for receipt in receipts[2:]}
    assert set(left.values()) == {receipt.response_id for receipt in receipts[1:]}


async def test_corrected_answer_changes_its_themes_before_any_new_run(database: Settings) -> None:
    survey = await bundled_survey()
    receipts = await record(survey, [*(Person(need=DOCTOR) for _ in range(4)), Person(need=PARKING), Person(need=PARKING)])
    before = (await analyse(survey))[DOCTORS]
    who = {"subdistrict": "wangjing", "time_in_beijing": "2_to_5_years", "origin": "mainland"}
    await correct(receipts[0].code, raw={**who, "need_most": PARKING}, language="en", revision=0)

    while await run_next("worker", JOB_KINDS):
        pass

    after = (await themes_by_key(survey))[DOCTORS]
    run = await newest_run(survey.id)
    assert (before.people, after.people, after.statements) == (4, 3, 3)
    assert run is not None
    assert (run.figures["people"], run.figures["statements"], run.figures["unsorted"]) == (6, 6, 1)
    assert set((await analyse(survey))[PLACES_TO_PARK].languages.values()) == {3}
